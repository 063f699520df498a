"""Inputs made of others: seeded, and aware of what a target's inputs are made of."""

from __future__ import annotations

import json
import random
import string
from collections.abc import Sequence
from typing import Any, Final

import yaml

from tests.fuzz.target import MARK, Target
from tests.fuzz.trees import mutated_tree

STEPS: Final = (1, 1, 1, 1, 2, 2, 3, 6)
_FLIPS: Final = b"\x00\xff\xfe\xef\xbb\xbf\x1f\x8b\xed\xa0\x80\\\"'{}[]:,-+.eE\n\r\t #&*!|>%@`"
PIECES: Final = (
    *("0", "-0", "1e999", "-1", "1.0", "1e400", "9" * 40, "18446744073709551616", "0x10", "0.1e-7"),
    *("9223372036854775807", "-9223372036854775808", "9007199254740993", "NaN", "Infinity", "null"),
    *(
        "true",
        "~",
        "\0",
        "\\u0000",
        "\\ud800",
        "\\udc00",
        "\\U00110000",
        "\ufeff",
        "\u2028",
        "\x85",
    ),
    *("\u0130", "\u202e", "e\u0301", "\U0001f600", "٣", "²", "[[[[", "{{{{", '"', "'", "\\", "\r"),
    *("<<: *a", "&a", "*a", "!!python/object:os.system", "!<tag:yaml.org,2002:int>", "? ", "- - -"),
    *(
        "2025-03-01T00:00:00+99:99",
        "%00",
        "%",
        "${HOME}",
        "../../etc/passwd",
        "4111 1111 1111 1111",
    ),
    *("::ffff:192.0.2.1", "fe80::1%eth0", "=== ruleset.yaml", "---", "...", "%YAML 9.9", "\t"),
)


class Mutator:
    """Makes inputs for a target. The same seed makes the same ones of the same pool."""

    def __init__(self, target: Target, seed: int) -> None:
        self._target = target
        self._random = random.Random(f"{target.name}/{seed}")
        self._words = tuple(target.words) + PIECES

    def next(self, pool: Sequence[bytes]) -> bytes:
        """One more input, mostly made of one or two of the pool's."""
        draw = self._random
        # The shorter of two: short ones are quick, and more of what is changed in them counts.
        data = min((draw.choice(pool), draw.choice(pool)), key=len) if pool else b""
        if self._target.shape != "text" and draw.random() < 0.5:
            data = self._by_tree(data)
            if draw.random() < 0.7:
                return data[: self._target.most]
        for _ in range(draw.choice(STEPS)):
            data = self._step(data, pool)
        return data[: self._target.most]

    def again(self, data: bytes, seed: int) -> bytes:
        """An input made of this one, for whoever leads by coverage and has a pool of its own."""
        self._random.seed(seed)
        return self.next([data])

    def _step(self, data: bytes, pool: Sequence[bytes]) -> bytes:
        draw = self._random
        start = draw.randint(0, len(data))
        end = min(len(data), start + draw.choice((0, 1, 1, 2, 4, 8, 32, 200)))
        what = draw.randrange(10)
        if what == 0:
            new = bytes(draw.choice(_FLIPS) for _ in range(draw.randint(1, 3)))
        elif what == 1:
            new = draw.randbytes(draw.randint(1, 8))
        elif what in (2, 3, 4):
            new = _encoded(draw.choice(self._words))
            if draw.random() < 0.3:
                new = b" " + new + b" "
        elif what == 5:
            new = data[start:end] * draw.choice((2, 2, 3, 10, 100, 1_000))
        elif what == 6:
            other = draw.choice(pool) if pool else data
            at = draw.randint(0, len(other))
            new = other[at : at + draw.choice((4, 16, 64, 1_000))]
        elif what == 7:
            return self._by_lines(data)
        elif what == 8:
            start, end = self._word(data, start)
            new = _encoded(draw.choice(self._words))
        else:
            new = b""
        return data[:start] + new + data[end:]

    def _word(self, data: bytes, at: int) -> tuple[int, int]:
        """The bounds of the word around a place."""
        start = end = at
        while start > 0 and chr(data[start - 1]) in _WORD:
            start -= 1
        while end < len(data) and chr(data[end]) in _WORD:
            end += 1
        return start, end

    def _by_lines(self, data: bytes) -> bytes:
        draw = self._random
        lines = data.split(b"\n")
        at, other = draw.randrange(len(lines)), draw.randrange(len(lines))
        what = draw.randrange(4)
        if what == 0:
            lines[at], lines[other] = lines[other], lines[at]
        elif what == 1:
            lines.insert(at, lines[other])
        elif what == 2:
            lines[at] = b" " * draw.choice((1, 2, 4, 8)) + lines[at]
        else:
            del lines[at]
        return b"\n".join(lines)

    def _by_tree(self, data: bytes) -> bytes:
        """One of its files read as a tree, changed there, and written again."""
        draw = self._random
        pieces = data.split(b"\n" + MARK)
        at = draw.randrange(len(pieces))
        head, piece = (b"", pieces[at]) if at == 0 and not data.startswith(MARK) else (
            pieces[at].split(b"\n", 1)[0] + b"\n", pieces[at].partition(b"\n")[2]
        )  # fmt: skip
        try:
            if self._target.shape == "json":
                tree = json.loads(piece)
            else:
                tree = yaml.load(piece, Loader=_Loader)
        except _NO_TREE:
            return data
        try:
            tree = mutated_tree(tree, draw, self._words)
            pieces[at] = head + self._written(tree)
        except (ValueError, RecursionError, TypeError):
            return data
        return (b"\n" + MARK).join(pieces)

    def _written(self, tree: Any) -> bytes:
        if self._target.shape == "yaml" and self._random.random() < 0.5:
            text = yaml.dump(tree, Dumper=_Dumper, allow_unicode=True, sort_keys=False)
        else:
            text = json.dumps(tree, ensure_ascii=self._random.random() < 0.5)
        return _encoded(text)


_WORD: Final = frozenset(string.ascii_letters + string.digits + "_.")
# What PyYAML and json raise of hostile texts, such as of an empty `!!int`.
_NO_TREE: Final = (
    *(ValueError, LookupError, AttributeError, TypeError),
    *(RecursionError, yaml.YAMLError),
)
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
