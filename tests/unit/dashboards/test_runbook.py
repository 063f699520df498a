"""Each alert has its part of the runbook: what it means, what to look at, what to do."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.documents import ROOT, slug
from tests.promql import rules

PAGE = "docs/how-to/alerts.md"
PARTS = ("What it means.", "What to look at.", "What to do.")
ALERTS = {rule["alert"]: rule for rule in rules("alert")}


def sections(text: str) -> dict[str, str]:
    """The text below each heading of the second level."""
    _, *found = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
    return dict(zip(found[::2], found[1::2], strict=True))


def parts(section: str) -> dict[str, str]:
    """The text behind each bold lead that begins a paragraph."""
    _, *found = re.split(r"^\*\*([^*]+)\*\* ", section, flags=re.MULTILINE)
    return dict(zip(found[::2], found[1::2], strict=True))


SECTIONS = sections((ROOT / PAGE).read_text(encoding="utf-8"))


def test_the_runbook_has_a_heading_for_each_alert_and_for_nothing_else() -> None:
    assert sorted(SECTIONS) == sorted(ALERTS)


@pytest.mark.parametrize("alert", ALERTS.values(), ids=ALERTS.keys())
def test_an_alert_leads_to_its_heading(alert: dict[str, Any]) -> None:
    assert alert["annotations"]["runbook"] == f"{PAGE}#{slug(alert['alert'])}"


@pytest.mark.parametrize("name", ALERTS)
def test_a_heading_has_the_three_parts(name: str) -> None:
    found = parts(SECTIONS[name])
    assert tuple(found) == PARTS
    assert all(text.strip() for text in found.values())
    # Somebody who was woken types it: at least one command or setting, or the name of where it is.
    assert re.search(r"`[^`]+`", found["What to look at."])
    assert re.search(r"`[^`]+`|\]\(|Risk[A-Z]\w+", found["What to do."])


@pytest.mark.parametrize("name", ALERTS)
def test_a_critical_alert_says_so(name: str) -> None:
    critical = ALERTS[name]["labels"]["severity"] == "critical"
    assert parts(SECTIONS[name])["What it means."].startswith("Critical. ") == critical


@pytest.mark.parametrize("name", ALERTS)
def test_other_alerts_that_are_named_are_there(name: str) -> None:
    assert set(re.findall(r"\bRisk[A-Z]\w+", SECTIONS[name])) <= ALERTS.keys()
