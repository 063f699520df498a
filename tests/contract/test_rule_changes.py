"""Changes of rules in the console on a real Postgres: from a draft to a patch that applies."""

from __future__ import annotations

import html
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import psycopg
import pytest
from msgspec.structs import replace

from risk.cli.main import main
from risk.config.settings import Settings
from risk.console.app import create
from risk.engine.features.catalogue import FIRST
from risk.engine.feedback import Feedback, Logged
from risk.engine.messages import Reason
from risk.ops.rule_changes.tree import RulesFolder
from risk.ops.ruleset_folder import read_folder
from risk.ops.users import manage
from risk.registry import models, rulesets
from sinks.feedback.writer import FeedbackWriter
from sinks.postgres.connect import connect
from sinks.postgres.writer import PostgresSink
from tests.contract.browser import Browser, browser
from tests.contract.messages import score
from tests.needs import program
from tests.unit.ops.rule_changes.folders import project, write

pytestmark = pytest.mark.stack

PEOPLE = {"vera": "viewer", "ana": "analyst", "ben": "analyst", "lea": "lead"}
EVIL = "\"'><img src=x onerror=alert(1)><script>alert(1)</script>{{7*7}}"


class Person(Browser):
    """A browser of somebody who is signed in."""

    def step(self, number: int, name: str, **data: str) -> httpx.Response:
        """A step of a change as it stands."""
        page = self.get(f"/rules/changes/{number}").text
        revision = re.findall(r'name="revision" value="(\d+)"', page)
        known: dict[str, Any] = {"revision": revision[0] if revision else "1"}
        return self.post(f"/rules/changes/{number}/steps/{name}", **(known | data))


class Console(NamedTuple):
    """A console with rulesets of the test's own."""

    settings: Settings
    app: Any
    root: Path

    def person(self, name: str) -> Person:
        return Person(*browser(self.app, self.settings.console.origin, name))


@pytest.fixture
def console(migrated: Settings, tmp_path: Path) -> Iterator[Console]:
    for name, role in PEOPLE.items():
        manage.add(migrated, name, role, "correct horse battery")  # type: ignore[arg-type]
    app = create(migrated)
    root = write(project(), tmp_path)
    app.state.site.rules = RulesFolder(root)
    yield Console(migrated, app, root)
    app.state.site.pool.close()


def drafted(person: Person, rule: str = "velocity_burst") -> int:
    answer = person.post(f"/rules/of/default/rule/{rule}/draft")
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].rpartition("/")[2])


