"""Expressions of other engines (`${a == b}`, Python): recognised, with the FEEL that was probably meant."""

import re

from app.definitions import expressions

_text = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
_foreign = re.compile(
    r"[$#]\{|==|&&|\|\||\b(?:True|False|None|lambda|import|elif)\b|\bis\s+not\b|\bis\s+None\b|'[^']*'|\blen\s*\("
    r"|__\w+__|(?<![<>=!])!(?!=)|\.get\(|\.equals\(|\bnot\s+in\b|\bnot\s+\w"
)
_wrapped = re.compile(r"\s*[$#]\{(.*)\}\s*", re.DOTALL)
_steps: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"'([^'\"]*)'", r'"\1"'),
        (r"\bis\s+not\s+None\b", "!= null"),
        (r"\bis\s+None\b", "= null"),
        (r"===?", "="),
        (r"!==", "!="),
        (r"&&", " and "),
        (r"\|\|", " or "),
        (r"\bTrue\b", "true"),
        (r"\bFalse\b", "false"),
        (r"\bNone\b", "null"),
        (r"\blen\s*\(", "count("),
        (r"(\w+)\s+not\s+in\s+(\[[^\]]*\])", r"not(\1 in \2)"),
        (r"\.get\(\s*\"(\w+)\"\s*\)", r".\1"),
        (r"\[\s*\"(\w+)\"\s*\]", r".\1"),
        (r"\.equals\(\s*([^()]*)\)", r" = \1"),
        (r"(?<![<>=!])!\s*(\([^()]*\)|[\w.]+)", r"not(\1)"),
        (r"\bnot\s+([\w.]+)(?!\s*\()", r"not(\1)"),
        (r"\s+", " "),
    )
)


def is_foreign(text: str) -> bool:
    """Tell whether an expression is written in another language than FEEL."""
    return bool(_foreign.search(_text.sub('""', text)))


def meant(text: str) -> str:
    """Give the FEEL that a foreign expression probably means; empty where none can be told."""
    wrapped = _wrapped.fullmatch(text)
    feel = wrapped[1] if wrapped else text
    for pattern, replacement in _steps:
        feel = pattern.sub(replacement, feel)
    feel = feel.strip()
    return feel if feel and not is_foreign(feel) and expressions.fault(feel) is None else ""


def way_out(text: str) -> str:
    """Give what to do about a foreign expression."""
    feel = meant(text)
    return f"Write FEEL, probably: {feel}" if feel else "Write the expression in FEEL."
