"""The names of types as expressions write them: `number`, `list<string>`, `context<a: date>`, `function<Any> -> Any`."""

from app.feel.cursor import Cursor
from app.feel.kinds import ANY, ContextKind, FunctionKind, Kind, ListKind, RangeKind, named

_LONG = ("years and months duration", "days and time duration", "date and time")


def type_name(cursor: Cursor) -> Kind:
    """Read a type; an unknown name is kept as a type that no value is an instance of."""
    if cursor.token.kind not in ("name", "keyword"):
        raise cursor.error("the name of a type")
    cursor.enter()
    kind = _long(cursor) or _generic(cursor)
    cursor.leave()
    return kind


def _long(cursor: Cursor) -> Kind | None:
    for name in _LONG:
        words = name.split()
        ahead = cursor.line[cursor.index : cursor.index + len(words)]
        if [token.text for token in ahead] == words:
            cursor.jump(cursor.index + len(words))
            return Kind(name)
    return None


def _generic(cursor: Cursor) -> Kind:
    word = cursor.token.text
    if cursor.line[cursor.index + 1].text != "<":
        return _plain(cursor)
    cursor.advance()
    cursor.advance()
    if word == "list":
        kind: Kind = ListKind("list", type_name(cursor))
    elif word == "range":
        kind = RangeKind("range", type_name(cursor))
    elif word == "context":
        kind = ContextKind("context", _entries(cursor))
    elif word == "function":
        return _function(cursor)
    else:
        raise cursor.error("list<, range<, context< or function<")
    cursor.expect(">")
    return kind


def _plain(cursor: Cursor) -> Kind:
    if cursor.token.kind == "keyword" and cursor.token.text not in ("function", "null"):
        raise cursor.error("the name of a type")
    if cursor.token.kind == "keyword":
        word = cursor.advance().text
        return named(word) or Kind(word)
    parts = [cursor.name()]
    while cursor.take("."):
        parts.append(cursor.name())
    name = ".".join(parts)
    return cursor.kinds(name) or Kind(name)


def _entries(cursor: Cursor) -> tuple[tuple[str, Kind], ...]:
    entries = []
    while not cursor.is_sign(">"):
        name = cursor.name_before(":")
        cursor.advance()
        entries.append((name, type_name(cursor)))
        if not cursor.take(","):
            break
    return tuple(entries)


def _function(cursor: Cursor) -> Kind:
    parameters = []
    while not cursor.is_sign(">"):
        parameters.append(type_name(cursor))
        if not cursor.take(","):
            break
    cursor.expect(">")
    result = type_name(cursor) if cursor.take("->") else ANY
    return FunctionKind("function", tuple(parameters), result)
