"""Writes a batch, and tries a bounded number of times again what its store is in doubt about."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from risk.config.settings import Delivery
from risk.engine.delivery import Writer, Written
from risk.engine.refusals import given_up, merged


def write(sink: Writer[Any], batch: Sequence[Any], how: Delivery) -> Written:
    """What came of the batch, with nothing in doubt any more. Raises `Unavailable`.

    A message is in doubt if the store failed on it in a way that may pass, while it answers for
    others. After `delivery.doubtful_tries` it is refused: alone, as the others were written with
    the first try.
    """
    written = sink.write(batch)
    wait = how.retry_min_ms / 1000
    for _ in range(how.doubtful_tries - 1):
        if not written.doubtful:
            break
        time.sleep(wait)
        wait = min(2 * wait, how.retry_max_ms / 1000)
        at = [one.at for one in written.doubtful]
        written = merged(written, sink.write([batch[one] for one in at]), at)
    return given_up(written)
