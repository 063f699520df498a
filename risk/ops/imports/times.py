"""Times to ms UTC: since the epoch, ISO 8601, or a format, in the map's zone without an offset."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from risk.ops.imports.cells import Cell, Wrong, exactly, quoted

Unclear = Literal["reject", "earlier", "later"]
UNITS: Final = {"s": 1_000_000, "ms": 1_000, "us": 1}  # in µs
_EPOCH: Final = datetime(1970, 1, 1)
_MS: Final = timedelta(milliseconds=1)
Parse = Callable[[str], datetime]


def since_epoch(unit: str) -> Callable[[Cell], int]:
    """Numbers since 1970 UTC, in one of `UNITS`; what is finer than 1 ms is cut off."""
    micros = UNITS[unit]

    def convert(cell: Cell) -> int:
        if isinstance(cell, datetime):
            return _moment(cell, None, "reject")
        if type(cell) is int:
            return cell * micros // 1_000
        whole = int(exactly(cell) * micros)  # a Decimal can't divide what has too many digits
        return whole // 1_000 if whole >= 0 else -(-whole // 1_000)

    return convert


def iso(zone: ZoneInfo | None, unclear: Unclear) -> Callable[[Cell], int]:
    """ISO 8601, and what Parquet has as a time."""
    return _by(datetime.fromisoformat, "no time in ISO 8601", zone, unclear)


def written(form: str, zone: ZoneInfo | None, unclear: Unclear) -> Callable[[Cell], int]:
    """A format in the directives of strptime, such as %d/%m/%Y %H:%M."""

    def parse(text: str) -> datetime:
        return datetime.strptime(text, form)

    # The commonest format is ISO 8601 but for its name, which is read many times faster.
    if form == "%Y-%m-%d %H:%M:%S":

        def quick(text: str) -> datetime:
            plain = len(text) == 19 and (text[4], text[7], text[10], text[13]) == (
                "-",
                "-",
                " ",
                ":",
            )
            return datetime.fromisoformat(text) if plain else parse(text)

        return _by(quick, f"not of the form {form}", zone, unclear)
    return _by(parse, f"not of the form {form}", zone, unclear)


def _by(parse: Parse, wrong: str, zone: ZoneInfo | None, unclear: Unclear) -> Callable[[Cell], int]:
    def convert(cell: Cell) -> int:
        if isinstance(cell, datetime):
            return _moment(cell, zone, unclear)
        if type(cell) is not str:
            raise Wrong(f"{quoted(cell)}: a number, where the map says a written time")
        try:
            found = parse(cell.strip())
        except ValueError:
            raise Wrong(f"{quoted(cell)}: {wrong}") from None
        return _moment(found, zone, unclear)

    return convert


def _moment(found: datetime, zone: ZoneInfo | None, unclear: Unclear) -> int:
    if found.tzinfo is not None:
        try:
            found = found.astimezone(UTC).replace(tzinfo=None)
        except OverflowError:
            raise Wrong(f"{found.isoformat()} is out of the calendar") from None
        return (found - _EPOCH) // _MS
    if zone is None:
        raise Wrong(f"{quoted(found)} has no offset from UTC: give the map a 'zone'")
    local = (found - _EPOCH) // _MS
    if zone.key == "UTC":
        return local
    first = found.replace(tzinfo=zone).utcoffset()
    second = found.replace(tzinfo=zone, fold=1).utcoffset()
    if first != second:
        if unclear == "reject":
            raise Wrong(_fold(found, zone))
        pick = max if unclear == "earlier" else min
        first = pick(first or timedelta(), second or timedelta())
    return local - (first or timedelta()) // _MS


def _fold(found: datetime, zone: ZoneInfo) -> str:
    """Why a local time isn't one moment: clocks were set back, or forward."""
    back = found.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == found
    what = "is twice" if back else "is not there"
    way = "'unclear: earlier' or 'later' in the map takes one"
    return f"{found} {what} in {zone.key}, where clocks change: {way}"


def shown(ms: int) -> str:
    """Ms UTC for a person."""
    try:
        return (_EPOCH + timedelta(milliseconds=ms)).strftime("%Y-%m-%d %H:%M:%S UTC")
    except OverflowError:
        return f"{ms} ms"
