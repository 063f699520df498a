"""The thread that scores goes before the others of the machine.

Scoring is what limits throughput, and it is one thread. The threads that fetch, send and compile
wake up hundreds of times a second, and where each of them takes the scoring thread's core it waits
for that long, though another core may be free a moment later.
"""

from __future__ import annotations

import contextlib
import os
import threading


def favour_this_thread(niceness: int) -> None:
    """Set this thread's niceness (setpriority(2)): -20, before all others, to 19.

    Below 0 that takes CAP_SYS_NICE or an RLIMIT_NICE. If the system refuses, nothing happens.
    """
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)
