"""What an examination of a bundle says."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing a designer should know: `severity` error stops a deployment, warning does not."""

    file: str
    element: str | None
    severity: str
    code: str
    message: str
    way_out: str

    def sentence(self) -> str:
        """Give file, element, fault and way out in one line."""
        place = self.file if self.element is None else f"{self.file}, {self.element}"
        return f"{place}: {self.message}. {self.way_out}"
