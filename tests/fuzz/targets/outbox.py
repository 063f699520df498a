"""Where cases are told: addresses and secrets, and what is sent to those that are taken."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx

from risk.config.settings import SettingsError, parse
from risk.errors import UserError
from risk.ops.outbox.messages import request
from risk.ops.outbox.send import check
from tests.fuzz.target import Target, as_argument
from tests.unit.ops.outbox.test_messages import CASE, leased

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
NAMES = ("webhook_url", "webhook_secret", "webhook_old_secret", "slack_url", "pagerduty_url",
         "pagerduty_key", "case_url")  # fmt: skip


def once(data: bytes) -> None:
    """A value a line. What the settings take, the client can send."""
    environment = {
        f"RISK_OUTBOX__{name.upper()}": line
        for name, line in zip(NAMES, as_argument(data).split("\n"), strict=False)
        if line
    }
    settings = parse("", environment)
    try:
        check(settings)
    except UserError:
        return
    for destination in settings.outbox.destinations:
        what = request(settings.outbox, leased(destination), CASE, NOW)
        sent = httpx.Request("POST", what.url, headers=what.headers, content=what.body)
        host = sent.url.raw_host
        assert host, "nobody is there"
        if not what.url.startswith("https:"):
            assert host in (b"127.0.0.1", b"localhost", b"::1"), sent.url


SECRET = "whsec_" + "bmV3" * 8
SEEDS = (
    f"https://example.org/hook\n{SECRET}\n{SECRET}\nhttps://hooks.example.org/T/B\n"
    "https://events.pagerduty.com/v2/enqueue\nkey\nhttps://risk.example.org/cases/".encode(),
    f"http://127.0.0.1:8080/x\n{SECRET}\n\n\n\n\nhttp://[::1]:1/".encode(),
    f"http://localhost/x\n{SECRET}==\n".encode(),
)
WORDS = (
    *(
        "https://",
        "http://127.0.0.1",
        "http://localhost",
        "http://[::1]",
        ":99999",
        ":",
        "@evil.org",
    ),
    *(
        "[",
        "]",
        "%",
        "#",
        "?",
        "\\",
        "/..",
        "xn--",
        "a" * 70,
        "\u00e9",
        "{",
        "|",
        "whsec_",
        "=",
        "+/",
    ),
    *("https://[::1", "https://:80", "https://a:b@c", "https://1.2.3.4.5", "https://x:y"),
)
TARGET = Target("outbox", once, (SettingsError,), SEEDS, WORDS)
