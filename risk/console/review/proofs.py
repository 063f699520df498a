"""Proofs that are under way, each in a thread of its own: pages ask how far they are."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from typing import Final

from risk.engine.delivery import Unavailable
from risk.errors import StackError, UserError
from risk.verify.payment_proof import Proof, Tell

AT_ONCE: Final = 2
KEPT: Final = 50


class Work:
    """One proof: `read` grows until there is a `proof`, or `failed` says why there is none."""

    def __init__(self) -> None:
        self.read = 0
        self.proof: Proof | None = None
        self.failed = ""

    @property
    def is_over(self) -> bool:
        """Whether there is nothing to wait for."""
        return self.proof is not None or bool(self.failed)

    def tell(self, read: int) -> None:
        """So many payments are read."""
        self.read = read


class Proofs:
    """One for a console; threads share it. At most two run at once, as each reads a whole topic."""

    def __init__(self) -> None:
        self._works: dict[str, Work] = {}
        self._lock = threading.Lock()

    def begin(self, prove: Callable[[Tell], Proof]) -> str | None:
        """Start one; its name. None if as many run already as may."""
        name, work = secrets.token_hex(8), Work()
        with self._lock:
            if sum(not one.is_over for one in self._works.values()) >= AT_ONCE:
                return None
            while len(self._works) >= KEPT:
                del self._works[next(iter(self._works))]
            self._works[name] = work
        threading.Thread(target=_run, args=(work, prove), daemon=True, name="proof").start()
        return name

    def get(self, name: str) -> Work | None:
        """One by its name; None if it is forgotten."""
        with self._lock:
            return self._works.get(name)


def _run(work: Work, prove: Callable[[Tell], Proof]) -> None:
    try:
        work.proof = prove(work.tell)
    except (UserError, StackError, Unavailable) as error:
        work.failed = str(error).partition("\n")[0]
    except Exception:
        work.failed = "something went wrong: it has been written to the console's log"
        raise
