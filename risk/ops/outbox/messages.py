"""What each destination is sent of a case. Pure: keys and time are passed in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec
from standardwebhooks.webhooks import Webhook

from risk.config.outbox import Outbox
from risk.config.privacy import Privacy
from risk.engine.quoted import told
from risk.ops.cases.money import money
from risk.registry.cases.records import Case
from risk.registry.outbox import Action, Leased

TYPES: Final[Mapping[Action, str]] = {
    "open": "case.opened",
    "acknowledge": "case.claimed",
    "resolve": "case.closed",
}
_EVENTS: Final[Mapping[Action, str]] = {
    "open": "trigger",
    "acknowledge": "acknowledge",
    "resolve": "resolve",
}
_SEVERITY: Final = {"BLOCK": "critical", "REVIEW": "warning"}


def outside(case: Case, privacy: Privacy) -> Case:
    """A case as it may leave the house: its user as the policy tells it."""
    shown = told(case.user_id, privacy.outside_user, privacy)
    return msgspec.structs.replace(case, user_id=shown)


class Request(NamedTuple):
    """A POST."""

    url: str
    headers: dict[str, str]
    body: bytes


def request(outbox: Outbox, one: Leased, case: Case, now: datetime) -> Request:
    """What to send of a case to the destination; `outbox` has it set."""
    return {"webhook": _webhook, "slack": _slack, "pagerduty": _pagerduty}[one.destination](
        outbox, one, case, now
    )


def _webhook(outbox: Outbox, one: Leased, case: Case, now: datetime) -> Request:
    """By Standard Webhooks: signed with both secrets while one takes the other's place."""
    body = _json(
        {"type": TYPES[one.action], "timestamp": _iso(one.since), "data": _data(outbox, case)}
    )
    secrets = [s for s in (outbox.webhook_secret, outbox.webhook_old_secret) if s is not None]
    signed = [Webhook(s).sign(one.message_id, now, body.decode()) for s in secrets]
    headers = {
        "webhook-id": one.message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signed),
    }
    return Request(outbox.webhook_url or "", headers | _TYPE, body)


def _slack(outbox: Outbox, one: Leased, case: Case, now: datetime) -> Request:
    # What comes from payments is no markup of Slack's: it has these three signs alone.
    text = _summary(case, one.action)
    for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(sign, name)
    if outbox.case_url:
        text += f" <{outbox.case_url}{case.id}|look at it>"
    return Request(outbox.slack_url or "", dict(_TYPE), _json({"text": text}))


def _pagerduty(outbox: Outbox, one: Leased, case: Case, now: datetime) -> Request:
    event: dict[str, Any] = {
        "routing_key": outbox.pagerduty_key,
        "event_action": _EVENTS[one.action],
        "dedup_key": f"risk-case-{case.id}",
    }
    if one.action == "open":
        event["payload"] = {
            "summary": _summary(case, one.action)[:1024],
            "source": "risk",
            "severity": _SEVERITY[case.decision],
            "timestamp": _iso(case.opened_at),
            "custom_details": _data(outbox, case),
        }
        if outbox.case_url:
            event["links"] = [{"href": f"{outbox.case_url}{case.id}", "text": "the case"}]
    return Request(outbox.pagerduty_url, dict(_TYPE), _json(event))


def _data(outbox: Outbox, case: Case) -> dict[str, Any]:
    """Of a case what leaves the house: no address, device or card."""
    return {
        "case": case.id,
        "revision": case.revision,
        "state": case.state,
        "score": case.score,
        "decision": case.decision,
        "user_id": case.user_id,
        "users": len(case.users),
        "alerts": case.alerts,
        "amounts": case.amounts,
        "rules": case.rules,
        "verdict": case.verdict,
        "opened_at": _iso(case.opened_at),
        "due_at": _iso(case.due_at),
    } | ({"url": f"{outbox.case_url}{case.id}"} if outbox.case_url else {})


def _summary(case: Case, action: Action) -> str:
    said = {
        "open": f"{case.decision}, score {case.score}",
        "acknowledge": f"claimed by {case.assignee}",
        "resolve": f"closed: {case.verdict}",
    }[action]
    stake = money(case.amounts)
    return f"Case {case.id} of {case.user_id}: {said}; {case.alerts} alerts, {stake}"


_TYPE: Final = {"Content-Type": "application/json"}


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _json(value: Any) -> bytes:
    return msgspec.json.encode(value)
