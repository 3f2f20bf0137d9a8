"""Numbers, dates and times as people type them; what could mean two things is refused, nothing is rounded.

Every reader gives the value, or raises Unreadable with the code of a message and its values.
"""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

ROME = ZoneInfo("Europe/Rome")
MAX_DIGITS = 34

_spaces = re.compile(r"[\s\u00a0\u202f']")
_one_point = re.compile(r"[+-]?([1-9][0-9]{0,2})\.([0-9]{3})")
_plain = re.compile(r"([+-]?)([0-9]*)(?:[.,]([0-9]*))?")
_grouped = re.compile(r"([+-]?)([0-9]{1,3}(?:([.,])[0-9]{3})(?:\3[0-9]{3})*)(?:(?!\3)[.,]([0-9]+))?")
_italian_date = re.compile(r"([0-9]{1,2})[/.\-]([0-9]{1,2})[/.\-]([0-9]{4})")
_iso_date = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_clock = re.compile(r"([0-9]{1,2})[:.]([0-9]{2})(?:[:.]([0-9]{2})(?:\.([0-9]{1,6}))?)?")
_offset = re.compile(r"(.+?)(Z|[+-][0-9]{2}:[0-9]{2})(?:\[[^\]]*\])?")


class Unreadable(ValueError):
    """A text that is not what the field asks for; `code` names the message, `values` fill it."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values


def read_number(text: str, decimals: int | None = None) -> Decimal:
    """Read a number as a person typed it; without a limit of decimals `1.234` could be two numbers and is refused."""
    grouped = _one_point.fullmatch(_spaces.sub("", text).replace("\u2212", "-")) if decimals is None else None
    if grouped:
        whole, part = "".join(grouped.groups()), ",".join(grouped.groups())
        raise Unreadable("point", text=text.strip(), whole=whole, part=part)
    return read_exact(text, decimals)


def read_exact(text: str, decimals: int | None = None) -> Decimal:
    """Read a number with comma or point, of which a single one is the decimal sign; `decimals` is how many are allowed."""
    typed = _spaces.sub("", text).replace("\u2212", "-")
    grouped, plain = _grouped.fullmatch(typed), _plain.fullmatch(typed)
    if plain and (plain[2] or plain[3]):
        whole, fraction = plain[2] or "0", plain[3] or ""
        sign = plain[1]
    elif grouped:
        sign, whole, fraction = grouped[1], re.sub(r"[.,]", "", grouped[2]), grouped[4] or ""
    else:
        raise Unreadable("number")
    if len(whole) + len(fraction) > MAX_DIGITS:
        raise Unreadable("digits")
    if decimals is not None and len(fraction) > decimals:
        raise _too_many(typed, whole, fraction, decimals)
    return Decimal(f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}")


def _too_many(typed: str, whole: str, fraction: str, decimals: int) -> Unreadable:
    if len(fraction) == 3 and 1 <= len(whole) <= 3 and whole != "0":  # noqa: PLR2004 - a group of thousands
        return Unreadable("thousands", text=typed, whole=f"{whole}{fraction}", part=f"{whole},{fraction}")
    return (
        Unreadable("whole") if decimals == 0 else Unreadable("decimals", most=decimals, count=len(fraction))
    )


def read_date(text: str) -> date:
    """Read a date as `2023-05-08` or `08/05/2023`."""
    iso, italian = _iso_date.fullmatch(text), _italian_date.fullmatch(text)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if italian:
            return date(int(italian[3]), int(italian[2]), int(italian[1]))
    except ValueError:
        pass
    raise Unreadable("date")


def read_time(text: str) -> time:
    """Read a time as `16:41` or `16:41:07`."""
    match = _clock.fullmatch(text)
    try:
        if match:
            micro = int((match[4] or "").ljust(6, "0"))
            return time(int(match[1]), int(match[2]), int(match[3] or 0), micro)
    except ValueError:
        pass
    raise Unreadable("time")


def read_moment(text: str) -> datetime:
    """Read date and time; without an offset it is Europe/Rome, and an hour that summer time skips is refused."""
    offset = _offset.fullmatch(text)
    aware = offset is not None and ":" in offset[1]
    body = offset[1] if aware and offset else text
    day, _, clock = body.replace("T", " ").strip().partition(" ")
    try:
        local = datetime.combine(read_date(day), read_time(clock.strip()))
    except Unreadable:
        raise Unreadable("moment") from None
    if aware and offset:
        shift = timedelta(0) if offset[2] == "Z" else _shift(offset[2])
        return _shifted(local, shift)
    moment = local.replace(tzinfo=ROME)
    if moment.astimezone(ZoneInfo("UTC")).astimezone(ROME).replace(tzinfo=None) != local:
        raise Unreadable("skipped_hour")
    return moment


def _shift(text: str) -> timedelta:
    amount = timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
    return -amount if text[0] == "-" else amount


def _shifted(local: datetime, shift: timedelta) -> datetime:
    try:
        return (local - shift).replace(tzinfo=ZoneInfo("UTC")).astimezone(ROME)
    except OverflowError:
        raise Unreadable("moment") from None


def write(value: Any, language: str = "it") -> str:
    """Give a value as a person types it into the field it came from."""
    if value is None or isinstance(value, bool):
        return "on" if value else ""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        if language == "it":
            return text.replace(".", ",")
        return (
            f"{text}0" if _one_point.fullmatch(text) else text
        )  # so that it is read back as the same number
    if isinstance(value, datetime):
        value = (value.astimezone(ROME) if value.tzinfo else value).replace(tzinfo=None)
    if isinstance(value, (datetime, time)):
        return value.isoformat(timespec="auto" if value.second or value.microsecond else "minutes")
    return value.isoformat() if isinstance(value, date) else str(value)


def show(value: Any, language: str = "it") -> str:
    """Give a value as a person reads it in a sentence: dates as 20/11/2023, lists with commas."""
    if isinstance(value, bool):
        return {"it": ("no", "sì"), "en": ("no", "yes")}["en" if language == "en" else "it"][value]
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", ",") if language == "it" else f"{value:f}"
    if isinstance(value, datetime):
        return (value.astimezone(ROME) if value.tzinfo else value).strftime("%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, (list, tuple)):
        return ", ".join(show(item, language) for item in value)
    return write(value, language)
