"""Messages at the bounds of what may be said, for tests of decoding and of the stores."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from risk.engine.features.catalogue import TYPES
from risk.engine.messages import MAX_MODEL_SCORE, MAX_MODELS, MAX_REVISION, MAX_RUN_ID, MAX_VERSION
from risk.engine.payment.transaction import MAX_AMOUNT, MAX_EVENT_TIME
from risk.engine.rules.declaration import STEP_DISTINCT

MOST = 2**63 - 1


def ends(low: int, high: int) -> st.SearchStrategy[int]:
    """Whole numbers of a range, its ends more often than not."""
    return st.one_of(st.sampled_from((low, high)), st.integers(low, high))


# No control character, lone surrogate or blank: as the schemas have it.
TEXT = st.characters(exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"])
IDS = st.one_of(st.text(TEXT, min_size=1, max_size=128), st.just("\U0001f600" * 128))
NAMES = st.builds(
    str.__add__,
    st.sampled_from("az"),
    st.text(st.sampled_from("az09_"), max_size=3) | st.just("_" * 62),
)
TIMES = ends(0, MAX_EVENT_TIME)
RUNS = st.text(TEXT, min_size=1, max_size=MAX_RUN_ID)
ADDRESSES = st.one_of(st.ip_addresses().map(str), st.just("::ffff:192.0.2.1"))
PLACES: st.SearchStrategy[dict[str, float]] = st.one_of(
    st.just({}), st.fixed_dictionaries({"lat": st.floats(-90, 90), "lon": st.floats(-180, 180)})
)
VALUES = {"int": ends(0, MOST), "float": st.floats(0, allow_infinity=False), "bool": st.booleans()}
# Names that a store might take for paths or for its own; numbers at their ends.
ODD_NAMES = st.sampled_from(("", ".", "a.b", "a..b", ".a", "a.", " ", "_id", "$x", "type"))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | ends(-MOST - 1, MOST)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(ODD_NAMES | NAMES, inner, max_size=3)
    ),
    max_leaves=6,
)
ATTRIBUTES: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "attributes": st.dictionaries(
            st.sampled_from(("tier", "n", "x")),
            st.sampled_from(("gold", "", "x" * 40_000, 7, MOST, 0.5, True)),
            min_size=1,
        ),
        "undeclared": st.dictionaries(ODD_NAMES | NAMES | IDS, JSON, min_size=1, max_size=3),
    },
)
CONTRIBUTIONS = st.fixed_dictionaries(
    {"input": NAMES, "value": st.one_of(*VALUES.values()), "points": ends(-MOST - 1, MOST)}
)
SAID = st.fixed_dictionaries(
    {"score": ends(0, MAX_MODEL_SCORE), "contributions": st.lists(CONTRIBUTIONS, max_size=5)},
    optional={"by": NAMES, "file": st.text("0123456789abcdef", min_size=12, max_size=12)},
)
MODELS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {}, optional={"models": st.dictionaries(NAMES, SAID, min_size=1, max_size=MAX_MODELS)}
)
FEATURES = st.fixed_dictionaries(
    {name: VALUES[kind] for name, kind in TYPES.items()}
    | {"device_session_users": ends(0, STEP_DISTINCT)}
)


@st.composite
def transactions(draw: st.DrawFn) -> dict[str, Any]:
    """A masked transaction, maybe without what is optional."""
    whole = {
        "amount": draw(ends(0, MAX_AMOUNT)),
        "currency": draw(st.sampled_from(("EUR", "ZZZ"))),
        "merchant_id": draw(IDS),
        "merchant_category": draw(st.sampled_from(("0000", "5411"))),
        "channel": draw(st.sampled_from(("web", "app", "pos", "atm"))),
        "country": draw(st.sampled_from(("AA", "DE"))),
        "ip": draw(ADDRESSES),
        "device_id": draw(IDS),
        "card_token": "****" + draw(st.text(TEXT, max_size=4)),
        "source": draw(IDS),
    }
    if draw(st.booleans()):
        missing = draw(st.sets(st.sampled_from(sorted(whole.keys() - {"amount", "currency"}))))
        whole = {name: value for name, value in whole.items() if name not in missing}
    return {**whole, **draw(PLACES), **draw(ATTRIBUTES)}


@st.composite
def reasons(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Reasons of a score."""
    rules = draw(st.lists(NAMES, max_size=3, unique=True))
    version, points = draw(ends(1, MAX_VERSION)), draw(ends(1, 100))
    text = draw(st.text(st.one_of(TEXT, st.sampled_from("\n\t \x7f\u2028")), max_size=40))
    return [{"rule": r, "version": version, "points": points, "text": text} for r in rules]


@st.composite
def scores(draw: st.DrawFn, times: st.SearchStrategy[int] = TIMES) -> dict[str, Any]:
    """A message of risk.scores, of one of these event times."""
    return {
        "schema_version": 1,
        "event_id": draw(IDS),
        "user_id": draw(IDS),
        "event_time": draw(times),
        "run_id": draw(RUNS),
        "ruleset": draw(NAMES),
        "ruleset_version": draw(ends(1, MAX_VERSION)),
        "fingerprint": draw(st.sampled_from(("0" * 64, "f" * 64))),
        "revision": draw(ends(0, MAX_REVISION)),
        "score": draw(ends(0, 100)),
        "decision": draw(st.sampled_from(("ALLOW", "REVIEW", "BLOCK"))),
        "reasons": draw(reasons()),
        "features": draw(FEATURES),
        "transaction": draw(transactions()),
        "scored_at": draw(TIMES),
        "kind": draw(st.sampled_from(("live", "shadow", "replay"))),
        "late": draw(st.booleans()),
        **draw(MODELS),
    }


@st.composite
def lates(draw: st.DrawFn) -> dict[str, Any]:
    """A message of risk.late."""
    return {
        "schema_version": 1,
        "event_id": draw(IDS),
        "user_id": draw(IDS),
        "event_time": draw(TIMES),
        "run_id": draw(RUNS),
        "late_by": draw(ends(0, MOST)),
        "partition": draw(ends(0, MOST)),
        "offset": draw(ends(0, MOST)),
        "transaction": draw(transactions()),
        "behind": draw(st.sampled_from(("partition", "frontier", "limit"))),
    }
