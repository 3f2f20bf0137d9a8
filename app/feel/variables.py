"""The caller's variables, taken over one by one as an expression reads them."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from app.feel import library
from app.feel.limits import Run
from app.feel.values import SIMPLE, Function, normalise

MOST_NAMES = 200
"""Names of the caller that a misspelt one is compared with."""


@dataclass(slots=True)
class Variables:
    """What names mean that an expression does not define itself; `values` holds what was read before."""

    context: Mapping[str, Any]
    values: dict[str, Any] = field(default_factory=dict)

    def lookup(self, run: Run, name: str) -> Any:
        """Read a name for the first time: a variable, else a built-in function, else null with a warning."""
        if name in self.context:
            value = self.context[name]
            if type(value) not in SIMPLE:
                value = normalise(value)
                run.measure(value)
        else:
            value = library.as_value(name)
            if value is None:
                run.absent(f"there is no variable {name!r}{self._meant(name)}")
        self.values[name] = value
        return value

    def _meant(self, name: str) -> str:
        """Name the variable that a misspelt one resembles."""
        near = difflib.get_close_matches(name, list(islice(self.context, MOST_NAMES)), n=1, cutoff=0.75)
        return f" (did you mean {near[0]!r}?)" if near else ""

    def own_function(self, run: Run, name: str) -> Function | None:
        """Give the caller's function of the name of a built-in, if there is one."""
        if name not in self.context:
            return None
        own = self.values[name] if name in self.values else self.lookup(run, name)
        return own if type(own) is Function else None
