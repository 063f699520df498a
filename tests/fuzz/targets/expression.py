"""The language of conditions and of reasons: parsed, checked, written out again and compiled."""

from __future__ import annotations

from risk.engine.features.catalogue import FIRST
from risk.engine.features.named import named
from risk.engine.rules.cases import neutral_payment
from risk.engine.rules.check import check
from risk.engine.rules.compiler import compile_rules
from risk.engine.rules.errors import Fault
from risk.engine.rules.names import KINDS
from risk.engine.rules.parser import parse
from risk.engine.rules.template import template
from risk.engine.rules.tree import render
from tests.fuzz.target import Target, as_file
from tests.fuzz.targets.folders import WORDS

LISTS = {"places": ("DE", "FR"), "nets": ("192.0.2.0/24",)}


def once(data: bytes) -> None:
    """A condition; behind a line break, the template of a reason."""
    condition, _, reason = as_file(data).partition("\n")
    _, faults = template(reason, KINDS, {}, {})
    for fault in faults:
        assert 0 <= fault.start <= fault.end <= len(reason) + 1
    tree = parse(condition)
    wrong = list(check(tree, LISTS, KINDS))
    if wrong:
        raise wrong[0]
    spelled = render(tree)
    assert render(parse(spelled)) == spelled, "written and read again it is another"
    hits = compile_rules([tree], LISTS, {})
    hits(named(*FIRST.values()), neutral_payment(1, 0, {}), False)


SEEDS = tuple(
    text.encode()
    for text in (
        "amount_major <= 2 and user_micro_5m >= 3\n{user_micro_5m} tiny payments, {amount}",
        'not (country in places or channel == "web") and amount % 100 == 0\n{country:x}',
        'ip in nets or ip in ["10.0.0.0/8", "2001:db8::/32"]\n{ip_network}',
        "user_amount_5m * 2 - amount / 3 > 1_000 or has(device_id) and late\n{{x}}",
        'country not in ["DE", "FR"] and -amount < 0\n',
        "((((((amount > 1))))))\n",
    )
)
TARGET = Target("expression", once, (Fault,), SEEDS, WORDS, "text", 4_000)
