"""`risk verify` finds nothing where nothing is wrong, and whatever is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from msgspec.structs import astuple

from flink_jobs.messages import Writer
from risk.config.settings import Scoring
from risk.engine.messages import Score
from risk.engine.oracle import Consumed, Expected, Settled, expected
from risk.engine.oracle.expected import EventKey
from risk.engine.stages.base import MemoryStore, Raw
from risk.engine.stages.fused import Fused
from risk.ops.ruleset_folder import read_folder
from risk.paths import RULES
from risk.verify import comparison, dlq_comparison, store_comparison
from risk.verify.comparison import Line
from sinks.stored import Stored as Row
from tests.unit.streams import START, quiet, raw, reading, transaction

RULESET = read_folder(Path(RULES / "default"))
TOPIC = "risk.transactions"


class Outputs(NamedTuple):
    want: Expected
    scores: list[Line]
    alerts: list[Line]
    late: list[Line]
    dlq: list[Line]

    def rows(self) -> list[Row]:
        found: dict[EventKey, Row] = {}
        for line in self.scores:
            one = msgspec.json.decode(line.value or b"", type=Score)
            reasons = tuple((r.rule, r.version, r.points) for r in one.reasons)
            key = one.event_id, one.user_id, one.event_time
            row = Row(*key, one.revision, one.score, one.decision, reasons, one.fingerprint)
            found[key] = row._replace(late=one.late)
        return list(found.values())


def lines(texts: Sequence[str]) -> list[Line]:
    parts = [text.split("\t", 1) for text in texts]
    return [Line(key.encode(), value.encode()) for key, value in parts]


def stream() -> list[Raw]:
    """Bursts of one user that are flagged, stragglers, a late one, a duplicate and junk."""
    txns = [
        transaction(n, event_time=START + n * 700 - (n % 5 == 3) * 2_000, amount=100 + n)
        for n in range(60)
    ]
    txns += [txns[59], transaction(90, event_time=START - 60_000)]
    found = [raw(txn, offset) for offset, txn in enumerate(txns)]
    return [*found, Raw(0, len(found), START, b"u1", b"\xff"), Raw(0, 99, START, None, None)]


@pytest.fixture
def outputs() -> Outputs:
    raws = stream()
    fused = Fused(lambda stage: MemoryStore(), reading())
    results = [fused.on_batch([one]) for one in raws] + [fused.on_idle(quiet())]
    writer = Writer(RULESET, "run-1")
    found = [writer.decisions(result.scorables, START) for result in results]
    letters = [
        Line(
            one.raw.key,
            one.raw.value,
            {
                "__connect.errors.topic": TOPIC.encode(),
                "__connect.errors.partition": str(one.raw.partition).encode(),
                "__connect.errors.offset": str(one.raw.offset).encode(),
                "__connect.errors.stage": b"decode",
                "__connect.errors.exception.class.name": one.reason.encode(),
            },
        )
        for result in results
        for one in result.rejected
    ]
    return Outputs(
        expected([Consumed(*astuple(one)) for one in raws], RULESET, Scoring()),
        lines([line for said in found for line in said.scores]),
        lines([line for said in found for line in said.alerts]),
        lines([line for result in results for line in writer.late(result.late)]),
        letters,
    )


def compare(outputs: Outputs) -> list[str]:
    want = outputs.want
    scores = comparison.scores(outputs.scores, want, RULESET)
    topics = [
        scores,
        comparison.alerts(outputs.alerts, want, RULESET, scores),
        comparison.late(outputs.late, want),
        dlq_comparison.dlq(outputs.dlq, want, TOPIC),
    ]
    return [problem for topic in topics for problem in topic.problems]


def store(outputs: Outputs, rows: list[Row]) -> list[str]:
    scores = comparison.scores(outputs.scores, outputs.want, RULESET)
    return store_comparison.store("postgres", rows, outputs.want, scores.revisions, RULESET)[1]


def changed(line: Line, old: bytes, new: bytes) -> Line:
    assert old in (line.value or b"")
    return line._replace(value=(line.value or b"").replace(old, new, 1))


def test_nothing_is_wrong(outputs: Outputs) -> None:
    assert (len(outputs.want.late), len(outputs.want.rejected), outputs.want.duplicate) == (1, 2, 1)
    assert outputs.alerts, "the burst is flagged"
    assert any(b'"revision":1' in (line.value or b"") for line in outputs.scores)
    assert compare(outputs) == []
    assert store(outputs, outputs.rows()) == []


def test_repetition_is_no_mismatch(outputs: Outputs) -> None:
    twice = [line for line in outputs.scores for _ in range(2)]
    assert compare(outputs._replace(scores=twice)) == []
    found = comparison.scores(twice, outputs.want, RULESET)
    assert found.repeated == len(outputs.scores)


def test_an_alert_may_be_missing_of_a_score_that_was_told_again_as_allowed(
    outputs: Outputs,
) -> None:
    """A crash came between risk.scores and risk.alerts; then more was known of the payment."""
    corrected = {
        score["event_id"]
        for score in map(json.loads, (line.value or b"" for line in outputs.scores))
        if score["revision"] == 1
    }
    first = next(
        line
        for line in outputs.scores
        if b'"revision":0' in (line.value or b"")
        and b'"decision":"ALLOW"' in (line.value or b"")
        and json.loads(line.value or b"")["event_id"] in corrected
    )
    flagged = changed(first, b'"decision":"ALLOW"', b'"decision":"BLOCK"')
    others = [line for line in outputs.scores if line is not first]
    (missing,) = compare(outputs._replace(scores=[flagged, *others]))
    assert missing.startswith("risk.alerts: none for ")
    assert compare(outputs._replace(scores=[flagged, first, *others])) == []


@pytest.mark.parametrize("topic", ["scores", "alerts", "late", "dlq"])
def test_a_missing_record_is_found(outputs: Outputs, topic: str) -> None:
    found = compare(outputs._replace(**{topic: getattr(outputs, topic)[1:]}))
    assert any(f"risk.{topic}: " in problem for problem in found)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"user_amount_5m":', b'"user_amount_5m":1'),
        (b'"user_distance_km":0.0', b'"user_distance_km":0'),
        (b'"score":', b'"score":1'),
        (b'"decision":"ALLOW"', b'"decision":"BLOCK"'),
        (b'"fingerprint":"', b'"fingerprint":"0'),
        (b'"card_token":"****', b'"card_token":"tok_'),
        (b'"event_id":"e', b'"event_id":"f'),
    ],
)
def test_a_wrong_field_is_found(outputs: Outputs, old: bytes, new: bytes) -> None:
    scores = [changed(outputs.scores[0], old, new), *outputs.scores[1:]]
    assert compare(outputs._replace(scores=scores))


def test_another_rulesets_scores_are_left_alone(outputs: Outputs) -> None:
    other = changed(outputs.scores[0], b'"ruleset":"default"', b'"ruleset":"other"')
    assert compare(outputs._replace(scores=[other, *outputs.scores])) == []


def test_what_another_ruleset_decided_last_is_superseded(outputs: Outputs) -> None:
    """A store of what is live has that row then, and not ours."""
    named = b'"ruleset":"default"', b'"ruleset":"other"'
    other = [changed(line, *named) for line in outputs.scores]
    after = comparison.scores([*outputs.scores, *other], outputs.want, RULESET)
    assert after.superseded == after.live
    before = comparison.scores([*other, *outputs.scores], outputs.want, RULESET)
    assert before.live
    assert not before.superseded


def test_a_wrong_key_is_found(outputs: Outputs) -> None:
    scores = [outputs.scores[0]._replace(key=b"u2"), *outputs.scores[1:]]
    assert any("key b'u2'" in problem for problem in compare(outputs._replace(scores=scores)))


def test_a_correction_that_changes_nothing_is_found(outputs: Outputs) -> None:
    again = changed(outputs.scores[0], b'"revision":0', b'"revision":1')
    found = compare(outputs._replace(scores=[*outputs.scores, again]))
    assert any("without a change" in problem for problem in found)


def test_a_third_word_is_found(outputs: Outputs) -> None:
    again = changed(outputs.scores[0], b'"revision":0', b'"revision":2')
    found = compare(outputs._replace(scores=[*outputs.scores, again]))
    assert any("has revisions [0, 2]" in problem for problem in found)


def test_a_tombstone_is_no_mismatch(outputs: Outputs) -> None:
    assert compare(outputs._replace(scores=[Line(b"u1", None), *outputs.scores])) == []


def test_a_late_payment_has_a_score_and_a_row(outputs: Outputs) -> None:
    (key,) = outputs.want.late_scores
    rows = outputs.rows()
    (row,) = (row for row in rows if row.payment == key)
    others = [row for row in rows if row.payment != key]
    (line,) = (line for line in outputs.scores if b'"late":true' in (line.value or b""))
    without = outputs._replace(scores=[one for one in outputs.scores if one is not line])
    unwanted = outputs._replace(want=msgspec.structs.replace(outputs.want, late_scores={}))
    assert store(outputs, rows) == []
    assert compare(without), "its score is missing"
    assert store(outputs, others), "its row is missing"
    assert compare(unwanted), "it must not be decided as late"
    assert store(outputs, [*others, row._replace(late=False)])
    twice = outputs._replace(scores=[*outputs.scores, changed(line, b'n":0', b'n":1')])
    assert any("has revisions [0, 1]" in problem for problem in compare(twice))


def test_where_a_payment_was_late_and_scored_too_the_scored_row_counts(outputs: Outputs) -> None:
    rows = outputs.rows()
    first = rows[0]
    was = outputs.want.scores[first.payment]
    alone = Settled(was.txn, was.features, lambda: was.outcome, was.position, True, was.appended)
    late = {first.payment: alone, **outputs.want.late_scores}
    want = msgspec.structs.replace(outputs.want, late_scores=late)
    assert store(outputs._replace(want=want), rows) == []
    assert store(outputs._replace(want=want), [first._replace(late=True), *rows[1:]])


def test_two_users_events_of_one_id_are_told_apart(outputs: Outputs) -> None:
    rows = outputs.rows()
    assert store(outputs, [*rows, rows[0]._replace(user_id="another")])
    assert store(outputs, [*rows, rows[0]._replace(event_time=rows[0].event_time + 1)])


def test_touched_bytes_and_another_reason_are_found(outputs: Outputs) -> None:
    first = outputs.dlq[0]
    reason = {**first.headers, "__connect.errors.exception.class.name": b"future"}
    for line in (first._replace(value=b"?"), first._replace(headers=reason)):
        assert compare(outputs._replace(dlq=[line, *outputs.dlq[1:]]))


@pytest.mark.parametrize(
    "change",
    [{"score": 99}, {"revision": 7}, {"fingerprint": ""}, {"event_time": 1}, {"event_id": "x"}],
)
def test_a_wrong_row_is_found(outputs: Outputs, change: dict[str, object]) -> None:
    rows = outputs.rows()
    assert store(outputs, [rows[0]._replace(**change), *rows[1:]])  # type: ignore[arg-type]
    assert store(outputs, rows[1:])
    assert store(outputs, [*rows, rows[0]])
