"""Templates: whatever a payment says is text, and nothing is inline."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from risk.config.settings import Console
from risk.console import masking
from risk.console.assets import Assets
from risk.console.live.arrivals import Arrivals
from risk.console.live.entry import Entry
from risk.console.live.filters import Filter
from risk.console.live.shown import shown
from risk.console.live.summary import summarise
from risk.console.rendering import TEMPLATES, environment
from risk.engine.messages import Alert, Reason
from risk.registry.sessions import Viewer
from tests.unit.console.alerts import NOW, alert

EVIL = "\"'><img src=x onerror=alert(1)><script>alert(1)</script>{{7*7}}"
ASSETS = Assets()


class Tags(HTMLParser):
    """Collects tags and attributes as a browser would find them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def rendered(name: str, one: Alert) -> str:
    entry = Entry(1, one)
    return environment(ASSETS.url).get_template(name).render(
        viewer=Viewer("ada", "lead"), csrf="c" * 64, navigation=[], console=Console(), path="/live",
        filter=Filter(user=one.user_id), decisions=("REVIEW",), rows=[shown(entry)], place="a-1",
        servers=type("S", (), {"kafka": "up", "postgres": "up"}), paused=False,
        summary=summarise([entry], NOW), arrivals=Arrivals().recent(NOW),
        hide=masking.BY_DEFAULT.of_address,
        one=shown(entry, reveal=True), may_reveal=True, revealed=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    "name", ["live/page.html", "live/rows.html", "live/summary.html", "live/alert.html"]
)
def test_what_a_payment_says_is_text(name: str) -> None:
    values = dict.fromkeys(
        ("merchant_id", "merchant_category", "channel", "country", "ip", "device_id", "source"),
        EVIL,
    )
    texts = {"card_token": EVIL, "attributes": {EVIL: EVIL}, "undeclared": {EVIL: [EVIL]}}
    evil = alert(
        1, values | texts, user_id=EVIL, event_id=EVIL, reasons=(Reason(EVIL, 1, 1, EVIL),)
    )
    honest, attacked = Tags(), Tags()
    honest.feed(rendered(name, alert(1)))
    attacked.feed(rendered(name, evil))
    assert attacked.tags <= honest.tags | {"span"}
    assert not {tag for tag in attacked.tags if tag in ("img", "script")} - honest.tags
    assert attacked.attributes - honest.attributes <= {"title", "id"}


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_nothing_is_inline(path: object) -> None:
    text = path.read_text()  # type: ignore[attr-defined]
    assert not re.search(r"\son\w+=|\sstyle=|<style|javascript:|hx-on|hx-vals='js", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert "| safe" not in text


def test_every_file_has_an_address_that_its_content_changes() -> None:
    for name in ("console.css", "htmx.min.js", "world.svg", "live.js"):
        assert re.fullmatch(rf"/static/[0-9a-f]{{12}}/{name}", ASSETS.url(name))
    with pytest.raises(KeyError):
        ASSETS.url("../console.py")
