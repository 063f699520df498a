"""The text of an expression as tokens."""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

from risk.engine.rules.errors import Fault
from risk.engine.rules.names import Value

MAX_LENGTH: Final = 2_000
MAX_NUMBER: Final = 10**15

TokenType = Literal["value", "name", "op", "end"]
WORDS: Final = frozenset({"and", "or", "not", "in"})

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>[0-9]+(?:_[0-9]+)*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<op>==|!=|<=|>=|[-+*/%<>()\[\],])
    )""",
    re.VERBOSE | re.DOTALL,
)
# What other languages write, and what to write here.
_FOREIGN: Final = {
    "&&": "write 'and'",
    "||": "write 'or'",
    "<>": "write '!='",
    "**": "there are no powers: multiply",
    "//": "there is only '/', which gives a fraction",
    "=": "write '==' to compare",
    "!": "write 'not'",
    "&": "write 'and'",
    "|": "write 'or'",
    "#": "no comments in an expression: put it on a YAML line of its own, above 'when'",
    ".": "a name has no parts: fields and features stand alone",
    "{": "a list stands in [ ]",
    '"': "this text has no closing quote",
    "'": "this text has no closing quote",
}


class Token(NamedTuple):
    """One token at `start..end`; `text` is an operator, a word or a name."""

    type: TokenType
    text: str
    start: int
    end: int
    value: Value = 0


def tokens(text: str) -> list[Token]:
    """The tokens of an expression, the last of them of type `end`. Raises `Fault`."""
    if len(text) > MAX_LENGTH:
        raise Fault(0, 1, f"too long: {len(text):,} characters, at most {MAX_LENGTH:,} may be")
    found: list[Token] = []
    at = 0
    end = len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise _foreign(text, at)
        found.append(_token(match, text))
        at = match.end()
    found.append(Token("end", "", end, end))
    return found


def _token(match: re.Match[str], text: str) -> Token:
    group = match.lastgroup or ""
    word = match[group]
    start, end = match.span(group)
    pair = text[start : start + 2]
    if group == "op":
        if pair in _FOREIGN:
            raise Fault(start, start + 2, f"{pair!r}: {_FOREIGN[pair]}")
        return Token("op", word, start, end)
    if group == "number":
        return Token("value", word, start, end, _number(word, start, end, text))
    if group == "text":
        return Token("value", word, start, end, _text(word, start))
    if word in ("true", "false"):
        return Token("value", word, start, end, word == "true")
    return Token("op" if word in WORDS else "name", word, start, end)


def _number(word: str, start: int, end: int, text: str) -> int | float:
    tail = re.compile(r"[A-Za-z0-9_.]+").match(text, end)
    if tail:
        raise Fault(start, tail.end(), f"{text[start : tail.end()]!r} is not a number")
    value = int(word) if re.fullmatch(r"[0-9_]+", word) else float(word)
    if value > MAX_NUMBER:
        raise Fault(start, end, "this number is too large: at most 10^15")
    return value


def _text(word: str, start: int) -> str:
    inner = word[1:-1]
    for escape in re.finditer(r"\\(.)", inner, re.DOTALL):
        if escape[1] not in "\\'\"":
            at = start + 1 + escape.start()
            raise Fault(
                at, at + 2, f"{escape[0]!r}: a backslash only stands before a quote or itself"
            )
    if not inner.isprintable():
        raise Fault(start, start + len(word), "this text has a line break or a control character")
    return re.sub(r"\\(.)", r"\1", inner)


def _foreign(text: str, at: int) -> Fault:
    while text[at].isspace():
        at += 1
    for width in (2, 1):
        sign = text[at : at + width]
        if sign in _FOREIGN:
            return Fault(at, at + width, f"{sign!r}: {_FOREIGN[sign]}")
    return Fault(at, at + 1, f"{text[at]!r} has no meaning here")
