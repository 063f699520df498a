"""The logs of earlier starts of a process: some are kept, and what they take is bounded."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

KEPT = 5
TAIL_BYTES = 8 << 20  # of each; why a process ended stands at the end
OLD_S = 7 * 86_400.0


def rotate(log: Path) -> None:
    """Put a log aside as `NAME.log.1`, the newest of those kept; the others' numbers rise.

    If there are too many, the one of the shortest run goes: of a process that dies again and again,
    that is one of many alike, and not that of the long run before it, which tells the cause. The
    oldest goes only when it is more than a week old. Raises `OSError`.
    """
    if not log.exists():
        return
    with contextlib.suppress(OSError):  # on a full disk it stays as long as it is
        _cut(log)
    ended = [log, *_kept(log)]  # the newest first
    while len(ended) > KEPT:
        ended.remove(_least(ended))
    # From the oldest on, so that none is replaced by another before it has got its number.
    for number, path in reversed(list(enumerate(ended, 1))):
        path.replace(_numbered(log, number))
    for number in range(len(ended) + 1, KEPT + 2):
        _numbered(log, number).unlink(missing_ok=True)


def _kept(log: Path) -> list[Path]:
    return [path for n in range(1, KEPT + 1) if (path := _numbered(log, n)).exists()]


def _least(ended: list[Path]) -> Path:
    """The one to go. A run lasts from about the end of the one before to its own."""
    times = [path.stat().st_mtime for path in ended]
    if times[-1] < time.time() - OLD_S:
        return ended[-1]
    between = range(1, len(ended) - 1)
    return ended[min(between, key=lambda at: times[at] - times[at + 1])]


def _numbered(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")


def _cut(log: Path) -> None:
    """Keep the end of a log that is too long."""
    before = log.stat()
    if before.st_size <= TAIL_BYTES:
        return
    draft = log.with_suffix(".cut")
    try:
        with log.open("rb") as whole:
            whole.seek(-TAIL_BYTES, os.SEEK_END)
            draft.write_bytes(whole.read())
        os.utime(draft, (before.st_atime, before.st_mtime))
        draft.replace(log)
    finally:
        draft.unlink(missing_ok=True)
