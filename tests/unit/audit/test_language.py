"""The query language of `risk audit`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.audit.elastic import to_elastic
from risk.audit.language import FIELDS, explain, lone_id, parse
from risk.audit.moments import instant, length, moment, shown
from risk.audit.query import NUMBERS, TEXTS, VALUES, Compare, Match, Query, Value
from risk.engine.rules.errors import Fault

HOUR = 3_600_000
MARCH = 1_740_787_200_000  # 2025-03-01T00:00:00Z


def is_one_of(field: str, *texts: str) -> Match:
    return Match(field, tuple(map(Value, texts)))


def parsed(text: str) -> Query | Fault:
    try:
        return parse(text)
    except Fault as fault:
        return fault


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", Query()),
        ("user:u123", Query((is_one_of("user", "u123"),))),
        (
            "user:u123 decision:BLOCK last 24h",
            Query((is_one_of("user", "u123"), is_one_of("decision", "BLOCK")), last=24 * HOUR),
        ),
        (
            "USER:u1 AND Decision:block",
            Query((is_one_of("user", "u1"), is_one_of("decision", "BLOCK"))),
        ),
        ("decision:block, review", Query((is_one_of("decision", "BLOCK", "REVIEW"),))),
        ('user:"a \\"b\\" c"', Query((is_one_of("user", 'a "b" c'),))),
        ('merchant:"a*"', Query((is_one_of("merchant", "a*"),))),
        ("merchant:a*,b", Query((Match("merchant", (Value("a", prefix=True), Value("b"))),))),
        ("event:a:b-c/d", Query((is_one_of("event", "a:b-c/d"),))),
        ("ip:2001:db8::1,192.0.2.0/24", Query((is_one_of("ip", "2001:db8::1", "192.0.2.0/24"),))),
        (
            "country:de currency=eur",
            Query((is_one_of("country", "DE"), is_one_of("currency", "EUR"))),
        ),
        ("-kind:live", Query((Match("kind", (Value("live"),), negated=True),))),
        ("score>=70 amount<100", Query((Compare("score", ">=", 70), Compare("amount", "<", 100)))),
        (
            "score:70 -revision=0",
            Query((Compare("score", "=", 70), Compare("revision", "=", 0, True))),
        ),
        ("ruleset:default:3", Query((is_one_of("ruleset", "default:3"),))),
        ("from 2025-03-01", Query(since=MARCH)),
        ("to 2025-03-01", Query(until=MARCH + 24 * HOUR)),
        (
            "from 2025-03-01T12:00 to 2025-03-01T14:00+01:00",
            Query(since=MARCH + 12 * HOUR, until=MARCH + 13 * HOUR),
        ),
        ("last 30m", Query(last=HOUR // 2)),
    ],
    ids=str,
)
def test_queries(text: str, query: Query) -> None:
    assert parse(text) == query


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("usr:u1", "no field usr: did you mean user?\n    usr:u1\n    ^^^"),
        ("user:u1 xyzzy:2", "there are event, user, "),
        ("u123", "u123 has no field: write user:u123, say\n    u123\n    ^^^^"),
        ("decision:BLOKC", "decision is one of ALLOW, REVIEW, BLOCK, not BLOKC"),
        ("ip:1.2.3", "1.2.3 is no IP address, nor a network such as 192.0.2.0/24"),
        ("score>=high", "score is compared with a whole number: score>=70\n    score>=high"),
        ("user>u1", "user is text: write user:value, not >\n    user>u1\n        ^"),
        ("user:", "user has no value here: write user:value\n    user:\n         ^"),
        ('user:""', "user has no value here"),
        ("user:a,", "user has no value here"),
        ('user:"a', "the quote is not closed"),
        ("last", "last is followed by a length of time: 30m, 24h or 7d\n    last\n        ^"),
        ("user:u1 last 5 days", "last is followed by a length"),
        ("from yesterday", "from is followed by a time: 2025-03-01 or 2025-03-01T14:30, in UTC"),
        ("last 1h last 2h", "last twice"),
        ("last 1h from 2025-03-01", "last and from both say where to begin: leave one out"),
        ("from 2025-03-02 to 2025-03-01", "from is not before to"),
        ("user:a or user:b", "there is no or: give a field several values, as in a:b,c"),
        ("-last 1h", "- is for a field"),
        (":x", "a term begins with a field"),
        ("-", "a term begins with a field"),
    ],
)
def test_faults_are_shown_where_they_are(text: str, shown: str) -> None:
    with pytest.raises(Fault) as caught:
        parse(text)
    assert shown in explain(text, caught.value)


@given(st.text(alphabet=st.sampled_from('user:ip>=<-,"\\ *lastfromto0123.h\t\né')))
def test_any_text_is_a_query_or_a_fault_within_it(text: str) -> None:
    found = parsed(text)
    if isinstance(found, Fault):
        assert 0 <= found.start < found.end <= len(text) + 1
        assert "^" in explain(text, found)


@given(
    st.sampled_from(sorted(TEXTS.keys() - {"ip", *VALUES})),
    st.text(min_size=1),
)
def test_a_quoted_value_is_any_text(field: str, value: str) -> None:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    (term,) = parse(f'{field}:"{escaped}"').terms
    assert isinstance(term, Match)
    expected = value.upper() if field in ("country", "currency") else value
    assert term.values == (Value(expected),)


@pytest.mark.parametrize("word", ["e1", "3f6c0a91", "a-b_c/d.e", "user", "Zürich-1", "%23", "*"])
def test_one_word_is_an_events_id(word: str) -> None:
    assert lone_id([word]) == word


@pytest.mark.parametrize(
    "words",
    [
        *([], [""], ["user:u1"], ["score>=70"], ["e1,e2"], ['"e1"'], ["order:12"]),
        *(["and"], ["LAST"], ["last", "24h"], ["last 24h"], ["e1", "e2"]),
    ],
)
def test_what_may_be_a_query_is_no_id(words: list[str]) -> None:
    assert lone_id(words) is None


def test_one_event() -> None:
    assert parse("event:e1").event == "e1"
    other = ("event:e1 last 1h", "event:e1 user:u1", "event:e1 to 2025-03-01")
    for text in ("", "user:u1", "score:1", "event:e1,e2", "event:e*", "-event:e1", *other):
        assert parse(text).event is None


def test_as_elasticsearch_is_asked() -> None:
    found = to_elastic(parse("user:a,b* -decision:ALLOW score>=70 last 1h to 2025-03-01"), MARCH)
    assert found == {
        "bool": {
            "filter": [
                {"bool": {"should": [{"term": {"user.id": "a"}}, {"prefix": {"user.id": "b"}}]}},
                {"range": {"risk.score": {"gte": 70}}},
                {
                    "range": {
                        "@timestamp": {
                            "gte": MARCH - HOUR,
                            "lt": MARCH + 24 * HOUR,
                            "format": "epoch_millis",
                        }
                    }
                },
            ],
            "must_not": [{"term": {"risk.decision": "ALLOW"}}],
        }
    }


def test_a_ruleset_with_its_version_is_both() -> None:
    name, version = {"term": {"rule.ruleset": "default"}}, {"term": {"risk.ruleset_version": 3}}
    one = to_elastic(parse("ruleset:default:3"), 0)["bool"]["filter"]
    assert one == [{"bool": {"filter": [name, version]}}]
    assert to_elastic(parse("ruleset:default"), 0)["bool"]["filter"] == [name]


def test_every_field_can_be_asked_for() -> None:
    values = {"ip": "192.0.2.1", **{name: known[0] for name, known in VALUES.items()}}
    for field in FIELDS:
        text = f"{field}:{values.get(field, '7')}"
        (clause,) = to_elastic(parse(text), 0)["bool"]["filter"]
        assert clause["term"].keys() == {(TEXTS | NUMBERS)[field]}


def test_times() -> None:
    assert [length(t) for t in ("90s", "30m", "24h", "7d", "2w")] == [
        90_000,
        30 * 60_000,
        24 * HOUR,
        168 * HOUR,
        336 * HOUR,
    ]
    assert [length(t) for t in ("", "h", "1", "1.5h", "-1h", "1H", "9" * 12 + "h")] == [None] * 7
    assert moment("9999-12-31", end=True) is None
    assert shown(MARCH + 1) == "2025-03-01 00:00:00.001"


@pytest.mark.parametrize(
    ("text", "end", "wanted"),
    [
        ("2025-03-01", False, 1_740_787_200_000),
        ("2025-03-01", True, 1_740_873_600_000),
        ("20250301", True, 1_740_873_600_000),  # a day in digits is a day as well
        ("2025-03-01T00:00", True, 1_740_787_200_000),
        ("1740787200000", True, 1_740_787_200_000),
        ("2025", False, None),  # neither a year nor two seconds after 1970
        ("1" * 15, False, None),
        ("1" * 5_000, False, None),
    ],
)
def test_days_moments_and_milliseconds_are_told_apart(
    text: str, end: bool, wanted: int | None
) -> None:
    assert instant(text, end) == wanted


def test_a_query_that_is_too_long_is_told_without_it() -> None:
    text = "user:a " * 2_000
    fault = parsed(text)
    assert isinstance(fault, Fault)
    told = "query: too long: 14,000 characters, at most 10,000 may be"
    assert explain(text, fault) == told
