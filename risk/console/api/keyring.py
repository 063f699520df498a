"""The keys in use, in memory: Postgres is asked for all of them now and then, never by a request.

So scoring goes on for known keys while Postgres is away, and an unknown key costs it nothing.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
from collections.abc import Callable
from typing import Final

from risk.config.settings import Api
from risk.console.api.limits import Bucket, Standing
from risk.console.api.problem import Problem
from risk.engine.delivery import Unavailable
from risk.registry.api_keys import KEY, Key, digest

RETRY_S: Final = 1.0  # the least time between two looks that unknown keys cause
NOBODY: Final = bytes(32)  # compared with where there is no such key
_BEARER: Final = "bearer "

log = logging.getLogger(__name__)


class Keyring:
    """Keys by prefix, each with its bucket. `load` asks Postgres, and blocks."""

    def __init__(self, limits: Api, load: Callable[[], list[Key]]) -> None:
        self._limits, self._load = limits, load
        self._keys: dict[str, Key] = {}
        self._buckets: dict[str, Bucket] = {}
        self._known_at: float | None = None  # when Postgres answered last
        self._asked_at = -RETRY_S
        self._lock = asyncio.Lock()

    @property
    def known(self) -> bool:
        """Whether what is known of keys is still to be trusted."""
        age = self._age()
        return age is not None and age <= self._limits.keys_outage_ms / 1_000

    @property
    def fresh(self) -> bool:
        """Whether Postgres has answered lately."""
        age = self._age()
        return age is not None and age <= 2 * self._limits.keys_refresh_ms / 1_000 + RETRY_S

    async def find(self, authorization: str | None) -> Key:
        """The key of an Authorization header. Raises `Problem`."""
        text = authorization or ""
        found = KEY.fullmatch(text[len(_BEARER) :]) if text[:7].lower() == _BEARER else None
        if found is None:
            raise _unauthorized("send a key: Authorization: Bearer rk_…")
        prefix, own = found[1], digest(found[0])
        key = self._keys.get(prefix)
        if key is None or not self.known:
            await self._look()
            key = self._keys.get(prefix)
        if not self.known:
            raise Problem("keys_unavailable", "postgres: no answer: it knows which keys are valid")
        if not hmac.compare_digest(own, NOBODY if key is None else key.sha256) or key is None:
            raise _unauthorized("the key is unknown or was revoked")
        return key

    def take(self, key: Key) -> Standing:
        """Take a request out of a key's bucket."""
        return self._buckets[key.prefix].take(time.monotonic())

    def owe(self, key: Key, more: int) -> None:
        """The request asked for so many more."""
        if bucket := self._buckets.get(key.prefix):  # else it was revoked since
            bucket.owe(more)

    async def refresh(self) -> None:
        """Ask Postgres. While it is away, what was known stands."""
        async with self._lock:
            self._asked_at = time.monotonic()
            try:
                found = await asyncio.to_thread(self._load)
            except Unavailable as error:
                if self.fresh or self._known_at is None:
                    log.warning("keys: %s", str(error).partition("\n")[0])
                return
            self._take(found)

    async def run(self) -> None:
        """Refresh on and on."""
        while True:
            await self.refresh()
            await asyncio.sleep(self._limits.keys_refresh_ms / 1_000)

    async def _look(self) -> None:
        """Ask at once, for a key that may have been made a moment ago; but not for each request."""
        if time.monotonic() - self._asked_at >= RETRY_S:
            await self.refresh()
        else:
            async with self._lock:  # one who asks already will know
                return

    def _take(self, found: list[Key]) -> None:
        now = time.monotonic()
        self._keys = {key.prefix: key for key in found}
        buckets = {}
        for key in found:
            rate, burst = key.rate or self._limits.rate, key.burst or self._limits.burst
            bucket = self._buckets.get(key.prefix)
            if bucket is None or (bucket.rate, bucket.burst) != (rate, burst):
                bucket = Bucket(rate, burst, now)
            buckets[key.prefix] = bucket
        self._buckets = buckets
        self._known_at = now

    def _age(self) -> float | None:
        return None if self._known_at is None else time.monotonic() - self._known_at


def _unauthorized(detail: str) -> Problem:
    return Problem("unauthorized", detail, headers={"www-authenticate": 'Bearer realm="risk"'})
