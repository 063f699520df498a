"""What attacks over merchants, cards and days look like, as they happen."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice, pairwise

from generator.attacks import HARD, NAMED
from generator.attacks.base import usual
from generator.record import Event
from generator.stream import events
from generator.world import World
from risk.engine.payment.currencies import MAJOR_UNIT
from tests.unit.generator.test_stream import config

DAY_S = 86_400.0


def attacked(name: str, count: int, **changes: object) -> list[Event]:
    """The fraudulent payments among the first so many, by one attack alone."""
    happened = islice(events(config(attack=name, habits="none", **changes)), count)
    return [event for event in happened if event.attack]


def test_cards_on_file_are_charged_once_each_in_round_sums() -> None:
    found = attacked("compromised_merchant", 24_000, rate=20.0, duration_s=1_200.0)
    by_merchant = defaultdict(list)
    for event in found:
        by_merchant[event.txn.merchant_id].append(event)
    assert len(by_merchant) > 3
    whole = [own for own in by_merchant.values() if own[0].due_ms < 700_000]
    assert whole
    for own in whole:
        assert 40 <= len({event.txn.user_id for event in own}) <= len(own) <= 50
        assert own[-1].due_ms - own[0].due_ms <= 480_000
        for txn in (event.txn for event in own):
            assert txn.amount
            assert txn.amount % (100 * MAJOR_UNIT[txn.currency]) == 0


def test_a_stolen_card_pays_on_eight_accounts_for_days() -> None:
    """In the pace of its owners: each account pays a few times, the card every two hours."""
    found = attacked(
        "stolen_card_days", 40_000, rate=0.05, duration_s=20 * DAY_S, users=2_000, attack_share=0.02
    )
    by_card = defaultdict(list)
    for event in found:
        by_card[event.txn.card_token].append(event)
    whole = [own for own in by_card.values() if len(own) == 24]
    assert whole
    for own in whole:
        users = {event.txn.user_id for event in own}
        assert len(users) == 8
        assert 1.8 * DAY_S < (own[-1].due_ms - own[0].due_ms) / 1_000 < 2.2 * DAY_S
        for one, other in pairwise(own):
            assert one.txn.user_id != other.txn.user_id


def test_a_stolen_card_is_one_that_somebody_has() -> None:
    found = attacked("stolen_card_days", 2_000, rate=50.0, users=300)
    world = World(config().seed, 300)
    cards = {world.user(number).card for number in range(300)}
    assert found
    assert {event.txn.card_token for event in found} <= cards


def test_a_first_payment_to_a_stranger_is_large_and_from_the_owners_device() -> None:
    found = attacked("payee_first", 3_000, users=300)
    world = World(config().seed, 300)
    users = {user.user_id: user for user in map(world.user, range(300))}
    assert found
    for txn in (event.txn for event in found):
        user = users[txn.user_id]
        assert 3.9 * usual(user) < txn.amount < 9 * usual(user)
        assert (txn.device_id, txn.ip, txn.country) == (
            *(user.devices[0], user.ips[0], user.home.country),
        )


def test_attacks_over_days_hide_in_minutes() -> None:
    assert {"compromised_merchant", "stolen_card_days", "payee_first"} <= HARD < NAMED.keys()
