"""A bundle: the bytes that one definition needs, named by their content."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256


@dataclass(frozen=True)
class Bundle:
    """The files of one process: its BPMN, the BPMN it calls, DMN, forms and the manifest `process.toml`.

    `files` maps relative names (`request.bpmn`, `forms/extension.json`) to bytes. The hash is SHA-256
    over the sorted list of names and content hashes, so that equal bundles are one bundle.
    """

    process: str
    files: Mapping[str, bytes] = field(repr=False)

    @cached_property
    def hash(self) -> str:
        """The bundle's hash: 64 hexadecimal digits."""
        lines = (f"{sha256(self.files[name]).hexdigest()}  {name}\n" for name in sorted(self.files))
        return sha256("".join([f"{self.process}\n", *lines]).encode()).hexdigest()

    def named(self, suffix: str) -> dict[str, bytes]:
        """Give the files whose name ends in `suffix`, in the order of their names."""
        return {name: self.files[name] for name in sorted(self.files) if name.endswith(suffix)}
