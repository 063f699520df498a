"""A challenger that answers for a share of the users: who is in it follows from the user alone.

No state, clock or random number is asked, so a replay draws the same users, on every machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

WHOLE: Final = 1_000  # buckets: a share has tenths of a percent
_DIGITS: Final = 15  # hexadecimal ones: 60 bits, which any database's signed integers hold


class Rollout(NamedTuple):
    """The challenger of a model, and the `share` of users that it decides for.

    `share` is in tenths of a percent, 0 to 1,000. A `shadow` challenger is told of everyone, too.
    """

    challenger: str
    share: int
    salt: str = ""
    shadow: bool = False

    def draws(self, user_id: str) -> bool:
        """Whether the challenger decides for a user.

        A larger share only adds users to those that it had.
        """
        return bucket(self.salt, user_id) < self.share if self.share else False


Rollouts = Mapping[str, Rollout]  # by the champion's name
NO_ROLLOUTS: Final[Rollouts] = MappingProxyType({})


def bucket(salt: str, user_id: str) -> int:
    """Which of 1,000 equal parts of the users one is in: a number from 0 to 999.

    The first 15 hexadecimal digits of SHA-256 over `salt:user_id` in UTF-8, as a number, modulo
    1,000. Salts hold no colon, so no two pairs have one text.
    """
    digest = hashlib.sha256(f"{salt}:{user_id}".encode()).hexdigest()
    return int(digest[:_DIGITS], 16) % WHOLE


def percent(share: int) -> str:
    """A share as it is shown: `10 %`, `0.5 %`."""
    return f"{share // 10}.{share % 10} %" if share % 10 else f"{share // 10} %"
