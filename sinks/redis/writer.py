"""Writes the scores that count to Redis, each by one run of score.lua."""

from __future__ import annotations

import pkgutil
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import redis

from risk.config.settings import Settings
from risk.engine.delivery import Message, Refused, Unavailable, Written
from risk.engine.erasure import hash_of
from risk.engine.messages import Score
from sinks.redis import keys
from sinks.redis.client import connect, fault, kind
from sinks.redis.erased import salt_of

_encode = msgspec.json.Encoder().encode


def _script() -> str:
    # Not open(): the code may be in a zip.
    text = pkgutil.get_data(__package__, "score.lua")
    assert text is not None
    return text.decode()


SCRIPT: Final = _script()  # at once: a job outlives the folder that its code was unpacked in


class RedisSink:
    """Redis's writer. Late messages, and what a replay or a shadow says, are left out, uncounted.

    Which ruleset is the active one is told by the messages themselves: they are live under it.
    So a writer can't go on with one that no longer is.
    """

    name = "redis"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: redis.Redis | None = None
        self._sha = ""
        self._salt = b""  # of the list of erased users; empty: there was none

    def open(self) -> None:
        """Connect and load the script. Raises `Unavailable`."""
        self._client = connect(self._settings)
        self._load()

    def close(self) -> None:
        """Disconnect."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def write(self, batch: Sequence[Message]) -> Written:
        """Write a batch. Raises `Unavailable`."""
        wanted = [
            (at, message)
            for at, message in enumerate(batch)
            if isinstance(message, Score) and message.kind == "live"
        ]
        if not wanted:
            return Written()
        answers = self._run([score for _, score in wanted])
        if any(isinstance(answer, redis.exceptions.NoScriptError) for answer in answers):
            self._load()  # Redis was restarted or its scripts flushed
            answers = self._run([score for _, score in wanted])
        if -1 in answers:  # the first user was erased since
            self._load()
            answers = self._run([score for _, score in wanted])
        if -1 in answers:
            raise Unavailable("redis: the list of erased users changes its salt")
        refused: list[Refused] = []
        doubtful: list[Refused] = []
        for (at, _), answer in zip(wanted, answers, strict=True):
            if not isinstance(answer, Exception):
                continue
            about = fault(answer)
            if about == "passing":
                raise Unavailable(f"redis: {answer}")
            which = refused if about == "content" else doubtful
            which.append(Refused(at, str(answer), kind(answer)))
        written, older, erased = (answers.count(code) for code in (1, 0, 2))
        return Written(written, older, tuple(refused), tuple(doubtful), erased)

    def _load(self) -> None:
        assert self._client is not None, "open() comes first"
        try:
            self._sha = str(self._client.script_load(SCRIPT))
            self._salt = salt_of(self._client)
        except (redis.RedisError, OSError) as error:
            raise Unavailable(f"redis: {error}") from error

    def _run(self, scores: Sequence[Score]) -> list[Any]:
        """What the script returned or raised for each of the scores."""
        assert self._client is not None, "open() comes first"
        ttl = self._settings.redis.ttl_s
        salt = self._salt.hex()
        users = {score.user_id for score in scores} if salt else ()
        hashes = {user: hash_of(self._salt, user) for user in users}
        pipe = self._client.pipeline(transaction=False)
        for score in scores:
            entry = keys.entry(score)
            pipe.execute_command(  # type: ignore[no-untyped-call]  # evalsha is typed for str only
                "EVALSHA",
                self._sha,
                5,
                keys.SCORE + entry.payment,
                keys.USER + score.user_id,
                keys.FLAGGED,
                keys.HOURS,
                keys.ERASED,
                _encode(entry),
                _encode(keys.latest(entry)),
                ttl,
                keys.MAX_FLAGGED,
                entry.payment,
                salt,
                hashes.get(score.user_id, ""),
            )
        try:
            return pipe.execute(raise_on_error=False)
        except (redis.RedisError, OSError) as error:
            raise Unavailable(f"redis: {error}") from error
