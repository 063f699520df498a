"""The manifest of a training set: what it was made of, and by which terms."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec

from risk.engine.features.catalogue import FeatureType
from risk.engine.models.format import Input
from risk.engine.models.inputs import Offered
from risk.errors import UserError
from risk.ops.models.columns import Column
from risk.ops.models.sets.terms import Terms
from risk.ops.models.sets.weights import Control

SUFFIX = ".parquet"
FEATURE = "feature."  # so that no declared name is that of another column
Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


class Read(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was read of a topic: by partition the first offset, and the one after the last."""

    topic: str
    offsets: dict[str, tuple[int, int]]


class SetInput(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True
):
    """What the set has for models: a feature, a declared one with its digest, or a field."""

    type: FeatureType
    feature: str = ""
    digest: str = ""
    field: str = ""

    @property
    def column(self) -> Column:
        """As what trains models has it."""
        return Column(Input(self.feature, self.digest, self.field), self.type)

    @property
    def stored(self) -> str:
        """What its column in the Parquet file is called."""
        return FEATURE + self.feature if self.feature else self.field


class Counts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Payments of the set by what was said of them, and what is not in it, by the reason.

    `blocked` are those of the unlabelled that the ruleset blocked: nobody can say what they were.
    `control` are those that a control group had a part in; null without one.
    """

    rows: int
    fraud: int
    legitimate: int
    unlabelled: int
    blocked: int
    left_out: dict[str, int]
    control: Control | None = None


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All but the rows. `run` is the replay whose scores they are; empty for those of the job.

    `sha256` is that of the Parquet file, in hexadecimal digits.
    """

    format: Literal[1]
    sha256: Sha256
    ruleset: str
    ruleset_version: int
    fingerprint: Sha256
    run: str
    terms: Terms
    scores: Read
    feedback: Read
    inputs: tuple[SetInput, ...]
    counts: Counts

    @property
    def tag(self) -> str:
        """The ruleset's name and version in one word."""
        return f"{self.ruleset}:{self.ruleset_version}"

    @property
    def offered(self) -> dict[str, Offered]:
        """What a model may look at: the set's features by name."""
        return {one.feature: Offered(one.type, one.digest) for one in self.inputs if one.feature}


def beside(path: Path) -> Path:
    """Where the manifest of a set is. Raises `UserError` if the set isn't called `….parquet`."""
    if path.suffix != SUFFIX:
        raise UserError(f"{path}: a training set is called {path.stem}{SUFFIX}")
    return path.with_suffix(".json")


def encode(manifest: Manifest) -> bytes:
    """Its JSON, to be read by people, too."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def read(path: Path) -> Manifest:
    """The manifest of the set that is called so. Raises `UserError`."""
    place = beside(path)
    try:
        return msgspec.json.decode(place.read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise UserError(
            f"{place}: no such file: the manifest of {path} has to be beside it: "
            "`risk model build-set` writes both"
        ) from None
    except OSError as error:
        raise UserError(f"{place}: {error.strerror}") from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UserError(
            f"{place}: no manifest of a training set: {error}: build the set again"
        ) from None