def edited(console: Console, rule: str, *pairs: tuple[str, str]) -> str:
    text = (console.root / "default" / f"{rule}.yaml").read_text("utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


EARLIER = (("user_count_5m >= 8", "user_count_5m >= 5"), ("user_count_5m: 7,", "user_count_5m: 4,"))


def test_a_draft_becomes_a_patch_that_applies(console: Console, tmp_path: Path) -> None:
    ana, lea = console.person("ana"), console.person("lea")
    number = drafted(ana)
    text = edited(console, "velocity_burst", *EARLIER).replace("\n", "\r\n")  # as browsers send it
    assert ana.step(number, "save", text=text).status_code == 303
    page = ana.get(f"/rules/changes/{number}").text
    assert "No fault; all tests pass." in page
    fingerprint = re.findall(r'id="draft-fingerprint">([0-9a-f]{64})<', page)[0]
    assert ana.step(number, "propose", why="").status_code == 400
    assert ana.step(number, "propose", why="bursts begin earlier now").status_code == 303
    assert ana.get(f"/rules/changes/{number}/patch").text.startswith("diff --git a/rules/days/")
    own = ana.step(number, "approve")
    assert own.status_code == 403
    assert console.person("ben").step(number, "approve").status_code == 403
    assert lea.step(number, "approve", revision="1").status_code == 409, "an older revision"
    assert lea.step(number, "approve").status_code == 303
    page = console.person("vera").get(f"/rules/changes/{number}").text
    assert "approved by lea" in page
    patch = lea.get(f"/rules/changes/{number}/patch")
    assert "attachment" in patch.headers["content-disposition"]
    (tmp_path / "it.patch").write_bytes(patch.content)
    subprocess.run((program("git"), "apply", "it.patch"), cwd=tmp_path, check=True, timeout=60)
    assert read_folder(console.root / "default").fingerprint == fingerprint
    for name in ("default", "strict", "days"):
        assert main(["rules", "check", str(console.root / name)]) == 0
    assert "it is in the folder" in lea.get(f"/rules/changes/{number}").text


def test_faults_are_told_with_their_place_before_anything_is_kept(console: Console) -> None:
    ana = console.person("ana")
    number = drafted(ana)
    wrong = edited(console, "velocity_burst", ("when: user_count_5m", "when: user_cuont_5m"))
    answer = ana.post(f"/rules/changes/{number}/check", part=True, text=wrong)
    told = html.unescape(answer.text)
    assert "<html" not in told
    assert "rules/default/velocity_burst.yaml:5:7: no feature or field is called" in told
    assert "did you mean user_count_5m?" in told
    assert "\n          ^^^^^^^^^^^^^" in told
    assert 'data-line="5"' in told
    assert "user_cuont_5m" not in ana.get(f"/rules/changes/{number}").text
    assert ana.step(number, "save", text=wrong).status_code == 303
    assert ana.step(number, "propose", why="why not").status_code == 400
    assert ana.post(f"/rules/changes/{number}/backtest", days="7").status_code == 409
    failing = edited(console, "velocity_burst", ("{user_count_5m: 8}", "{user_count_5m: 1}"))
    assert "missed, expected a hit" in ana.post(
        f"/rules/changes/{number}/check", part=True, text=failing
    ).text  # fmt: skip
    assert ana.post(f"/rules/changes/{number}/check", text="\0").status_code == 400


def test_what_the_folder_has_since_is_not_overwritten(console: Console) -> None:
    ana, lea, ben = (console.person(name) for name in ("ana", "lea", "ben"))
    number = drafted(ana)
    assert ben.step(number, "save", text="x").status_code == 403
    assert ana.step(number, "save", text=edited(console, "velocity_burst", *EARLIER)).is_redirect
    assert ana.step(number, "propose", why="earlier").is_redirect
    assert lea.step(number, "reject", reason="too early for me").is_redirect
    assert "too early for me" in ana.get(f"/rules/changes/{number}").text
    assert ana.step(number, "propose", why="earlier").is_redirect
    path = console.root / "default" / "ip_burst.yaml"
    path.write_text(path.read_text("utf-8").replace("points: 65", "points: 66"), "utf-8")
    assert lea.step(number, "approve").status_code == 409
    assert ana.step(number, "take_back").is_redirect
    assert ana.step(number, "withdraw").is_redirect
    assert 'data-state="withdrawn"' in ana.get(f"/rules/changes/{number}").text


def test_the_trail_is_kept(console: Console) -> None:
    drafted(console.person("ana"))
    with (
        connect(console.settings) as connection,
        pytest.raises(psycopg.Error, match="never changed or removed"),
    ):
        connection.execute("DELETE FROM rule_change_events")


def test_a_list_is_changed_by_a_proposal_with_reason_and_last_day(console: Console) -> None:
    ana, path = console.person("ana"), "/rules/of/default/list/high_risk_countries"
    assert "RU" in ana.get(path).text
    form: dict[str, Any] = {"value": "ZW", "reason": "seen in cases", "until": "2099-12-31"}
    answer = ana.post(f"{path}/add", **form)
    assert answer.status_code == 303
    page = html.unescape(ana.get(answer.headers["location"]).text)
    assert '- "ZW"  # until 2099-12-31: seen in cases (ana)' in page
    assert "No fault; all tests pass." in page
    removal = ana.post(f"{path}/remove", value=["RU", "VE"], reason="no more")
    page = html.unescape(ana.get(removal.headers["location"]).text)
    assert '-- "RU"' in page
    assert ana.post(f"{path}/remove", reason="none").status_code == 400
    assert ana.post(f"{path}/add", **(form | {"until": "soon"})).status_code == 400
    inherited = ana.post("/rules/of/strict/list/high_risk_countries/add", **form)
    assert inherited.status_code == 400
    assert "change it there" in html.unescape(inherited.text)


def test_a_backtest_tells_flips_money_and_verdicts(console: Console) -> None:
    ana, settings, now = console.person("ana"), console.settings, time.time_ns() // 1_000_000
    mark = read_folder(console.root / "default").fingerprint
    stored(settings, mark, now)
    number = drafted(ana)
    text = edited(console, "velocity_burst", *EARLIER)
    assert ana.step(number, "save", text=text).is_redirect
    page = ana.post(f"/rules/changes/{number}/backtest", part=True, days="7").text
    assert "3 live payments of the last 7 days were decided by both" in page
    assert re.search(r"Newly flagged</dt><dd><strong>2</strong>", page)
    assert "EUR 24.68" in page
    assert re.search(r"Fraud gained, lost</dt><dd><strong>1</strong>, <strong>0", page)
    assert "Some of them" in page
    kept = ana.get(f"/rules/changes/{number}").text
    assert re.search(r"Newly flagged</dt><dd><strong>2</strong>", kept)
    assert "Some of them" not in kept, "examples are of users, and aren't kept"
    assert "Of an earlier text" not in kept
    assert ana.step(number, "save", text=text.replace("points: 60", "points: 61")).is_redirect
    assert "Of an earlier text" in ana.get(f"/rules/changes/{number}").text
    assert ana.post(f"/rules/changes/{number}/backtest", days="0").status_code == 400
    rule = console.person("vera").get("/rules/of/default/rule/velocity_burst").text
    assert "1 hit," in rule
    assert "100%" in rule


def stored(settings: Settings, mark: str, now: int) -> None:
    """Three live payments with features: 5, 6 and 2 in five minutes; the first is fraud."""
    rows = []
    for n, count in enumerate((5, 6, 2)):
        at = now - 3_600_000 - n
        one = score(f"e{n}", event_time=at, ruleset=("default", 4), amount=1_234)
        features = {**FIRST, "user_count_5m": count}
        rows.append(replace(one, features=features, fingerprint=mark))
    hit = (Reason("velocity_burst", 1, 60, "many"),)
    rows[0] = replace(rows[0], reasons=hit)
    sink = PostgresSink(settings)
    sink.write(rows)
    sink.close()
    said = Feedback(1, "e0", "u-1", rows[0].event_time, "fraud", "analyst", now, "ben")
    writer = FeedbackWriter(settings)
    writer.write([Logged(said, now, 0, 0)])
    writer.close()


def test_pages_show_what_there_is_and_no_markup_of_others(console: Console) -> None:
    vera, ana = console.person("vera"), console.person("ana")
    rulesets.archive(console.settings, "old_one", 3, "f" * 64, {"ruleset.yaml": "name: old_one"})
    digest = "ab" * 32
    card = {"figures": {"f1": {"value": 0.75, "low": 0.7, "high": None}}}
    models.register(
        console.settings,
        models.Model(sha256=digest, name="card", kind="boosting", card=card, note=EVIL),
    )
    pages = {
        "/rules": ("old_one", "days"),
        "/rules?q=velocity": ("velocity_burst",),
        "/rules?q=nothing+like+it": ("No rule says that",),
        "/rules/of/strict": ("from default", "risk promote strict", "risk rollback"),
        "/rules/of/default/rule/ip_burst": ("ip_burst.yaml",),
        "/models": ("candidate", digest[:12]),
        f"/models/{digest}": (digest, "0.750", "risk promote"),
    }
    for path, texts in pages.items():
        answer = vera.get(path)
        assert answer.status_code == 200, path
        for text in texts:
            assert text in answer.text, (path, text)
        assert "<img" not in answer.text
        assert "Draft" not in answer.text or path == "/rules"
    for path in ("/rules?state=lost", "/rules/of/nothing", "/rules/of/default?version=9"):
        assert vera.get(path).status_code in (400, 404), path
    assert vera.post("/rules/of/default/rule/ip_burst/draft").status_code == 403
    number = drafted(ana)
    assert ana.step(number, "save", text=EVIL).is_redirect
    page = ana.get(f"/rules/changes/{number}").text
    assert "<img" not in page
    assert ana.post("/rules/of/default/new", name="ruleset").status_code == 400
    assert ana.post("/rules/of/default/new", name="fresh_rule").is_redirect


def test_a_folder_that_cannot_be_read_is_told(console: Console) -> None:
    vera = console.person("vera")
    (console.root / "default" / "ip_burst.yaml").write_text("id: [", "utf-8")
    assert "not valid" in vera.get("/rules").text
    assert vera.get("/rules/of/default").status_code == 409
    (console.root / "default" / "ip_burst.yaml").write_bytes(b"\xff")
    assert vera.get("/rules").status_code == 400
