"""Tokens into a tree, by operator precedence. The grammar is the whitelist: it has no calls,
no attributes and no subscripts, so none of these can be written."""

from __future__ import annotations

from typing import Final

from risk.engine.rules.errors import Fault
from risk.engine.rules.lexer import Token, tokens
from risk.engine.rules.names import FUNCTIONS
from risk.engine.rules.tree import (
    BINDING,
    COMPARE,
    NEGATE,
    NOT,
    Binary,
    Has,
    Literal,
    Member,
    ModelCall,
    Name,
    Node,
    Unary,
)

MAX_NESTING: Final = 32
MAX_OPERATORS: Final = 200


def parse(text: str) -> Node:
    """The tree of an expression. Raises `Fault` at the first thing that doesn't fit."""
    return _Parser(tokens(text)).whole()


class _Parser:
    def __init__(self, stream: list[Token]) -> None:
        self._tokens = stream
        self._at = 0
        self._nesting = 0
        self._operators = 0

    def whole(self) -> Node:
        if self._done():
            raise Fault(0, 1, "there is no expression here")
        node = self._expression(0)
        if not self._done():
            raise self._unexpected("an operator such as 'and' or '>' before it")
        return node

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _done(self) -> bool:
        return self._next.type == "end"

    def _take(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _expression(self, binding: int) -> Node:
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise Fault(self._next.start, self._next.end, f"nested more than {MAX_NESTING} deep")
        left = self._operand()
        while (own := self._binding()) > binding:
            self._count()
            left = self._infix(left, own)
            if own == COMPARE and self._binding() == COMPARE:
                raise Fault(
                    self._next.start,
                    self._next.end,
                    "comparisons don't chain: write a < b and b < c",
                )
        self._nesting -= 1
        return left

    def _binding(self) -> int:
        token = self._next
        if token.type != "op":
            return 0
        if token.text == "not":
            after = self._tokens[self._at + 1]
            return COMPARE if (after.type, after.text) == ("op", "in") else 0
        return BINDING.get(token.text, 0)

    def _count(self) -> None:
        self._operators += 1
        if self._operators > MAX_OPERATORS:
            raise Fault(
                self._next.start, self._next.end, f"more than {MAX_OPERATORS} operators: use a list"
            )

    def _infix(self, left: Node, own: int) -> Node:
        op = self._take()
        if op.text in ("in", "not"):
            word = "in"
            if op.text == "not":
                self._take()
                word = "not in"
            members, end = self._members()
            return Member(word, left, members, start=left.start, end=end)
        right = self._expression(own)
        return Binary(op.text, left, right, start=left.start, end=right.end)

    def _operand(self) -> Node:
        token = self._next
        if token.type == "value":
            self._take()
            return Literal(token.value, start=token.start, end=token.end)
        if token.type == "name":
            return self._name()
        if token.text == "(":
            self._take()
            inner = self._expression(0)
            self._close(")", token)
            return inner
        if token.text in ("-", "not"):
            self._take()
            self._count()
            operand = self._expression(NOT if token.text == "not" else NEGATE)
            return Unary(token.text, operand, start=token.start, end=operand.end)
        if token.text == "[":
            raise Fault(token.start, token.end, "a list stands only after 'in' or 'not in'")
        raise self._unexpected("a name, a number, a text or '('")

    def _name(self) -> Node:
        token = self._take()
        if self._next.text == "(" and self._next.type == "op":
            if token.text == "has":
                return self._has(token)
            if token.text in FUNCTIONS:
                return self._model(token)
            wrong = f"{token.text}(…): there are no functions but has(…), model(…) and anomaly(…)"
            raise Fault(token.start, self._next.end, wrong)
        if token.text == "has":
            raise Fault(token.start, token.end, "write has(ip): what it asks for in brackets")
        if self._next.text == "[" and self._next.type == "op":
            raise Fault(token.start, self._next.end, f"{token.text}[…]: names have no parts")
        return Name(token.text, start=token.start, end=token.end)

    def _has(self, word: Token) -> Node:
        """What stands behind `has`."""
        opened = self._take()
        token = self._next
        if token.type != "name":
            raise self._unexpected("the name of a field or an attribute")
        self._take()
        name = Name(token.text, start=token.start, end=token.end)
        return Has(name, start=word.start, end=self._close(")", opened))

    def _model(self, word: Token) -> Node:
        """What stands behind `model` or `anomaly`."""
        opened = self._take()
        token = self._next
        if token.type == "name":
            raise Fault(token.start, token.end, f'write {word.text}("{token.text}"), in quotes')
        if not isinstance(token.value, str) or not token.value:
            raise self._unexpected("a model's name in quotes")
        self._take()
        name = Literal(token.value, start=token.start, end=token.end)
        end = self._close(")", opened)
        return ModelCall(word.text, name, start=word.start, end=end)

    def _members(self) -> tuple[tuple[Literal, ...] | Name, int]:
        token = self._next
        if token.type == "name":
            self._take()
            return Name(token.text, start=token.start, end=token.end), token.end
        if token.text != "[":
            raise self._unexpected("a list [ … ] or the name of one")
        self._take()
        found: list[Literal] = []
        while True:
            found.append(self._member())
            if self._next.text != ",":
                break
            self._take()
        return tuple(found), self._close("]", token)

    def _member(self) -> Literal:
        minus = self._take() if self._next.text == "-" and self._next.type == "op" else None
        token = self._next
        number = isinstance(token.value, int | float) and not isinstance(token.value, bool)
        if token.type != "value" or (minus and not number):
            raise self._unexpected("a number, a text, true or false")
        self._take()
        if minus and not isinstance(token.value, str):
            return Literal(-token.value, start=minus.start, end=token.end)
        return Literal(token.value, start=token.start, end=token.end)

    def _close(self, bracket: str, opened: Token) -> int:
        if self._done():
            raise Fault(opened.start, opened.end, f"'{opened.text}' has no closing '{bracket}'")
        if self._next.text != bracket or self._next.type != "op":
            raise self._unexpected(f"'{bracket}'")
        return self._take().end

    def _unexpected(self, wanted: str) -> Fault:
        token = self._next
        if token.type == "end":
            return Fault(token.start, token.end, f"the expression ends here, but needs {wanted}")
        return Fault(token.start, token.end, f"{token.text} doesn't fit here: expected {wanted}")
