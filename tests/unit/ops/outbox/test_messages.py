"""What destinations are sent, as they document it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from standardwebhooks.webhooks import Webhook

from risk.config.outbox import Outbox
from risk.config.privacy import Privacy, Told
from risk.config.settings import Settings, SettingsError, parse
from risk.engine.quoted import told
from risk.errors import UserError
from risk.ops.outbox.messages import outside, request
from risk.ops.outbox.send import check
from risk.registry.cases.records import Case
from risk.registry.outbox import Action, Leased

NOW = datetime.now(UTC)
NEW = "whsec_" + "bmV3" * 8
OLD = "whsec_" + "b2xk" * 8
OUTBOX = Outbox(
    webhook_url="https://example.org/hook",
    webhook_secret=NEW,
    webhook_old_secret=OLD,
    slack_url="https://hooks.example.org/T/B/x",
    pagerduty_key="r" * 32,
    case_url="https://risk.example.org/cases/",
)
CASE = Case(
    id=17, revision=3, state="open", level="analyst", assignee=None, snoozed_until=None,
    verdict=None, reason="", judged_by=None, judged_at=None, approved_by=None,
    user_id="<!channel> & u-1", users=["u-1", "u-2"], rules=["velocity_burst"], countries=["DE"],
    alerts=4, score=90, decision="BLOCK", amounts={"EUR": 123_450, "JPY": 700}, stake=1_934.5,
    first_event_time=0, last_event_time=0, opened_at=NOW, changed_at=NOW,
    due_at=NOW + timedelta(hours=1),
)  # fmt: skip


def leased(destination: str, action: Action = "open") -> Leased:
    return Leased(
        id=1, destination=destination, case_id=17, action=action, message=2, attempts=1, since=NOW
    )


def sent(destination: str, action: Action = "open", case: Case = CASE) -> Any:
    return json.loads(request(OUTBOX, leased(destination, action), case, NOW).body)


@pytest.mark.parametrize("secret", [NEW, OLD])
def test_a_webhook_is_signed_with_both_secrets(secret: str) -> None:
    now = datetime.now(UTC)  # who receives it refuses what was signed minutes ago
    made = request(OUTBOX, leased("webhook"), CASE, now)
    found = Webhook(secret).verify(made.body, made.headers)
    assert (found["type"], found["data"]["case"]) == ("case.opened", 17)
    assert found["data"]["url"] == "https://risk.example.org/cases/17"
    assert made.headers["webhook-id"] == "case_17_webhook_2"
    with pytest.raises(Exception, match="No matching signature"):
        Webhook("whsec_" + "eHh4" * 8).verify(made.body, made.headers)


@pytest.mark.parametrize("destination", ["webhook", "slack", "pagerduty"])
@pytest.mark.parametrize("way", ["hash", "hidden"])
def test_the_policy_says_whether_the_user_is_told(destination: str, way: Told) -> None:
    case = replace(CASE, user_id="user-of-17")
    assert outside(case, Privacy()) == case
    privacy = Privacy(outside_user=way, salt="pepper")
    body = request(OUTBOX, leased(destination), outside(case, privacy), NOW).body.decode()
    assert "user-of-17" not in body
    assert told("user-of-17", way, privacy) in body


def test_slack_gets_text_and_no_markup_of_a_payments() -> None:
    (text,) = sent("slack").values()
    assert text == (
        "Case 17 of &lt;!channel&gt; &amp; u-1: BLOCK, score 90; 4 alerts, 1,234.50 EUR + 700 "
        "JPY <https://risk.example.org/cases/17|look at it>"
    )


def test_pagerduty_gets_one_incident_a_case() -> None:
    opened = sent("pagerduty")
    assert (opened["event_action"], opened["dedup_key"]) == ("trigger", "risk-case-17")
    assert opened["payload"]["severity"] == "critical"
    assert len(opened["payload"]["summary"]) <= 1024
    closed = sent("pagerduty", "resolve", replace(CASE, verdict="fraud"))
    assert closed == {
        "routing_key": "r" * 32,
        "event_action": "resolve",
        "dedup_key": "risk-case-17",
    }
    assert sent("pagerduty", "acknowledge")["event_action"] == "acknowledge"


def test_what_leaves_has_no_secret_but_the_key() -> None:
    for destination in ("webhook", "slack"):
        body = request(OUTBOX, leased(destination), CASE, NOW).body.decode()
        for secret in (NEW, OLD, "r" * 32, "hooks.example.org"):
            assert secret not in body


def test_a_webhook_needs_its_secret_where_it_is_sent_but_not_in_jobs() -> None:
    settings = parse("outbox: {webhook_url: https://x.org/}", {})
    with pytest.raises(UserError, match="webhook_secret: a webhook is signed"):
        check(settings)
    check(Settings())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("webhook_url: http://x.org/", "outbox.webhook_url: 'http://x.org/': expected https://"),
        ("slack_url: nowhere", "outbox.slack_url: expected https://"),
        ("webhook_secret: short", "outbox.webhook_secret: expected whsec_"),
    ],
)
def test_settings_are_checked_and_secrets_never_shown(text: str, said: str) -> None:
    with pytest.raises(SettingsError) as found:
        parse(f"outbox: {{{text}}}", {})
    assert said in str(found.value)
    assert "nowhere" not in str(found.value)
    assert "short" not in str(found.value)
