"""The errors of FEEL: a root of its own, mapped to the house's errors by those who call."""


class FeelError(Exception):
    """An expression, a decision or a value that FEEL refuses."""


class FeelValueError(FeelError):
    """A value from outside that FEEL does not know (a float, an object of Python, a number without a value)."""


class FeelSyntaxError(FeelError):
    """A text that is not FEEL: `line` and `column` count from 1; `expected` and `found` say what broke."""

    def __init__(self, expected: str, found: str, *, line: int, column: int, hint: str = "") -> None:
        self.expected, self.found, self.line, self.column, self.hint = expected, found, line, column, hint
        ending = f" ({hint})" if hint else ""
        super().__init__(f"Expected {expected}, but found {found} at line {line}, column {column}{ending}")


class FeelLimitExceeded(FeelError):
    """An expression asked for more steps, depth or size than its limits give."""


class FeelClockMissing(FeelError):
    """An expression asked for now() or today(), but its caller gave no instant."""
