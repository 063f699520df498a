"""A record of risk.transactions: decoded, held to a contract, masked, and written again."""

from __future__ import annotations

from risk.console.api.check import canonical
from risk.engine.messages import masked
from risk.engine.payment.contract import Contract, Kind
from risk.engine.payment.redaction import has_card_number
from risk.engine.payment.rejected import MOST_TOLD
from risk.engine.payment.transaction import Rejected, decode, encode, read
from tests.fuzz.target import Target
from tests.fuzz.targets.payments import SEEDS, WORDS

DECLARED: dict[str, Kind] = {"a_int": "int", "a_float": "float", "a_bool": "bool", "a_str": "str"}
CONTRACT = Contract("fuzzed:1", DECLARED, ("a_str",), frozenset(DECLARED))


def once(data: bytes) -> None:
    """What is accepted says the same when it is written and read again."""
    try:
        txn = read(data)
    except Rejected as rejected:
        assert len(rejected.message) <= MOST_TOLD
        assert not has_card_number(rejected.message)
        raise
    assert decode(data, txn.user_id.encode()) == txn
    message = encode(txn)
    assert read(message) == txn, "written and read again it is another"
    assert encode(read(message)) == message
    assert read(canonical(txn).message) == txn
    masked(txn, DECLARED)
    CONTRACT.undeclared(txn)
    CONTRACT.check(txn)


TARGET = Target("payment", once, (Rejected,), SEEDS, WORDS, "json")
