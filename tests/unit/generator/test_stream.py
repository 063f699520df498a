"""The generator's stream: the same for the same seed, with the shares that are asked for."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.attacks import ATTACKS, NAMED, UNFORESEEN, UnknownAttack, selected
from generator.config import StreamConfig
from generator.malformed import KINDS, each_kind
from generator.partition import murmur2, partition
from generator.record import Record
from generator.stream import broken, events, records
from risk.engine.messages import Label
from risk.engine.payment.transaction import MAX_EVENT_TIME, Rejected, decode
from risk.engine.stages.base import MemoryStore, Raw
from risk.engine.stages.ingest import Ingest
from risk.engine.stages.ingested import Ingested
from tests.unit.streams import reading

ROOT = Path(__file__).parents[3]
START = 1_790_000_000_000
label = msgspec.json.Decoder(Label, strict=True).decode


def config(**changes: object) -> StreamConfig:
    fields: dict[str, object] = {"start_time": START, "rate": 200.0, "duration_s": 20.0}
    return msgspec.convert(fields | changes, StreamConfig)


def fingerprint(stream: Iterable[Record]) -> str:
    found = hashlib.sha256()
    for record in stream:
        found.update(repr(tuple(record)).encode())
    return found.hexdigest()


def outcome(batch: Ingested) -> str:
    """Of the one record of a batch."""
    if batch.late:
        return "late"
    if batch.rejected:
        return "rejected"
    return "taken" if batch.items else "duplicate"


def outcomes(stream: Iterable[Record], partitions: int = 4) -> Counter[tuple[str, str]]:
    """(kind, what the first stage makes of it): how often, as the records are sent."""
    ingest = Ingest(MemoryStore(), reading(range(partitions)))
    found: Counter[tuple[str, str]] = Counter()
    for offset, record in enumerate(stream):
        where = partition(record.key or b"", partitions)
        raw = Raw(where, offset, START + record.due_ms, record.key, record.value)
        batch = ingest.on_batch([raw])
        found[record.kind, outcome(batch)] += 1
    return found


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**40), st.sampled_from((0.0, 20.0)), st.sampled_from((0, 3)))
def test_the_same_seed_gives_the_same_bytes(seed: int, skew_s: float, hot_ips: int) -> None:
    asked = config(seed=seed, duration_s=5.0, skew_s=skew_s, hot_ips=hot_ips, hot_share=0.1)
    assert fingerprint(records(asked)) == fingerprint(records(asked))


def test_another_seed_gives_other_bytes() -> None:
    assert fingerprint(records(config(seed=1))) != fingerprint(records(config(seed=2)))


def test_no_process_gives_other_bytes() -> None:
    code = (
        "from tests.unit.generator.test_stream import *;"
        "print(fingerprint(records(config())), fingerprint(broken(config(), 50)))"
    )
    expected = [fingerprint(records(config())), fingerprint(broken(config(), 50))]
    for hash_seed in ("1", "2"):
        done = subprocess.run(
            (sys.executable, "-c", code),
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.split() == expected


def test_the_start_time_moves_event_times_and_nothing_else_of_honest_payments() -> None:
    one, two = (events(config(start_time=at, attack="none")) for at in (START, START + 1_000))
    for before, after in islice(zip(one, two, strict=False), 500):
        moved = msgspec.structs.replace(before.txn, event_time=before.txn.event_time + 1_000)
        assert after == before._replace(txn=moved)


def test_records_come_in_the_order_in_which_they_are_sent_at_the_rate() -> None:
    dues = [record.due_ms for record in records(config(rate=1_000.0, duration_s=30.0))]
    assert len(dues) == 30_000
    assert dues == sorted(dues)
    assert dues[0] >= 0
    assert 27_000 < dues[-1] < 33_000


def test_shares_are_about_right() -> None:
    asked = config(
        rate=1_000.0,
        duration_s=120.0,
        attack_share=0.1,
        out_of_order=0.2,
        duplicates=0.05,
        malformed=0.03,
        late=0.02,
    )
    stream = list(records(asked))
    share = {kind: n / len(stream) for kind, n in Counter(r.kind for r in stream).items()}
    sent = 1 + asked.duplicates + asked.malformed
    assert share["out_of_order"] == pytest.approx(0.2 / sent, rel=0.1)
    assert share["duplicate"] == pytest.approx(0.05 / sent, rel=0.1)
    assert share["malformed"] == pytest.approx(0.03 / sent, rel=0.1)
    assert share["late"] == pytest.approx(0.02 / sent, rel=0.1)
    truths = [label(record.label) for record in stream if record.label]
    assert sum(truth.fraud for truth in truths) / len(stream) == pytest.approx(0.1, rel=0.3)


def test_every_record_but_broken_and_repeated_ones_has_its_label() -> None:
    stream = list(records(config(duplicates=0.1)))
    seen = set()
    for record in stream:
        assert (record.label is None) == (record.kind in ("duplicate", "malformed"))
        if record.label is not None:
            truth, txn = label(record.label), decode(record.value, record.key)
            same = (truth.event_id, truth.user_id, truth.event_time)
            assert same == (txn.event_id, txn.user_id, txn.event_time)
            assert truth.fraud == (truth.attack is not None)
            assert truth.event_id not in seen
            seen.add(truth.event_id)


def test_some_repetitions_differ_from_what_they_repeat() -> None:
    stream = list(records(config(duplicates=0.3)))
    first = {decode(r.value, r.key).event_id: r.value for r in stream if r.label}
    again = [r for r in stream if r.kind == "duplicate"]
    changed = sum(first[decode(r.value, r.key).event_id] != r.value for r in again)
    assert 0 < changed < len(again) / 2


def test_the_engine_sees_each_kind_as_it_is_meant() -> None:
    found = outcomes(records(config(rate=500.0, duration_s=60.0, late=0.02, malformed=0.02)))
    seen = {kind: {seen for other, seen in found if other == kind} for kind, _ in found}
    assert seen == {
        "on_time": {"taken"},
        "out_of_order": {"taken"},
        "duplicate": {"duplicate"},  # also of what is late
        "malformed": {"rejected"},
        "late": {"late"},
    }


def test_skew_delays_whole_partitions_and_makes_nothing_late() -> None:
    asked = config(rate=500.0, duration_s=60.0, skew_s=45.0, out_of_order=0.0, late=0.0)
    stream = list(records(asked))
    assert {seen for kind, seen in outcomes(stream) if kind != "malformed"} == {
        "taken",
        "duplicate",
    }
    behind: dict[int, set[int]] = {}
    for record in stream:
        if record.kind == "on_time":
            txn = decode(record.value, record.key)
            lag = START + record.due_ms - txn.event_time
            behind.setdefault(partition(txn.user_id.encode(), 4), set()).add(lag)
    assert behind == {0: {0}, 1: {15_000}, 2: {30_000}, 3: {45_000}}
    assert min(record.due_ms for record in stream) < 1_000
    labelled = {label(record.label).event_id for record in stream if record.label}
    repeated = {decode(r.value, r.key).event_id for r in stream if r.kind == "duplicate"}
    assert repeated <= labelled


def test_hot_addresses_are_shared_by_users_of_all_partitions() -> None:
    asked = config(rate=500.0, attack="none", habits="none", hot_ips=3, hot_share=0.2)
    users: dict[str, set[str]] = {}
    count = 0
    for event in islice(events(asked), 5_000):
        users.setdefault(event.txn.ip, set()).add(event.txn.user_id)
    hot = sorted(users, key=lambda ip: -len(users[ip]))[:4]
    count = sum(len(users[ip]) for ip in hot[:3])
    assert 800 < count < 1_200
    assert len(users[hot[3]]) <= 2  # a household
    for ip in hot[:3]:
        assert {partition(user.encode(), 4) for user in users[ip]} == {0, 1, 2, 3}


@pytest.mark.parametrize("users", [1, 2, 5, 50])
def test_however_few_users_there_are_the_stream_goes_on(users: int) -> None:
    stream = list(records(config(users=users)))
    assert len(stream) == 4_000
    assert len({r.key for r in stream if r.label}) <= users


def test_nothing_that_is_sent_tells_who_attacks() -> None:
    """Each value of a categorical field, and each field, occurs in honest payments as well."""
    sent: dict[bool, dict[str, set[str]]] = {True: {}, False: {}}
    for record in records(config(rate=500.0, duration_s=60.0)):
        if record.label is None:
            continue
        txn = msgspec.json.decode(record.value)
        kept = sent[label(record.label).fraud]
        kept.setdefault("fields", set()).update(txn)
        for name in ("schema_version", "currency", "channel", "country", "source"):
            kept.setdefault(name, set()).add(str(txn.get(name)))
        for name in ("event_id", "user_id", "device_id", "card_token", "merchant_id"):
            shape = re.sub("[0-9a-f]", "x", txn.get(name, "").removeprefix("d"))
            kept.setdefault(f"shape of {name}", set()).add(shape)
    for name, values in sent[True].items():
        assert values <= sent[False][name], name


@pytest.mark.parametrize("name", list(NAMED))
def test_an_attack_alone_is_labelled_with_its_name(name: str) -> None:
    truths = [label(r.label) for r in records(config(attack=name)) if r.label]
    assert {truth.attack for truth in truths} == {None, name}


def test_what_nobody_foresaw_has_to_be_named() -> None:
    assert not set(selected("all")) & set(UNFORESEEN)
    assert set(selected("overcharging_shop,ip_burst")) == {"overcharging_shop", "ip_burst"}


def test_no_attack_gives_no_fraud() -> None:
    for asked in (config(attack="none"), config(attack_share=0.0)):
        assert not any(label(r.label).fraud for r in records(asked) if r.label)


def test_an_unknown_attack_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownAttack, match=r"'phishing'.*card_testing"):
        next(records(config(attack="card_testing,phishing")))


def rejection(key: bytes | None, value: bytes, at: int) -> str:
    found = Ingest(MemoryStore(), reading()).on_batch([Raw(0, 0, at, key, value)])
    assert not found.items
    assert not found.late
    return found.rejected[0].reason


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from((0, START)))
def test_each_malformed_kind_gets_the_reason_that_it_claims(seed: int, start_time: int) -> None:
    txns = (event.txn for event in events(config(seed=seed, start_time=start_time)))
    rng = Random(seed)
    for kind in KINDS:
        key, value, reason = kind(next(txns), rng)
        assert rejection(key, value, start_time) == reason
        if reason == "future":
            assert decode(value, key).event_time <= MAX_EVENT_TIME
        else:
            with pytest.raises(Rejected):
                decode(value, key)


def test_only_broken_records_are_of_every_kind_and_some_are_large() -> None:
    txns = (event.txn for event in events(config()))
    found = list(each_kind(txns, 500, Random(1)))
    assert {reason for *_, reason in found} == {
        *("empty", "not_utf8", "not_json", "invalid_field", "wrong_key", "future", "too_large"),
    }
    assert sum(len(value) > 1_000_000 for _, value, _ in found) == 2
    stream = list(broken(config(), 500))
    assert {record.kind for record in stream} == {"malformed"}
    assert stream[-1].due_ms == 2_495


@pytest.mark.parametrize(
    ("key", "expected"),
    # From the tests of Kafka's own clients.
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_the_hash_is_that_of_java(key: bytes, expected: int) -> None:
    assert murmur2(key) == expected & 0xFFFFFFFF


def test_attacks_come_soon_and_go_on_however_long_the_stream_is() -> None:
    stream = islice(records(config(duration_s=31_536_000.0, rate=100.0)), 60_000)
    fraud = [r for r in stream if r.label and label(r.label).fraud]
    assert {label(r.label or b"").attack for r in fraud} == set(ATTACKS)
    assert len(fraud) / 60_000 == pytest.approx(0.05, rel=0.5)


def test_a_user_under_attack_pays_nothing_else_for_a_while_and_then_again() -> None:
    asked = config(rate=20.0, duration_s=3_600.0, users=4_000)
    attacked: dict[str, int] = {}
    later = set()
    for due, txn, attack, _ in islice(events(asked), 60_000):
        user = txn.user_id
        if attack == "stolen_card_days":  # it takes days, and the accounts' owners go on
            continue
        if attack and not ATTACKS[attack].history:  # it has no honest payments of its own
            attacked[user] = due
        elif attack is None and due < attacked.get(user, -300_000) + 300_000:
            # Only as the history of another attack, which a user of a small world may have to bear.
            later.add(user)
    assert len(later) < len(attacked) / 50
    honest = {event.txn.user_id for event in islice(events(asked), 60_000) if not event.attack}
    assert len(honest & set(attacked)) > len(attacked) / 2
