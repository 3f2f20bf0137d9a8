"""Legal terms: how days are counted, and which days are holidays (c.c. art. 2963, c.p.c. art. 155)."""

from datetime import date, datetime, time, timedelta

from handlers.canonical import ROME

SUNDAY = 6
FIXED = (
    ((1, 1), 1946),
    ((1, 6), 1986),
    ((4, 25), 1949),
    ((5, 1), 1949),
    ((6, 2), 2001),
    ((8, 15), 1946),
    ((10, 4), 2026),
    ((11, 1), 1946),
    ((12, 8), 1946),
    ((12, 25), 1946),
    ((12, 26), 1949),
)
"""National holidays as (month, day) and the first year that keeps them; 4 October comes back in 2026."""


def easter(year: int) -> date:
    """Give Easter Sunday in the Gregorian calendar (Meeus, Jones and Butcher)."""
    golden, century, rest = year % 19, year // 100, year % 100
    skipped = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - skipped + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def is_holiday(day: date) -> bool:
    """Tell whether a day is a Sunday or a national holiday; Saturday is neither."""
    fixed = any((day.month, day.day) == date_ and day.year >= since for date_, since in FIXED)
    return day.weekday() == SUNDAY or fixed or day == easter(day.year) + timedelta(days=1)


def nominal(dies_a_quo: date, days: int) -> date:
    """Give the last day of a term: the first day is not counted, the last one is."""
    return dies_a_quo + timedelta(days=days)


def effective(last: date) -> date:
    """Give the first day from `last` on that is no holiday."""
    while is_holiday(last):
        last += timedelta(days=1)
    return last


def end_of(day: date) -> datetime:
    """Give the last second of a day in Italy: a term lasts until then."""
    return datetime.combine(day, time(23, 59, 59), ROME)
