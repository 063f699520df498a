"""Whether a request that changes something was meant: by token, and by where it comes from."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection
from typing import Final

FIELD: Final = "csrf"
HEADER: Final = "x-csrf-token"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def token(secret: str) -> str:
    """The token of a session, or of a visitor: it follows from their cookie, which pages can't see.

    So it ends with the session, and nothing has to be stored.
    """
    return hmac.digest(secret.encode(), b"csrf", hashlib.sha256).hex()


def is_right(secret: str | None, given: str | None) -> bool:
    """Whether that is the token. Without a cookie there is none."""
    if not secret or not given:
        return False
    return hmac.compare_digest(token(secret).encode(), given.encode(errors="replace"))


def is_own(origin: str | None, origins: Collection[str]) -> bool:
    """Whether a request comes from one of the console's own pages.

    Browsers tell the origin of each request that may change something; one without is refused.
    """
    return origin is not None and origin in origins
