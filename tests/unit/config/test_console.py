"""The console's section: it doesn't listen to a network without TLS, nor half set up."""

from __future__ import annotations

import pytest

from risk.config.console import is_issuer, is_origin
from risk.config.settings import SettingsError, parse

PUBLIC = "public_origin: https://risk.example.org"


@pytest.mark.parametrize(
    ("section", "field"),
    [
        ("host: 0.0.0.0", "console.host"),
        ("{host: 0.0.0.0, tls_cert: /a, tls_key: /b}", "console.host"),
        ("{host: 0.0.0.0, public_origin: http://risk.example.org}", "console.host"),
        ("tls_cert: /tmp/a.pem", "console.tls_key"),
        ("tls_key: /tmp/a.pem", "console.tls_cert"),
        ("oidc_issuer: https://id.example.org", "console.oidc_client"),
        ("public_origin: risk.example.org", "console.public_origin"),
        ("port: 5433", "console.port"),
    ],
)
def test_what_does_not_go_together_is_named(section: str, field: str) -> None:
    block = f"console: {section}" if section.startswith("{") else f"console:\n  {section}"
    with pytest.raises(SettingsError, match=rf"risk.yaml:\d+:\d+: {field}: "):
        parse(block, {})


@pytest.mark.parametrize(
    ("section", "origin", "secure"),
    [
        ("{port: 8001}", "http://127.0.0.1:8001", False),
        ('{host: "::1"}', "http://[::1]:8000", False),
        ("{tls_cert: /a, tls_key: /b}", "https://127.0.0.1:8000", True),
        (f"{{host: 0.0.0.0, {PUBLIC}}}", "https://risk.example.org", True),
        # As in a container whose port is published on loopback.
        ("{host: 0.0.0.0, public_origin: http://localhost}", "http://localhost", False),
        ('{host: "::", public_origin: "http://[::1]:81"}', "http://[::1]:81", False),
    ],
)
def test_its_origin_is_what_browsers_open(section: str, origin: str, secure: bool) -> None:
    console = parse(f"console: {section}", {}).console
    assert (console.origin, console.secure) == (origin, secure)


@pytest.mark.parametrize(
    "text", ["", "https://", "https://a/", "https://a?b", "HTTPS://a", "ftp://a", "https://a:0"]
)
def test_an_origin_is_scheme_and_host(text: str) -> None:
    assert not is_origin(text)
    assert is_origin("https://risk.example.org:8443")


def test_an_issuer_may_have_a_path() -> None:
    assert is_issuer("https://id.example.org/realms/fraud")
    assert not is_issuer("https://id.example.org/?a=b")
