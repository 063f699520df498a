"""What all calls of the API share, and its life: what runs as long as the API does."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from risk.config.settings import Settings
from risk.console.api.check import Rules
from risk.console.api.decisions import Decision, DecisionReader
from risk.console.api.keyring import Keyring
from risk.console.api.known import KnownPayments
from risk.console.api.recall import recall
from risk.console.api.sender import Sender
from risk.engine.delivery import Unavailable
from risk.engine.payment.contract import Contract
from risk.errors import UserError
from risk.ops.ruleset_folder import find_folder, read_folder
from risk.ops.rulesets import choose, tag
from risk.ops.settings import home
from risk.registry import activations, api_keys
from sinks import registry

CONTRACT_S: Final = 10.0  # how often it is asked which ruleset is active

log = logging.getLogger(__name__)


class Services:
    """Of one process and one event loop. Raises `UserError` if the settings' ruleset is wrong."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.keyring = Keyring(settings.api, lambda: api_keys.keys(settings))
        self.known = KnownPayments(settings.scoring.dedup_ms / 1_000, settings.api.known_payments)
        self.contract: Contract = read_folder(find_folder(settings.scoring.ruleset)).contract
        self._active: tuple[str, int] | None = None
        self.sender: Sender
        self.decisions: DecisionReader

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Everything runs inside of the block."""
        loop = asyncio.get_running_loop()
        self.sender = Sender(self.settings, loop)
        self.decisions = DecisionReader(self.settings, loop, self.known.awaited, self._decided)
        self.decisions.start()
        await asyncio.to_thread(_load_stores)
        await asyncio.to_thread(self._recall)
        self.sender.start()
        tasks = [asyncio.create_task(self.keyring.run()), asyncio.create_task(self._follow())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await asyncio.to_thread(self.sender.stop)
            await asyncio.to_thread(self.decisions.stop)

    def rules(self) -> Rules:
        """What a payment is held to now."""
        return Rules(
            self.sender.now(),
            self.settings.scoring.future_ms,
            self.settings.kafka.max_record_bytes,
            self.contract,
        )

    def _decided(self, found: list[Decision]) -> None:
        for one in found:
            self.known.decided((one.user_id, one.event_id), one.event_time, one.json)

    def _recall(self) -> None:
        """Know again what came before this process began."""
        now, count = time.monotonic(), 0
        for one in recall(self.settings):
            if one.age_s < self.settings.scoring.dedup_ms / 1_000:
                self.known.remember(one.identity, one.content, one.event_time, now - one.age_s)
                count += 1
        log.info("%d payments of the last %d ms are known", count, self.settings.scoring.dedup_ms)

    async def _follow(self) -> None:
        """Keep to what the active ruleset asks; while Postgres is away, to what it asked last."""
        while True:
            try:
                await asyncio.to_thread(self._look)
            except (Unavailable, UserError) as error:
                log.warning("ruleset: %s", str(error).partition("\n")[0])
            await asyncio.sleep(CONTRACT_S)

    def _look(self) -> None:
        active = activations.active(self.settings)
        if active is not None and active != self._active:
            chosen = choose(self.settings, home(self.settings), tag(*active))
            self.contract, self._active = chosen.ruleset.contract, active
            log.info("payments are held to what ruleset %s asks", chosen.tag)


def _load_stores() -> None:
    """Import what asks the stores: else the first who asks for a payment waits for that."""
    for name in registry.names():
        registry.load(name)
