"""Started in place of `tests.fuzz.child`: it dies of its input."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from tests.fuzz.drive import Current

if __name__ == "__main__":
    Current(Path(sys.argv[5])).set(b"deadly")
    os.kill(os.getpid(), signal.SIGKILL)
