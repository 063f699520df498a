"""A record that a stage or a rule fails on is found and left out; all others are taken.

Stages change what they hold as they go, so after a failure nothing that they hold can be trusted:
all of it is loaded again, as it was after the last batch. Then the entries are taken one by one,
and the one that fails alone, too, is the cause.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, Generic, TypeVar

from risk.engine.stages.base import Raw
from risk.engine.stages.parcel import Parcel

MOST_IN_A_ROW: Final = 100  # if more fail, it isn't the records that something is wrong with
NOWHERE: Final = -1  # a frontier that holds nothing, and is behind each that was told

Entry = TypeVar("Entry")
Output = TypeVar("Output")


class Guard(Generic[Entry, Output]):
    """`attempt` takes a batch, `reload` loads what the stages hold again.

    `apart` takes a batch to pieces; `condemned` says what is to be taken instead of a piece that
    has failed, and is told why.
    """

    def __init__(
        self,
        attempt: Callable[[Sequence[Entry]], Output],
        reload: Callable[[], object],
        apart: Callable[[Sequence[Entry]], Iterable[Entry]],
        condemned: Callable[[Entry, Exception], Entry],
    ) -> None:
        self._attempt, self._reload = attempt, reload
        self._apart, self._condemned = apart, condemned
        self._in_a_row = 0

    def take(self, entries: Sequence[Entry]) -> Iterator[tuple[Sequence[Entry], Output]]:
        """Each portion of the batch, mostly all of it, and what comes of it.

        What the stages hold has to be written before the next portion is asked for. Raises what
        the stages raise where no entry is to blame: without any, or with each.
        """
        try:
            output = self._attempt(entries)
        except MemoryError:
            raise
        except Exception:
            self._reload()
        else:
            self._in_a_row = 0
            yield entries, output
            return
        yield [], self._attempt([])
        for entry in self._apart(entries):
            portion = [entry]
            try:
                output = self._attempt(portion)
            except MemoryError:
                raise
            except Exception as error:
                self._in_a_row += 1
                if self._in_a_row > MOST_IN_A_ROW:
                    raise
                self._reload()
                portion = [self._condemned(entry, error)]
                output = self._attempt(portion)
            else:
                self._in_a_row = 0
            yield portion, output


def one_by_one(records: Sequence[Raw]) -> Iterable[Raw]:
    """Records are pieces already."""
    return records


def pieces(parcels: Sequence[Parcel]) -> Iterator[Parcel]:
    """Parcels of one event or one correction each; a sender's frontier comes after all it sent."""
    for parcel in parcels:
        for item in parcel.items:
            yield Parcel(parcel.sender, NOWHERE, False, [item], [])
        for correction in parcel.corrections:
            yield Parcel(parcel.sender, NOWHERE, False, [], [correction])
        last = Parcel(parcel.sender, parcel.frontier, parcel.settle_all, [], [])
        last.all_settled = parcel.all_settled
        yield last


# What the parts of a stage count since the job began, and doesn't come back with what they hold.
COUNTS: Final = (
    ("ingest", "records"),
    ("ingest", "undeclared"),
    ("ingest", "over_limit"),
    *((stage, name) for stage in ("ingest", "user") for name in ("duplicates", "conflicts")),
    *((stage, "behind_frontier") for stage in ("user", "ip", "device", "declared")),
    ("decide", "corrections"),
)


def counts(part: Any) -> list[int]:
    """What was counted; 0 for what the part doesn't have."""
    return [getattr(getattr(part, stage, None), name, 0) for stage, name in COUNTS]


def go_on_counting(part: Any, counted: Sequence[int]) -> None:
    """Let a part that was loaded again count on from there."""
    for (stage, name), value in zip(COUNTS, counted, strict=True):
        if hasattr(part, stage):
            setattr(getattr(part, stage), name, value)
