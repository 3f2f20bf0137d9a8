"""Timers: a row that is due on the house clock fires exactly once, never early."""

from app.domain.actors import system
from app.domain.events import TimerFired
from app.services.course import Course
from app.services.house import House
from app.services.use_case import use_case
from app.store.unit_of_work import UnitOfWork


@use_case
def fire(house: House, uow: UnitOfWork, case_id: str, number: int) -> bool:
    """Fire a timer that is due; False if it fired before, was cancelled, or is not due yet."""
    case = uow.lock_case(case_id)
    timer = uow.timer(case_id, number)
    if timer is None or timer.due > uow.now:
        return False
    course = Course(house, uow, case, system.id)
    course.feed(timer.instance, TimerFired(number))
    course.settle()
    return True
