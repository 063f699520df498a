"""A folder that no checkpoint can be written to."""

from __future__ import annotations

import time

from risk.errors import UserError
from risk.verify.chaos.plan import Action
from risk.verify.chaos.testbed import Span, Testbed


def no_checkpoints(testbed: Testbed, action: Action) -> Span:
    """The folder of checkpoints is moved away, and a file is in its place.

    Rights alone would stop nobody who is root. A job that fails meanwhile finds its last checkpoint
    only when the folder is back.
    """
    if testbed.settings.flink.checkpoint_dir:
        raise UserError("flink.checkpoint_dir: only the embedded cluster's own folder is moved")
    folder = testbed.home.path / "flink" / "checkpoints"
    aside = folder.with_name("checkpoints-aside")
    begin = time.monotonic()
    folder.rename(aside)
    try:
        folder.write_text("no checkpoint can be written here for a while\n", encoding="ascii")
        testbed.hold(action.seconds)
    finally:
        folder.unlink(missing_ok=True)
        aside.rename(folder)
    return Span(begin, time.monotonic())
