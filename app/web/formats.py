"""How dates, instants and sizes are written on a page: Italian civil time, digits everywhere alike."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import gettext as _
from markupsafe import Markup

from app.feel.values import Sealed
from app.web.languages import spoken

rome = ZoneInfo("Europe/Rome")
thousand = 1000
ten_thousand = 10_000


def local(value: datetime) -> datetime:
    """Give an instant as the civil time of Europe/Rome; an instant without a zone is UTC."""
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(rome)


def day(value: date | None) -> str:
    """Write a date as 20/11/2023."""
    if value is None:
        return ""
    return f"{local(value) if isinstance(value, datetime) else value:%d/%m/%Y}"


def moment(value: datetime | None) -> str:
    """Write an instant as 20/11/2023 10:42."""
    return "" if value is None else f"{local(value):%d/%m/%Y %H:%M}"


def instant(value: datetime | None) -> str:
    """Write an instant to the second, 20/11/2023 10:42:07: for terms and protocol numbers."""
    return "" if value is None else f"{local(value):%d/%m/%Y %H:%M:%S}"


def clock(value: datetime | None, form: str = "moment") -> Markup:
    """Write an instant as a `time` element that a machine can read as well."""
    if value is None:
        return Markup("")
    text = {"day": day, "moment": moment, "instant": instant}[form](value)
    return Markup('<time datetime="{}">{}</time>').format(local(value).isoformat(timespec="seconds"), text)


def plain(value: object) -> str:
    """Write a single value for people: yes and no, a decimal comma, dates as everywhere; a sealed value is not shown."""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", ",") if spoken() == "it" else f"{value:f}"
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return day(value)
    return str(_("protected") if isinstance(value, Sealed) else value)


def grouped(value: object) -> str:
    """Write a single value for people, a number of five digits or more in groups of three: 600.000."""
    if isinstance(value, bool) or not isinstance(value, Decimal) or abs(value) < ten_thousand:
        return plain(value)
    text = f"{value:,f}"
    return text.translate(str.maketrans(",.", ".,")) if spoken() == "it" else text


def size(octets: int) -> str:
    """Write a number of bytes as people read it: 1,4 MB."""
    amount = float(octets)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < thousand or unit == "GB":
            break
        amount /= thousand
    return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}".replace(".", ",")


def install(site: Flask) -> None:
    """Make the formats filters of the templates."""
    for format_ in (day, moment, instant, clock, size, plain, grouped):
        site.add_template_filter(format_)
