# mypy: disable-error-code="func-returns-value"
"""Functions over contexts (DMN 1.5, 10.3.4.11)."""

from typing import Any

from app.feel.library.registry import builtin
from app.feel.limits import Run


@builtin("get value", "any", "any")
def get_value(run: Run, found: Any, key: Any) -> Any:
    """Read an entry by its key, or by a list of keys from the outside in."""
    keys = key if type(key) is list else [key]
    if type(found) is not dict or not all(type(one) is str for one in keys) or not keys:
        return run.warn("get value takes a context and a key")
    for one in keys:
        if type(found) is not dict or one not in found:
            return run.absent(f"the context has no entry {one!r}")
        found = found[one]
    return found


@builtin("get entries", "context")
def get_entries(run: Run, found: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the entries as a list of contexts of key and value."""
    run.counted(len(found))
    return [{"key": key, "value": value} for key, value in found.items()]


@builtin("context", "list")
def context(run: Run, entries: list[Any]) -> dict[str, Any] | None:
    """Make a context of a list of keys and values, each key once."""
    made: dict[str, Any] = {}
    run.counted(len(entries))
    for entry in entries:
        if type(entry) is not dict or type(entry.get("key")) is not str or "value" not in entry:
            return run.warn("context takes entries of key and value")
        if entry["key"] in made:
            return run.warn(f"context takes each key once, but has {entry['key']!r} twice")
        made[entry["key"]] = entry["value"]
    return made


@builtin("context put", "context", "any", "any")
def context_put(run: Run, found: dict[str, Any], key: Any, value: Any) -> dict[str, Any] | None:
    """Give a context with an entry set, by its key or by a list of keys from the outside in."""
    keys = key if type(key) is list else [key]
    if not keys or not all(type(one) is str for one in keys) or len(keys) > run.limits.nesting:
        return run.warn("context put takes a key, or a list of keys")
    return _put(run, found, keys, value)


def _put(run: Run, found: dict[str, Any], keys: list[str], value: Any) -> dict[str, Any] | None:
    run.counted(len(found) + 1)
    first, *others = keys
    if not others:
        return {**found, first: value}
    inner = found.get(first)
    if type(inner) is not dict:
        return run.warn(f"the context has no context {first!r} to put something into")
    changed = _put(run, inner, others, value)
    return None if changed is None else {**found, first: changed}


@builtin("context merge", "list")
def context_merge(run: Run, contexts: list[Any]) -> dict[str, Any] | None:
    """Give one context of several; a later entry replaces an earlier one of the same key."""
    merged: dict[str, Any] = {}
    for one in contexts:
        if type(one) is not dict:
            return run.warn("context merge takes contexts")
        run.counted(len(one))
        merged.update(one)
    return merged
