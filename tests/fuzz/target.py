"""What is fuzzed: a function of bytes, and what helps to get deep into it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple

CORPUS: Final = Path(__file__).parent / "corpus"
MARK: Final = b"==="  # begins the line between the files of an input: `=== name`

Shape = Literal["json", "yaml", "text"]


class Target(NamedTuple):
    """`once` takes an input; what it returns, if anything, tells ways to end apart. It may raise
    what is in `allowed`, which is its contract, and nothing else; whatever else it finds wrong it
    raises as `AssertionError`.

    `seeds` are inputs that are right, `words` what its grammar is made of, and `shape` how a tree
    is read from an input and written again. An input has up to `most` bytes.
    """

    name: str
    once: Callable[[bytes], object]
    allowed: tuple[type[BaseException], ...]
    seeds: Sequence[bytes]
    words: Sequence[str] = ()
    shape: Shape = "text"
    most: int = 20_000

    @property
    def folder(self) -> Path:
        """Where its corpus is."""
        return CORPUS / self.name

    def corpus(self) -> list[bytes]:
        """The inputs that are kept, by the names of their files."""
        return [path.read_bytes() for path in sorted(self.folder.glob("*"))]


def parts(data: bytes, first: str = "") -> dict[str, bytes]:
    """The files of an input, each behind a line `=== name`; what stands before is `first`."""
    found: dict[str, bytes] = {}
    name, lines = first, list[bytes]()
    for line in data.split(b"\n"):
        if line.startswith(MARK):
            if lines or name != first:
                found[name] = b"\n".join(lines)
            name, lines = line[len(MARK) :].strip().decode("utf-8", "replace"), []
        else:
            lines.append(line)
    found[name] = b"\n".join(lines)
    return found


def joined(files: dict[str, str]) -> bytes:
    """The input that `parts` takes apart again."""
    return "\n".join(f"=== {name}\n{text}" for name, text in files.items()).encode()


def as_file(data: bytes) -> str:
    """As the text of a file, of which it is known that it is UTF-8: else it isn't read at all."""
    return data.decode("utf-8", "replace")


def as_argument(data: bytes) -> str:
    """As the text of an argument or a variable, in which other bytes are halves of pairs."""
    return data.decode("utf-8", "surrogateescape")
