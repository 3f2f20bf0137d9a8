"""Handlers that fail when a story asks: an outside system that is down for a while."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from app.domain.errors import HandlerError
from app.handling import Handler, Registry


class Faults(Registry):
    """The registered handlers; the next calls of a chosen one fail with a business error."""

    def __init__(self, registry: Registry) -> None:
        super().__init__()
        self._waiting: dict[str, list[str]] = {}
        for name in registry.names():
            self.add(registry.get(name))

    def plan(self, name: str, code: str, times: int) -> None:
        """Let the next `times` calls of a handler fail with the error `code`."""
        super().get(name)
        self._waiting[name] = [code] * times

    def get(self, name: str) -> Handler:
        """Give the handler of a name, which fails first where a fault is planned."""
        handler = super().get(name)
        return (
            replace(handler, function=self._failing(name, handler.function))
            if name in self._waiting
            else handler
        )

    def _failing(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def call(**given: Any) -> Any:
            if self._waiting[name]:
                code = self._waiting[name].pop()
                raise HandlerError(code, f"Expected {name} to answer, but the story makes it fail.")
            return function(**given)

        return call
