"""The errors of decisions."""

from app.feel import FeelError


class DmnError(FeelError):
    """A model that cannot be read, or a table whose rules contradict its hit policy; `code` names which."""

    def __init__(self, message: str, *, code: str = "dmn", element: str = "") -> None:
        self.code, self.element = code, element
        super().__init__(message)
