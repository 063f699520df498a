"""ID tokens: only the provider's, for this client, for this sign-in, and not for long."""

from __future__ import annotations

import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

from risk.console.sign_in.id_token import Untrusted, claims
from risk.console.sign_in.oidc import name_in

KEY = ECKey.generate_key("P-256", {"kid": "one"})
OTHER = ECKey.generate_key("P-256", {"kid": "one"})
KEYS: Any = KeySet([KEY]).as_dict(private=False)
ISSUER, CLIENT, NONCE = "https://id.example.org", "console", "n" * 43


def token(key: Any = KEY, algorithm: str = "ES256", **values: object) -> str:
    now = int(time.time())
    said = {"iss": ISSUER, "aud": CLIENT, "sub": "1", "exp": now + 300, "iat": now, "nonce": NONCE}
    said |= values
    kept = {name: value for name, value in said.items() if value is not None}
    return jwt.encode({"alg": algorithm, "kid": "one"}, kept, key, algorithms=[algorithm])


def test_a_right_token_is_taken() -> None:
    found = claims(token(email="ada@example.org"), KEYS, ISSUER, CLIENT, NONCE)
    assert found["email"] == "ada@example.org"
    claims(token(aud=[CLIENT]), KEYS, ISSUER, CLIENT, NONCE)
    claims(token(aud=[CLIENT, "other"], azp=CLIENT), KEYS, ISSUER, CLIENT, NONCE)


@pytest.mark.parametrize(
    "values",
    [
        {"iss": "https://evil.example.org"},
        {"aud": "other"},
        {"aud": [CLIENT, "other"]},
        {"exp": int(time.time()) - 120},
        {"exp": None},
        {"iat": int(time.time()) + 600},
        {"nonce": "m" * 43},
        {"nonce": None},
        {"sub": None},
    ],
)
def test_a_token_for_something_else_is_not(values: dict[str, Any]) -> None:
    with pytest.raises(Untrusted):
        claims(token(**values), KEYS, ISSUER, CLIENT, NONCE)


def test_a_token_that_another_key_has_signed_is_not() -> None:
    secret = OctKey.import_key("s" * 32, {"kid": "one"})
    head, body, _ = token().split(".")
    for forged in (token(OTHER), token(secret, "HS256"), f"{head}.{body}.", "x.y.z", ""):
        with pytest.raises(Untrusted):
            claims(forged, KEYS, ISSUER, CLIENT, NONCE)


def test_an_address_counts_once_it_was_verified() -> None:
    assert name_in({"email": "ada@example.org", "email_verified": True}, "email")
    assert name_in({"preferred_username": "ada"}, "preferred_username") == "ada"
    for said in ({}, {"email": "ada@example.org"}, {"email": "a", "email_verified": "true"}):
        with pytest.raises(Untrusted):
            name_in(said, "email")
