"""An ID token is signed by the provider, for this client, now, and for this very sign-in."""

from __future__ import annotations

from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

# Signatures by a key of the provider's. Never `none`, nor one that a client's secret would make.
ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")
LEEWAY_S: Final = 60  # that the provider's clock may be off


class Untrusted(Exception):
    """What the provider says isn't taken; the message is for who signs in."""


def claims(
    token: str, keys: KeySetSerialization, issuer: str, client: str, nonce: str
) -> dict[str, Any]:
    """What the token says, once it is checked. Raises `Untrusted`."""
    registry = jwt.JWTClaimsRegistry(
        leeway=LEEWAY_S,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
        sub={"essential": True},
    )
    try:
        found = jwt.decode(token, KeySet.import_key_set(keys), algorithms=list(ALGORITHMS)).claims
        registry.validate(found)
    except (JoseError, ValueError, KeyError, TypeError):
        raise Untrusted("What the provider says can't be trusted. Begin anew.") from None
    several = isinstance(found["aud"], list) and len(found["aud"]) > 1
    if several and found.get("azp") != client:
        raise Untrusted("What the provider says is meant for another program.")
    return dict(found)
