"""The section of what is shown of a payment to whom."""

from __future__ import annotations

from typing import Literal

from risk.config.section import Section
from risk.config.types import Secret

Card = Literal["clear", "hidden", "omit"]
Ip = Literal["clear", "network", "hash", "hidden", "omit"]
Device = Literal["clear", "first3", "last4", "hash", "hidden", "omit"]
Place = Literal["clear", "tenth", "omit"]
Attributes = Literal["clear", "hidden", "omit"]
Told = Literal["clear", "hash", "hidden"]


class Privacy(Section, frozen=True):
    """How fields that may point at a person are shown, in the console and by the HTTP API.

    `console_…`: to all who are signed in; who has the role `console_reveal` or a higher one may
    have a payment's fields shown, which is noted. `api_…`: to keys without `sensitive:read`. A card
    is masked to its last four characters before it leaves the scoring job, whatever stands here.
    `logs`: in logs and the texts of errors, of which dead letters are. `outside_user`: what a
    webhook, Slack and PagerDuty are told of a case's user.
    """

    salt: Secret | None = None  # of what is shown as `hash`
    console_card: Card = "hidden"
    console_ip: Ip = "network"
    console_device: Device = "first3"
    console_place: Place = "clear"
    console_attributes: Attributes = "hidden"
    console_reveal: Literal["analyst", "lead", "admin"] = "analyst"
    api_card: Card = "clear"
    api_ip: Ip = "network"
    api_device: Device = "last4"
    api_place: Place = "tenth"
    api_attributes: Attributes = "omit"
    logs: Told = "hidden"
    outside_user: Told = "clear"
