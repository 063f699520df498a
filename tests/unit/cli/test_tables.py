"""A row is a line: on a terminal of 80 cells with whole ids, and whole, between tabs, in a pipe."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from risk.cli import audit_show as auditing
from risk.cli import diff_show as diffing
from risk.cli import generate_progress, rules, runs, status, tables, verify
from risk.cli.benchmarks import common as benchmarks
from risk.cli.case_queue import show as case_show
from risk.cli.tables import Column, Styled, Table, fit
from risk.engine.rules import run_cases
from risk.ops.ruleset_folder import read_folder
from risk.paths import ROOT
from risk.registry.activations import Activation
from risk.registry.cases.records import Case
from risk.registry.runs import Run
from risk.stack.up import Status
from risk.verify.verification import Report, StoreReport
from sinks.found import Scored
from tests.unit.cli.test_diff_page import FULL

AT = datetime(2025, 3, 1, 12, tzinfo=UTC)
RUN = "replay-20250301-120000-3f6c0a"
EVENT = "3f6c0a91b27d4e58a1c09d77"
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
LEFT_OUT = re.compile(r"no room for: (.*?) \(", re.DOTALL)


def screen(terminal: bool, width: int = 80) -> Console:
    return Console(
        file=StringIO(),
        width=width,
        force_terminal=terminal,
        highlight=False,
        emoji=False,
        soft_wrap=True,
    )


def text(console: Console) -> str:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def listing() -> runs.Listing:
    counts = dict.fromkeys(("consumed", "scored", "late", "rejected", "duplicate"), 1234567)
    one = Run(
        run_id=RUN,
        kind="replay",
        ruleset="default",
        ruleset_version=12,
        fingerprint="f" * 64,
        code_version="1",
        placement="sharded",
        shadow="strict:3",
        started_at=AT,
        ended_at=AT,
        counts=counts,
        state="finished",
    )
    return runs.Listing([one], [Activation(1, "default", 12, "promote", None, AT)])


def report() -> Report:
    stores = {"postgres": StoreReport(2, 1), "redis": StoreReport(2, 0)}
    why = {"not_json": 5}
    return Report("default", 3, 1_234_567, 2, 0, 0, 1, 5, 0, why, 0, 0, 1, stores, ["e1: " * 40])


def scored() -> Scored:
    why = "6 payments within 60 seconds, more than the 5 that are usual for a user, and then some"
    return Scored(
        ruleset="default",
        ruleset_version=12,
        kind="live",
        late=False,
        revision=1,
        score=90,
        decision="BLOCK",
        user_id="user-4711",
        event_time=1_740_830_400_000,
        scored_at=1_740_830_400_000,
        run_id=RUN,
        fingerprint="f" * 64,
        reasons=[{"rule": "velocity_burst", "version": 2, "points": 60, "text": why}],
        features={"user_count_60s": 6, "user_amount_5m": 1_234_567},
    )


def found() -> list[dict[str, object]]:
    one = scored()
    names = [name for name in one.__struct_fields__ if name != "stored"]
    money = {"amount": 123_456, "currency": "EUR", "ip": "2001:db8:85a3:8d3:1319:8a2e:370:7348"}
    row = {"event_id": EVENT, **{name: getattr(one, name) for name in names}, "transaction": money}
    return [row]


def servers() -> list[Status]:
    log = "/work/some/where/far/away/risk-engine/.stack/log/elasticsearch.log"
    problem = "the cluster's health is red: the shards of one index are not there yet"
    return [
        Status("elasticsearch", "starting", 1_234, "http://127.0.0.1:9200", log, problem),
        Status("redis", "up", 1_235, "127.0.0.1:6379", log),
    ]


def figures() -> Table:
    table = Table(Column("figure", least=30), "value", title="risk bench throughput")
    result = {"runs": [{"events_per_s": 9_876.5}], "a" * 70: 12_345, "warm": True}
    benchmarks._rows(table, result, "")
    return table


def rule_table() -> Table:
    ruleset = read_folder(ROOT / "rules" / "default")
    return rules._table(ruleset, list(run_cases(ruleset)))


def patched(
    module: object, act: Callable[[], None]
) -> Callable[[Console, pytest.MonkeyPatch], None]:
    def run(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "console", console)
        act()

    return run


def one_record() -> None:
    auditing._scored(scored())
    auditing._features([scored()])


def printed(make: Callable[[], Table]) -> Callable[[Console, pytest.MonkeyPatch], None]:
    return lambda console, _: tables.show(console, make())


SUMMARY = generate_progress.Summary(
    seed=7,
    start_time=1_740_830_400_000,
    records=1_234_567,
    by_kind={"out_of_order": 3},
    labels=1,
    truth={"none": 1, "card_testing": 2},
    seconds=1.0,
    rate=1_234.5,
    most_behind_s=0.0,
    errors=0,
    first_error=None,
    stopped=False,
)

CASE = Case(
    id=17, revision=3, state="claimed", level="analyst", assignee="ana.the.analyst",
    snoozed_until=None, verdict=None, reason="", judged_by=None, judged_at=None, approved_by=None,
    user_id="user-4711", users=["user-4711", "user-4712"], rules=["velocity_burst", "far_away"],
    countries=["DE", "FR"], alerts=1_234, score=90, decision="BLOCK",
    amounts={"EUR": 123_456_789}, stake=1_234_567.89, first_event_time=0, last_event_time=0,
    opened_at=datetime(2025, 3, 1, 12, tzinfo=UTC), changed_at=datetime(2025, 3, 1, 12, tzinfo=UTC),
    due_at=datetime(2025, 3, 1, 13, tzinfo=UTC),
)  # fmt: skip

# What each command prints: the words that stand whole on a terminal, and in a pipe also those.
COMMANDS = {
    "runs": (
        patched(runs, lambda: runs._show(listing())),
        (RUN, "default:12 + strict:3", "finished"),
        ("1234567", "2025-03-01 12:00:00", "late", "duplicate"),
    ),
    "case": (
        patched(case_show, lambda: case_show.show_queue([CASE], CASE.opened_at)),
        ("17", "claimed", "user-4711 +1", "BLOCK", "1,234,567.89 EUR"),
        ("velocity_burst,far_away", "ana.the.analyst", "1h00m", "DE,FR"),
    ),
    "status": (
        printed(lambda: status._table(servers())),
        ("elasticsearch", "starting", "redis"),
        ("http://127.0.0.1:9200", "elasticsearch.log", servers()[0].problem or ""),
    ),
    "verify": (
        patched(verify, lambda: verify._show(report())),
        ("rows in postgres", "not_json", "e1: " * 40),
        ("1234567", "mismatches\t1"),
    ),
    "audit": (
        patched(auditing, lambda: auditing.hits(1, found())),
        (EVENT, "user-4711", "BLOCK 90"),
        ("2001:db8:85a3:8d3:1319:8a2e:370:7348", "velocity_burst", "default:12"),
    ),
    "audit of one": (
        patched(auditing, one_record),
        ("velocity_burst v2", "user_count_60s", "1234567"),
        (scored().reasons[0]["text"],),
    ),
    "diff": (
        lambda console, _: diffing.show(console, FULL),
        ("why decisions differ", "default:1", "strict:2"),
        ("rule\twhat changed\tstricter",),
    ),
    "rules": (printed(rule_table), ("velocity_burst",), ("rule\tversion\tpoints\ttests",)),
    "generate": (
        patched(generate_progress, lambda: generate_progress.show(SUMMARY)),
        ("card_testing", "out of order"),
        ("records\t1234567", "records/s\t1234"),
    ),
    "bench": (
        printed(figures),
        ("runs[0].events_per_s",),
        ("runs[0].events_per_s\t9876.5", "a" * 70 + "\t12345", "warm\tTrue"),
    ),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_on_a_terminal_of_80_cells(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    act, whole, _ = COMMANDS[name]
    console = screen(terminal=True)
    act(console, monkeypatch)
    plain = COLOURS.sub("", text(console))
    assert all(words in plain for words in whole), plain
    rows = [line for line in plain.splitlines() if line[:1] in "│┃┏└┡├"]
    assert rows
    assert {cell_len(line) <= 80 for line in rows} == {True}
    # Only what is a sentence goes on in a further line: a row begins with something.
    for line in rows:
        if "problem" not in plain and "why" not in plain:
            assert not re.match(r"│ +│", line), line


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_in_a_pipe(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    act, whole, more = COMMANDS[name]
    console = screen(terminal=False)
    act(console, monkeypatch)
    plain = text(console)
    assert all(words in plain for words in (*whole, *more)), plain
    assert not re.search(r"[\x1b─-╿…]", plain)  # no colours, boxes or ellipses
    assert any("\t" in line for line in plain.splitlines())


def test_what_there_is_no_room_for_is_named() -> None:
    console = screen(terminal=True, width=50)
    table = Table("id", Column("far", rank=2), Column("near", rank=1))
    table.row("i" * 30, "f" * 10, "n" * 10)
    tables.show(console, table)
    plain = COLOURS.sub("", text(console))
    assert "i" * 30 in plain
    assert "n" * 10 in plain
    assert "ffff" not in plain
    assert "no room for: far (--json, or a pipe, has all)" in " ".join(plain.split())


def test_tables_in_a_pipe_are_told_apart() -> None:
    console = screen(terminal=False)
    one, other = Table("a", "b", title="one"), Table("c", title="other")
    one.row("x", 1_000)
    other.row(Styled(2_000, "red"))
    tables.show(console, one, other)
    assert text(console) == "# one\na\tb\nx\t1000\n\n# other\nc\n2000\n"


@pytest.mark.parametrize("terminal", [True, False])
def test_a_value_acts_on_neither_terminal_nor_columns(terminal: bool) -> None:
    console = screen(terminal)
    table = Table("id", "n")
    table.row("[/x]\ta\nb\x1b[2J\u202e", None)
    tables.show(console, table)
    assert r"[/x]\ta\nb\x1b[2J\u202e" in text(console)
    assert len(text(console).splitlines()) == (5 if terminal else 2)


def test_a_row_has_a_cell_for_each_column() -> None:
    with pytest.raises(ValueError, match="1 cells for 2 columns"):
        Table("a", "b").row("x")


@given(
    st.lists(
        st.tuples(
            st.builds(
                Column,
                st.text("abcdef", min_size=1, max_size=8),
                rank=st.integers(0, 3),
                least=st.none() | st.integers(1, 20),
            ),
            st.integers(8, 200),
        ),
        min_size=1,
        max_size=9,
    ),
    st.integers(20, 200),
)
def test_what_fits_is_shown_and_the_rest_by_rank(
    given_columns: list[tuple[Column, int]], width: int
) -> None:
    columns = [column for column, _ in given_columns]
    natural = [wide for _, wide in given_columns]
    found = fit(columns, natural, width)
    kept = [at for at, wide in enumerate(found) if wide is not None]
    taken = 1 + sum(3 + (found[at] or 0) for at in kept)
    assert taken <= max(width, 1 + 11 * len(kept))
    assert all(found[at] is not None for at, column in enumerate(columns) if column.rank == 0)
    least = [
        wide if column.least is None else min(wide, max(column.least, len(column.name)))
        for column, wide in given_columns
    ]
    for at in range(len(columns)):
        if at not in kept:  # there is no room for it
            assert 1 + sum(3 + least[one] for one in (*kept, at)) > width
    assert all((found[at] or 0) <= natural[at] for at in kept)
    if 1 + sum(3 + wide for wide in natural) <= width:
        assert found == natural
    if any(columns[at].rank for at in kept):  # there was another way than shortening an id
        assert all(found[at] == natural[at] for at in kept if columns[at].least is None)


def test_every_table_is_made_here() -> None:
    for path in (ROOT / "cli").rglob("*.py"):
        if path.name != "tables.py":
            assert "rich.table" not in path.read_text(), path
