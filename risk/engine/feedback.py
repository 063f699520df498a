"""Feedback: what became of a payment, as people and banks say afterwards (risk.feedback)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import blake2b
from typing import Annotated, Final, Literal, NamedTuple, get_args

import msgspec

from risk.engine.messages import Time
from risk.engine.payment import members, names
from risk.engine.payment.redaction import redact_text
from risk.engine.payment.transaction import Identifier

SCHEMA_VERSION: Final = 1

Verdict = Literal["fraud", "legitimate"]
VERDICTS: Final[tuple[Verdict, ...]] = get_args(Verdict)
# The least first: a verdict of a later one counts before those of all others, whenever it came. A
# chargeback is the bank's final word, an analyst has looked at this payment, and an import is what
# another system believed.
Source = Literal["import", "analyst", "chargeback"]
SOURCES: Final[tuple[Source, ...]] = get_args(Source)
MAX_NOTE: Final = 1_000

KEY_LENGTH: Final = 32
INTEGERS: Final = ("schema_version", "event_time", "known_at")
_PLACE: Final = re.compile(r"(.*) - at `\$\.?(.*)`", re.DOTALL)
_NO_TEXT: Final = re.compile("[\0\ud800-\udfff]")


class Feedback(
    msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True
):
    """risk.feedback, keyed by user_id: a verdict on one payment, by one source.

    `event_time` is the payment's. `known_at` is when the verdict was known, whenever it was sent;
    both in ms UTC. `by` says who says so, `note` why. Make one by `build`, which holds it to the
    rules for texts.
    """

    schema_version: Literal[1]
    event_id: Identifier
    user_id: Identifier
    event_time: Time
    verdict: Verdict
    source: Source
    known_at: Time
    by: Identifier
    note: Annotated[str, msgspec.Meta(max_length=MAX_NOTE)] = ""

    @property
    def payment(self) -> tuple[str, str, int]:
        """Which payment it is of: (event_id, user_id, event_time)."""
        return self.event_id, self.user_id, self.event_time

    @property
    def key(self) -> str:
        """32 hexadecimal digits that name what it says: the same said again has the same.

        It doesn't depend on where it stands in Kafka, so neither a file that is sent twice nor more
        partitions make two of one.
        """
        said = (*self.payment, self.verdict, self.source, self.known_at, self.by, self.note)
        return blake2b(_encoder.encode(said), digest_size=KEY_LENGTH // 2).hexdigest()


class Logged(NamedTuple):
    """Feedback as it stands in the log. `append_time` is the broker's, in ms UTC."""

    feedback: Feedback
    append_time: int
    partition: int
    offset: int

    @property
    def position(self) -> tuple[int, int, int]:
        """What orders the log: in a partition that is the order of its offsets."""
        return self.append_time, self.partition, self.offset

    @property
    def known_since(self) -> int:
        """Since when it is known here, in ms UTC: from the log alone.

        What people and banks say is known when it stands in the log, and not before; an import says
        what was known in the past.
        """
        said = self.feedback
        return said.known_at if said.source == "import" else max(said.known_at, self.append_time)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Feedback)


def build(
    payment: tuple[str, str, int],
    verdict: str,
    source: str,
    known_at: int,
    by: str,
    note: str = "",
) -> Feedback:
    """Feedback on the `payment` (event_id, user_id, event_time in ms UTC).

    Card numbers in the note are masked. Raises `ValueError`, which names the field.
    """
    values = (SCHEMA_VERSION, *payment, verdict, source, known_at, by, note)
    return _converted(dict(zip(Feedback.__struct_fields__, values, strict=True)))


def encode(said: Feedback) -> bytes:
    """The JSON bytes, fields in the order of the class."""
    return _encoder.encode(said)


def decode(raw: bytes | None, key: bytes | None) -> Feedback:
    """Decode and validate one record of risk.feedback; card numbers in its note are masked.

    Raises `ValueError`, which names the field and says what is wrong with it.
    """
    if not raw:
        raise ValueError("empty: no message")
    try:
        said = _decoded(raw)
        members.check_once(raw)
    except members.Repeated as repeated:
        raise ValueError(f"{repeated}: stands twice: send every member once") from None
    except msgspec.ValidationError as error:
        raise ValueError(_explain(error)) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from None
    said = _checked(said)
    if key != said.user_id.encode():
        raise ValueError("the Kafka key is not the user_id: publish under key = user_id")
    return said


def said_once(logged: Iterable[Logged]) -> list[Logged]:
    """A payment's history: each thing that was said, where it was said first, in the log's order.

    What is said again, word for word, says nothing new: a file that is sent a second time doesn't
    undo what corrected it since.
    """
    first: dict[str, Logged] = {}
    for one in sorted(logged, key=lambda one: one.position):
        first.setdefault(one.feedback.key, one)
    return list(first.values())


def current_verdict(logged: Iterable[Logged]) -> Logged | None:
    """What counts of a payment's feedback, in any order: the latest of the highest source.

    The latest is what was known last; of what was known at the same time, what stands last in the
    log.
    """
    return max(said_once(logged), key=_weight, default=None)


def _weight(one: Logged) -> tuple[int, int, tuple[int, int, int]]:
    return SOURCES.index(one.feedback.source), one.feedback.known_at, one.position


def _decoded(raw: bytes) -> Feedback:
    """JSON has one kind of number: an integer may be written as a fraction. Raises msgspec's."""
    try:
        return _decoder.decode(raw)
    except msgspec.ValidationError as error:
        fields = members.with_integers(raw, INTEGERS) if "`float`" in str(error) else None
        if fields is None:
            raise
        return msgspec.convert(fields, Feedback)


def _converted(fields: dict[str, object]) -> Feedback:
    try:
        return _checked(msgspec.convert(fields, Feedback))
    except msgspec.ValidationError as error:
        raise ValueError(_explain(error)) from None


def _checked(said: Feedback) -> Feedback:
    """With its note's card numbers masked. Raises `ValueError`."""
    for name in ("event_id", "user_id", "by"):
        text: str = getattr(said, name)
        if not names.are_plain(f"|{text}|") and (fault := names.fault(name, text)):
            raise ValueError(fault)
    if found := _NO_TEXT.search(said.note):
        raise ValueError(f"note: has the character U+{ord(found[0]):04X}: leave it out")
    note = redact_text(said.note)
    return said if note == said.note else msgspec.structs.replace(said, note=note)


def _explain(error: msgspec.ValidationError) -> str:
    found = _PLACE.fullmatch(str(error))
    return f"{found[2]}: {found[1]}" if found else str(error)
