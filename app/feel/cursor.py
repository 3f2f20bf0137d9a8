"""The parser's place in the text: tokens, names in scope, depth, and errors that say where and what."""

import difflib
from collections.abc import Callable, Iterable

from app.feel.errors import FeelLimitExceeded, FeelSyntaxError
from app.feel.kinds import Kind, named
from app.feel.lexer import KEYWORDS, KnownNames, Token, place, tokens
from app.feel.limits import Limits
from app.feel.names import BUILTIN_NAMES

_BUILTINS = KnownNames(BUILTIN_NAMES)


class Cursor:
    """A position among the tokens of one text."""

    def __init__(
        self,
        text: str,
        names: Iterable[str] | None,
        limits: Limits,
        kinds: Callable[[str], Kind | None] = named,
    ) -> None:
        if len(text) > limits.text:
            raise FeelLimitExceeded(
                f"Expected an expression of at most {limits.text} characters, but it has {len(text)}"
            )
        self.text = text
        self.line = tokens(text)
        self.index = 0
        self.token = self.line[0]
        self.depth = 0
        self.limits = limits
        self.kinds = kinds
        self.strict = names is not None
        self.known = KnownNames(names or ())
        self.local: list[KnownNames] = []

    def advance(self) -> Token:
        """Go on by one token and give the one left behind."""
        token = self.token
        if token.kind != "end":
            self.index += 1
            self.token = self.line[self.index]
        return token

    def jump(self, index: int) -> None:
        """Go to a token by its index."""
        self.index = index
        self.token = self.line[index]

    def is_sign(self, text: str) -> bool:
        """Whether the next token is this sign or keyword (and no string that reads the same)."""
        return self.token.text == text and self.token.kind in ("sign", "keyword")

    def take(self, text: str) -> bool:
        """Go past a sign or keyword if it is next."""
        if self.is_sign(text):
            self.advance()
            return True
        return False

    def expect(self, text: str) -> None:
        """Go past a sign or keyword that must be next."""
        if not self.take(text):
            raise self.error(repr(text))

    def finish(self) -> None:
        """Make sure that nothing is left."""
        if self.token.kind != "end":
            raise self.error("an operator or the end of the expression")

    def enter(self, levels: int = 1) -> None:
        """Go deeper in the tree; the depth is limited because trees are read and walked by recursion."""
        self.depth += levels
        if self.depth > self.limits.height:
            raise FeelLimitExceeded(
                "Expected an expression less deep or with shorter chains, but it is too deep"
            )

    def leave(self, levels: int = 1) -> None:
        """Come back."""
        self.depth -= levels

    def declare(self, name: str) -> int:
        """Bring a name into scope and give the mark that `forget` goes back to."""
        mark = len(self.local)
        names = KnownNames()
        if names.add(name):
            self.local.append(names)
        return mark

    def forget(self, mark: int) -> None:
        """Leave the scope of the names declared since the mark."""
        del self.local[mark:]

    def known_name(self) -> str | None:
        """Take the longest name in scope that is made of several tokens, if one begins here."""
        for names in reversed(self.local):
            hit = names.match(self.line, self.index)
            if hit is not None:
                break
        else:
            hit = self.known.match(self.line, self.index) or self._builtin()
        if hit is None:
            return None
        self.jump(hit[1])
        return hit[0]

    def _builtin(self) -> tuple[str, int] | None:
        """A built-in with a keyword in its name (`date and time`) is meant only where it is called."""
        hit = _BUILTINS.match(self.line, self.index)
        if hit is not None and " and " in hit[0] and self.line[hit[1]].text != "(":
            return None
        return hit

    def name(self) -> str:
        """Take a name: known, plain, or words that follow one another and so can only be one name."""
        known = self.known_name()
        if known is not None:
            return known
        if self.token.kind != "name":
            raise self.error("a name")
        words = [self.advance().text]
        while self.token.kind == "name" or (self.token.kind == "number" and not self.strict):
            words.append(self.advance().text)
        return " ".join(words)

    def name_before(self, *ends: str) -> str:
        """Take a new name as written up to one of the ends: a key, a parameter, a variable of a for."""
        first, begin = self.token, self.index
        while not (self.token.kind in ("sign", "keyword") and self.token.text in ends):
            if self.token.kind in ("end", "string") or (
                self.token.kind == "sign" and self.token.text in "()[]{},:"
            ):
                raise self.error(" or ".join(repr(end) for end in ends))
            self.advance()
        if self.index == begin or first.kind not in ("name", "keyword"):
            self.jump(begin)
            raise self.error("a name")
        return " ".join(self.text[first.at : self.token.at].split())

    def named_arguments(self) -> bool:
        """Whether the arguments that begin here are given by name."""
        if self.token.kind not in ("name", "keyword"):
            return False
        for token in self.line[self.index : self.index + 12]:
            if token.text == ":" and token.kind == "sign":
                return True
            if token.kind in ("string", "end") or (token.kind == "sign" and token.text not in "-+*/.'’"):
                return False
        return False

    def after_bracket(self) -> Token:
        """Give the token after the bracket that closes the one here."""
        depth = 0
        for index in range(self.index, len(self.line)):
            token = self.line[index]
            if token.kind == "sign" and token.text in "([{":
                depth += 1
            elif token.kind == "sign" and token.text in ")]}":
                depth -= 1
                if depth == 0:
                    return self.line[index + 1]
        return self.line[-1]

    def error(self, expected: str) -> FeelSyntaxError:
        """Make the error for the token here; a word that is nearly a keyword or built-in is named as a hint."""
        token = self.token
        found = "the end of the text" if token.kind == "end" else repr(token.text[:40])
        line, column = place(self.text, token.at)
        return FeelSyntaxError(expected, found, line=line, column=column, hint=self._hint(expected))

    def _hint(self, expected: str) -> str:
        """Say what was probably meant: a keyword that one of the last words resembles, or another sign."""
        if self.is_sign("=") and self.index and self.line[self.index - 1].text == "=":
            return "equality is written with one ="
        if self.is_sign("'"):
            return 'strings have double quotation marks: "..."'
        wanted = expected.strip("'")
        if wanted in KEYWORDS:
            near = self._near([wanted], 0.5)
            return near and f"did you mean {wanted!r} for {near!r}?"
        near = self._near(KEYWORDS, 0.7)
        return near and f"is {near!r} a keyword misspelt?"

    def _near(self, keywords: Iterable[str], cutoff: float) -> str:
        for token in reversed(self.line[max(self.index - 3, 0) : self.index + 1]):
            if token.kind == "name" and difflib.get_close_matches(token.text, keywords, n=1, cutoff=cutoff):
                return token.text
        return ""
