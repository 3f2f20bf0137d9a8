"""The way from the board of a form to the page of a message, and back."""

from typing import Any

from flask import request, url_for

from app.services import tasks
from app.web.boards import asked_for, is_place

_names = ("task", "section", "at")


def given() -> dict[str, Any]:
    """Give the way back that this request's address names; what is none is left out."""
    found = {name: request.args[name] for name in _names if request.args.get(name)}
    number = found.get("task", "")
    if not (number.isdecimal() and number.isascii() and len(number) <= tasks.widest_number):
        return {}
    return {name: text for name, text in found.items() if name == "task" or is_place(text)}


def address(case_id: str) -> str:
    """Give the address of the form to go back to, empty where there is none."""
    way = given()
    if not way:
        return ""
    section = way.get("section")
    there = url_for("tasks.show", case_id=case_id, number=int(way["task"]), section=section)
    return f"{there}#{way['at']}" if "at" in way else there


def to_message(case_id: str, number: int, section: str | None, target: str) -> str:
    """Give the address of the message that a button of a task's board asked for; the task's own where it named none."""
    wanted = asked_for(target)
    if not wanted.get("name"):
        return url_for("tasks.show", case_id=case_id, number=number, section=section)
    way: dict[str, Any] = {"task": number, "section": section or None, "at": wanted.get("at") or None}
    return url_for("messages.ask", case_id=case_id, name=wanted["name"], key=wanted.get("key"), **way)
