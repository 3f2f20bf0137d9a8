"""One marshmallow schema for each form and language, kept by the form's hash."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields

from app.definitions.forms.answers import KINDS
from app.definitions.forms.messages import say
from app.definitions.forms.model import ANSWERS, Field, Form, valued

Errors = dict[str, list[str]]


@lru_cache(maxsize=256)
def _schema(form: "_Cached", language: str, *, strict: bool) -> Schema:
    return _build(form.fields, language, strict=strict)()


class _Cached:
    """The fields of a form as a cache key: the form's hash stands for them."""

    def __init__(self, form: Form) -> None:
        self.hash, self.fields = form.hash, form.fields

    def __hash__(self) -> int:
        return hash(self.hash)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Cached) and other.hash == self.hash


def read(form: Form, raw: Mapping[str, Any], language: str, *, strict: bool) -> tuple[dict[str, Any], Errors]:
    """Read a nested submission: give the values that could be read and the sentences for those that could not.

    With `strict` a field that the form does not have is an error, else it is ignored.
    """
    schema = _schema(_Cached(form), language, strict=strict)
    try:
        return dict(schema.load(raw)), {}
    except ValidationError as wrong:
        valid = wrong.valid_data if isinstance(wrong.valid_data, dict) else {}
        return valid, _flat(wrong.messages)


def _build(items: tuple[Field, ...], language: str, *, strict: bool) -> type[Schema]:
    tree: dict[str, Any] = {}
    for item in valued(items):
        _place(tree, item.name.split("."), item)
    return _class(tree, language, strict=strict)


def _place(tree: dict[str, Any], parts: list[str], item: Field) -> None:
    for part in parts[:-1]:
        inner = tree.setdefault(part, {})
        if not isinstance(inner, dict):
            return
        tree = inner
    tree[parts[-1]] = item


def _class(tree: dict[str, Any], language: str, *, strict: bool) -> type[Schema]:
    members: dict[str, Any] = {}
    for number, (part, item) in enumerate(tree.items()):
        field = _member(item, language, strict=strict)
        field.data_key = field.attribute = part
        members[f"f{number}"] = field
    schema = Schema.from_dict(members, name="Submission")
    schema.error_messages = {"unknown": say("unknown", language), "type": say("not_context", language)}
    schema.opts.unknown = RAISE if strict else EXCLUDE
    return schema


def _member(item: Any, language: str, *, strict: bool) -> fields.Field[Any]:
    words: dict[str, Any] = {"null": say("not_context", language), "type": say("not_context", language)}
    if isinstance(item, dict):
        inner = _class(item, language, strict=strict)
        return fields.Nested(inner, load_default=dict, error_messages=words)
    if item.type == "dynamiclist":
        row = fields.Nested(_build(item.fields, language, strict=strict), error_messages=words)
        rows: dict[str, Any] = {"null": say("not_rows", language), "invalid": say("not_rows", language)}
        return fields.List(row, load_default=list, error_messages=rows)
    if item.type in ANSWERS:
        return KINDS[item.type](item, language)
    return fields.Raw(load_default=None, allow_none=True)


def _flat(messages: Any, prefix: str = "") -> Errors:
    if isinstance(messages, Mapping):
        flat: Errors = {}
        for key, value in messages.items():
            path = prefix if key == "_schema" else f"{prefix}.{key}" if prefix else str(key)
            for name, sentences in _flat(value, path).items():
                flat.setdefault(name, []).extend(sentences)
        return flat
    return {prefix: [str(m) for m in messages] if isinstance(messages, (list, tuple)) else [str(messages)]}
