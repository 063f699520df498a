"""The file of a model, `models/<name>.json`: its form, and what is too large.

Numbers are whole. A threshold is in the unit of its input, and a value of a node is one of the
margin times 2^32.
"""

from __future__ import annotations

import json
from typing import Annotated, Final, Literal

import msgspec

from risk.engine.messages import MAX_MODEL_SCORE

FORMAT: Final = 1
SCALE_BITS: Final = 32  # of a margin: 1.0 is 2^32


MAX_CHARACTERS: Final = 4_000_000  # of a file
MAX_TREES: Final = 2_000
MAX_NODES: Final = 100_000  # of all trees
MAX_DEPTH: Final = 64
MAX_INPUTS: Final = 128
MAX_MARGINS: Final = 10_000  # of a calibration
# So that no sum of so many trees, nor a contribution along so deep a path, leaves 64 bits.
MAX_VALUE: Final = 2**44

Kind = Literal["boosting", "forest", "isolation"]
Whole = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
Score = Annotated[int, msgspec.Meta(ge=0, le=MAX_MODEL_SCORE)]
# An inner node is [input, threshold, left, right, value], a leaf [value].
Node = tuple[Whole, ...]
Trees = tuple[tuple[Node, ...], ...]


class Malformed(ValueError):
    """A file that is no model: where in it, such as `trees[3][5]`, and what is wrong there."""

    def __init__(self, field: str, message: str, byte: int = 0) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.byte = byte


class Input(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a model looks at: a feature, or a number that follows from a field of the payment.

    A declared feature has the digest of its declaration: under another one the name means something
    else than what the model was trained on. The catalogue's never change what they mean.
    """

    feature: str = ""
    digest: str = ""
    field: str = ""

    @property
    def name(self) -> str:
        """What it is called, as in rules."""
        return self.feature or self.field


class Calibration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From a margin to a score: `scores[i]`, where `i` of the `margins` are at or below it."""

    margins: tuple[Whole, ...]
    scores: tuple[Score, ...]


class ModelFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model as its file has it.

    `base` is added to what the trees say. `about` is for people: where it comes from.
    """

    format: Literal[1]
    name: str
    kind: Kind
    inputs: tuple[Input, ...]
    trees: Trees
    calibration: Calibration
    base: Whole = 0
    about: str = ""


_decode = msgspec.json.Decoder(ModelFile).decode
_AT = " - at `$"
_BYTE = " (byte "


def decode(text: str) -> ModelFile:
    """The model in a text, of the right form; `structure.faults` says whether it holds together.

    Raises `Malformed`.
    """
    if len(text) > MAX_CHARACTERS:
        raise Malformed("", f"{len(text):,} characters: at most {MAX_CHARACTERS:,}")
    try:
        return _decode(text.encode())
    except UnicodeEncodeError:
        raise Malformed("", "half of a surrogate pair, which is no text") from None
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(_AT)
        field = place.removesuffix("`").removeprefix(".")
        raise Malformed(field, message[:1].lower() + message[1:]) from None
    except (msgspec.DecodeError, RecursionError) as error:
        message, _, place = str(error).partition(_BYTE)
        byte = int(place.removesuffix(")")) if place else len(text.encode())
        raise Malformed(
            "", f"not JSON: {message.removeprefix('JSON is malformed: ')}", byte
        ) from None


def encode(file: ModelFile) -> str:
    """The file's text: one line a tree, so that what changed can be seen."""
    found = msgspec.to_builtins(file)
    trees = found.pop("trees")
    head = {name: found[name] for name in found}
    lines = json.dumps(head, indent=1, ensure_ascii=False).removesuffix("\n}")
    rows = ",\n  ".join(json.dumps(tree, separators=(",", ":")) for tree in trees)
    return f'{lines},\n "trees": [\n  {rows}\n ]\n}}\n'
