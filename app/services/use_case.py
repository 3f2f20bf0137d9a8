"""A use case: one function, one transaction."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from app.services.house import House
from app.store.queries import Queries
from app.store.unit_of_work import UnitOfWork

P = ParamSpec("P")
R = TypeVar("R")


def use_case(function: Callable[Concatenate[House, UnitOfWork, P], R]) -> Callable[Concatenate[House, P], R]:
    """Open the unit of work that the decorated function writes in: committed when it returns, undone when it raises."""

    @wraps(function)
    def run(house: House, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with house.database.unit_of_work(house.clock, house.blobs) as uow:
            return function(house, uow, *args, **kwargs)

    return run


def query(function: Callable[Concatenate[House, Queries, P], R]) -> Callable[Concatenate[House, P], R]:
    """Open the reader that the decorated function asks."""

    @wraps(function)
    def run(house: House, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with house.database.reader() as reader:
            return function(house, reader, *args, **kwargs)

    return run
