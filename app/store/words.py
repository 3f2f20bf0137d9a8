"""Text search by words, the last one by its beginning, without regard to case and accents."""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
MOST_WORDS = 12
"""Words beyond these narrow nothing that a person would notice."""


def word_query(text: str) -> str:
    """Give the tsquery that finds every word of `text`; empty where there is no word.

    The last word may be unfinished. The others are taken whole: the beginning of a frequent word would make the index
    gather every row that has it.
    """
    bare = unicodedata.normalize("NFKD", text)
    folded = "".join(letter for letter in bare if not unicodedata.combining(letter)).lower()
    words = [word[:100] for word in _WORD.findall(folded)[:MOST_WORDS]]
    return f"{' & '.join(words)}:*" if words else ""
