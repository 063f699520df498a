"""The section of the outbox: who is told of cases. Without a destination nobody is."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from risk.config.section import Section
from risk.config.types import Positive, Secret, SecretUrl, Url, WebhookSecret


class Outbox(Section, frozen=True):
    """Destinations: a webhook, Slack and PagerDuty, as far as they are set."""

    # Cases whose hardest alert is this, or harder.
    decision: Literal["REVIEW", "BLOCK"] = "BLOCK"
    webhook_url: Url | None = None
    webhook_secret: WebhookSecret | None = None
    webhook_old_secret: WebhookSecret | None = None  # while it is being replaced: both sign
    slack_url: SecretUrl | None = None
    pagerduty_url: Url = "https://events.pagerduty.com/v2/enqueue"
    pagerduty_key: Secret | None = None
    case_url: Url | None = None  # of the page of a case, without its number
    timeout_s: Positive = 10
    give_up_hours: Annotated[int, msgspec.Meta(ge=1, le=24 * 14)] = 24

    @property
    def destinations(self) -> tuple[str, ...]:
        """The names of those that are set."""
        found = {
            "webhook": self.webhook_url,
            "slack": self.slack_url,
            "pagerduty": self.pagerduty_key,
        }
        return tuple(name for name, value in found.items() if value is not None)

    @property
    def decisions(self) -> tuple[str, ...]:
        """Those that it tells of."""
        return ("BLOCK",) if self.decision == "BLOCK" else ("REVIEW", "BLOCK")
