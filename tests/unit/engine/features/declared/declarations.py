"""Declarations of every kind, as Hypothesis strategies."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from risk.engine.features.catalogue import FeatureValue
from risk.engine.features.kinds import KINDS
from risk.engine.payment.contract import Kind
from risk.engine.rules.declaration import CHAINED, OF_VERDICTS, Declaration
from risk.engine.rules.parser import parse
from risk.engine.rules.tree import names

FIELDS = (
    "tier:str",
    "n:int",
    "merchant_id",
    "user_id",
    "country",
    "currency",
    "device_id",
    "ip",
    "card_token",
)
KEYS = (
    ("merchant_id",),
    ("country",),
    ("ip",),
    ("user_id", "currency"),
    ("currency", "merchant_id"),
    ("currency",),
    ("merchant_id", "device_id"),
    ("card_token",),
    ("tier:str",),
    ("n:int", "country"),
)
WINDOWS = (1_000, 60_000, 300_000, 3_600_000)
STEPS = ((3_600_000, 60_000), (86_400_000, 3_600_000), (7 * 86_400_000, 86_400_000), (1_000, 1_000))
ATTRIBUTES: dict[str, Kind] = {"tier": "str", "n": "int", "x": "float"}
CONDITIONS = (
    'currency == "EUR"',
    "amount > 500 and not (amount % 100 == 0)",
    'country in ["DE", "FR"]',
    'ip != "10.0.0.2" or hour_utc < 12',
    'ip_network == "10.0.0.0/24"',
    'tier == "gold" or not has(device_id)',
    "has(n) and x > 0.25",
    'merchant_id != "{0}" and merchant_id != "m{1"',
)


@st.composite
def declarations(draw: st.DrawFn, most: int = 8) -> list[Declaration]:
    """Some features over a few keys, each called after its number."""
    keys = draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=3, unique=True))
    return [draw(declaration(f"f{number}", keys)) for number in range(draw(st.integers(1, most)))]


@st.composite
def declaration(draw: st.DrawFn, name: str, keys: list[tuple[str, ...]]) -> Declaration:
    """One feature."""
    value = draw(st.sampled_from(sorted(KINDS)))
    kind = KINDS[value]
    number = draw(st.sampled_from(("amount", "amount", "n:int")))
    of = {"nothing": "", "number": number, "anything": draw(st.sampled_from(FIELDS))}[kind.needs]
    span = draw(st.sampled_from(kind.spans))
    window = step = session = 0
    if span == "session":
        session = draw(st.sampled_from((1_000, 300_000, 1_800_000)))
    elif span == "steps":
        window, step = draw(st.sampled_from(STEPS))
    else:
        window = draw(st.sampled_from((*WINDOWS, 2 * 86_400_000)[: 5 if value in CHAINED else 4]))
    condition = draw(st.sampled_from((None, None, *CONDITIONS)))
    where = parse(condition) if condition else None
    key = draw(st.sampled_from(keys))
    read = set(names(where)) & ATTRIBUTES.keys() if where else ()
    typed = tuple((one, ATTRIBUTES[one]) for one in sorted(read))
    one = Declaration(name, key, value, of, window, step, session, where, typed)
    others: dict[str, tuple[FeatureValue, ...]] = {
        "int": (1, -7),
        "float": (0.5,),
        "bool": (True,),
    }
    return replace(one, without_key=draw(st.sampled_from((None, *others[one.type]))))


VERDICT_CONDITIONS = (
    'verdict == "fraud"',
    'verdict != "fraud"',
    'verdict in ["fraud", "legitimate"] and amount > 200',
    'verdict == "fraud" or country == "DE"',
    'not (verdict == "fraud") and tier == "gold"',
    'verdict == "fraud" and hour_utc < 12 and ip_network == "10.0.0.0/24"',
)


def of_verdict(
    name: str,
    key: tuple[str, ...],
    value: str,
    condition: str,
    steps: tuple[int, int] = (7 * 86_400_000, 3_600_000),
    of: str = "amount",
) -> Declaration:
    """A feature that counts verdicts."""
    where = parse(condition)
    of = "" if value == "count" else of
    typed = tuple((one, ATTRIBUTES[one]) for one in sorted(set(names(where)) & ATTRIBUTES.keys()))
    return Declaration(name, key, value, of, *steps, 0, where, typed)


@st.composite
def verdict_declarations(draw: st.DrawFn) -> list[Declaration]:
    """Features that count verdicts, over a few keys."""
    keys = draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=3, unique=True))
    found = []
    for number in range(draw(st.integers(1, 6))):
        key, condition = draw(st.sampled_from(keys)), draw(st.sampled_from(VERDICT_CONDITIONS))
        steps = draw(st.sampled_from((*STEPS, (60 * 86_400_000, 86_400_000))))
        if draw(st.booleans()):
            steps = draw(st.sampled_from((60_000, 3_600_000, 9 * 86_400_000))), 0
        value = draw(st.sampled_from(OF_VERDICTS["steps" if steps[1] else "window"]))
        of = draw(st.sampled_from(("amount", "n:int")))
        if value == "distinct":
            of = draw(st.sampled_from(FIELDS))
        one = of_verdict(f"v{number}", key, value, condition, steps, of)
        found.append(replace(one, without_key=draw(st.sampled_from((None, one.neutral + 7)))))
    return found
