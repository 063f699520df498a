"""A password goes to another machine by TLS, or not at all."""

from __future__ import annotations

import pytest

from risk.config.settings import SettingsError, parse
from risk.config.types import is_loopback

TOLD = {
    "RISK_POSTGRES__PASSWORD": "x1",
    "RISK_REDIS__PASSWORD": "x2",
    "RISK_ELASTICSEARCH__PASSWORD": "x3",
}
PLAIN = "security_protocol: SASL_PLAINTEXT, sasl_mechanism: PLAIN, sasl_username: u"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("postgres: {host: db, password: x}", "postgres.sslmode: a password would go to db in "),
        ("postgres: {host: db, password: x, sslmode: allow}", "postgres.sslmode: a password "),
        ("redis: {host: 192.0.2.7, password: x}", "redis.tls: a password would go to 192.0.2.7 in"),
        ("redis: {host: '2001:db8::7', password: x}", "redis.tls: a password would go to 2001:db8"),
        ("elasticsearch: {host: es, password: x}", "elasticsearch.tls: a password would go to es "),
        (
            f"kafka: {{bootstrap: 'localhost:9092,k2:9092', {PLAIN}, sasl_password: x}}",
            "kafka.security_protocol: a password would go to k2 in plaintext: make it SASL_SSL",
        ),
    ],
)
def test_a_password_in_plaintext_to_another_machine_is_refused(text: str, line: str) -> None:
    with pytest.raises(SettingsError, match="allow_plaintext: true") as caught:
        parse(text, {})
    assert line in str(caught.value)
    assert "password: x" not in str(caught.value)


def test_the_environment_is_refused_by_its_variable() -> None:
    with pytest.raises(SettingsError, match=r"^RISK_REDIS__PASSWORD: redis.tls: a password would"):
        parse("redis: {host: cache}", TOLD)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{postgres: {host: '::1'}, redis: {host: localhost}, elasticsearch: {host: 127.0.0.2}}",
        "redis: {host: cache, tls: true}",
        "elasticsearch: {host: es, tls: true}",
        "postgres: {host: db, ca_location: /ca.pem}",
        "postgres: {host: db, sslmode: require}",
        "redis: {host: cache, allow_plaintext: true}",
        f"kafka: {{{PLAIN}, sasl_password: x}}",
        f"kafka: {{bootstrap: 'k:1', allow_plaintext: true, {PLAIN}, sasl_password: x}}",
    ],
)
def test_loopback_tls_and_what_is_allowed_are_taken(text: str) -> None:
    parse(text, TOLD)


def test_without_a_password_nothing_is_told_to_anybody() -> None:
    parse("{postgres: {host: db}, redis: {host: cache}, elasticsearch: {host: es}}", {})


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST."])
def test_what_stays_on_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "127.0.0.1.example", "10.0.0.1", "", "a b"])
def test_what_does_not(host: str) -> None:
    assert not is_loopback(host)
