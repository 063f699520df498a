"""What an interpreter of Flink's does first: it leaves out what PyFlink imports and no job needs.

PyFlink takes its coders from Beam, whose package imports all of its I/O and runners on the way, and
pandas. That is 2 of the 3 s of processor time until an interpreter can run a job, for each
TaskManager anew: after a kill, when payments wait for it; and as much for each client that submits
one. A job that imports pandas itself is told that there is none: ours import nothing of the kind.
"""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

LEFT_OUT = "pandas"  # PyFlink and Beam ask whether it is there, and go on without


def _bare(name: str) -> None:
    """The package's submodules can be imported, and its own `__init__` isn't run."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.submodule_search_locations is None:
        return
    package = ModuleType(name)
    package.__spec__, package.__path__ = spec, list(spec.submodule_search_locations)
    sys.modules[name] = package


_bare("apache_beam")
sys.modules[LEFT_OUT] = None  # type: ignore[assignment]  # how Python says: not to be imported
