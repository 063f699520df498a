"""What names a payment wherever one bounded text has to."""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

KEY_LENGTH: Final = 32


def payment_key(user_id: str, event_id: str, event_time: int) -> str:
    """32 hexadecimal digits that name a payment: a BLAKE2b hash of 128 bits.

    A payment is its user_id, event_id and event_time (ms UTC). Stores that bound the length of
    their keys, or read characters of them as syntax, use this in place of the three. Ids are
    preceded by their lengths, so that no two payments are written alike before they are hashed.
    """
    user, event = user_id.encode(), event_id.encode()
    text = b"%d:%b%d:%b%d" % (len(user), user, len(event), event, event_time)
    return blake2b(text, digest_size=KEY_LENGTH // 2).hexdigest()
