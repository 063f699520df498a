"""From two rulesets and what Postgres holds of live payments to a report.

Stored features are decided once more by the engine's own compiled rules. Postgres is only read: a
condition in SQL would be a second definition of what a rule means, and models can't be asked there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from risk.config.settings import Settings
from risk.engine.features.catalogue import FIRST, FeatureValue
from risk.engine.features.named import Features
from risk.engine.messages import MaskedTransaction
from risk.engine.payment.transaction import Transaction
from risk.engine.rules import Ruleset
from risk.engine.rules.declaration import named_by
from risk.engine.rules.tree import names
from risk.engine.scoring import Outcome, score
from risk.errors import UserError
from risk.registry import backtest
from risk.registry.backtest import Row, Span
from risk.verify.backtest.report import Example, Move, Report, RuleMove, Sum
from risk.verify.explained.again import Stored, transaction

MOST: Final = 50_000  # payments: some seconds of a core
MOST_DAYS: Final = 90
EXAMPLES: Final = 20
_DAY_MS: Final = 86_400_000
_TRANSACTION: Final = MaskedTransaction.__struct_fields__


class Side:
    """A ruleset, and what it needs to decide stored payments."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        self._make = named_by(ruleset.features)
        first = {**FIRST, **{one.name: one.first for one in ruleset.features}}
        self._first: dict[str, FeatureValue] = first
        self.reads = frozenset(_reads(ruleset)) & frozenset(first)

    def features(self, stored: Mapping[str, FeatureValue]) -> Features:
        """A payment's features, as this ruleset names them."""
        return self._make(**{name: stored.get(name, value) for name, value in self._first.items()})

    def outcomes(self, rows: list[tuple[Features, Transaction, bool]]) -> list[Outcome]:
        """What it says of payments, all of them at once."""
        ruleset = self.ruleset
        if not ruleset.models:
            return [score(ruleset, *row) for row in rows]
        scored = ruleset.scored([(features, txn) for features, txn, _ in rows])
        return [score(ruleset, *row, one) for row, one in zip(rows, scored, strict=True)]


class Comparison:
    """Takes in payments page by page, and counts. Pure."""

    def __init__(self, a: Ruleset, b: Ruleset) -> None:
        self._a, self._b = Side(a), Side(b)
        self.needed = self._a.reads | self._b.reads
        self.tried = self.incomplete = self.known = self.agree = 0
        self.missing: set[str] = set()
        self._moves: dict[tuple[str, str], Sum] = {}
        self._rules: dict[str, tuple[Sum, Sum]] = {}
        self.examples: list[Example] = []

    def take(self, rows: list[Row]) -> None:
        """Take in some payments."""
        self.tried += len(rows)
        whole = [row for row in rows if self._is_whole(row)]
        payments = [_payment(row) for row in whole]
        stored = [row["features"] for row in whole]
        sides = []
        for side in (self._a, self._b):
            own = [
                (side.features(features), txn, bool(row["late"]))
                for features, txn, row in zip(stored, payments, whole, strict=True)
            ]
            sides.append(side.outcomes(own))
        for row, a, b in zip(whole, *sides, strict=True):
            self._count(row, a, b)

    def moves(self) -> list[Move]:
        """By both decisions."""
        return [Move(a, b, found) for (a, b), found in sorted(self._moves.items())]

    def rules(self) -> list[RuleMove]:
        """The rules that hit otherwise, those with the largest difference first."""
        found = [RuleMove(rule, *sums) for rule, sums in self._rules.items() if sums[0] != sums[1]]
        return sorted(found, key=lambda one: (-abs(one.b.payments - one.a.payments), one.rule))

    def _is_whole(self, row: Row) -> bool:
        lacking = self.needed - row["features"].keys()
        self.missing |= lacking
        self.incomplete += bool(lacking)
        return not lacking

    def _count(self, row: Row, a: Outcome, b: Outcome) -> None:
        if row["fingerprint"] == self._a.ruleset.fingerprint:
            self.known += 1
            self.agree += (row["score"], row["decision"]) == (a.score, a.decision)
        told = row["amount"], row["currency"], row["verdict"]
        self._moves.setdefault((a.decision, b.decision), Sum()).take(*told)
        for index, outcome in enumerate((a, b)):
            for reason in outcome.reasons:
                self._rules.setdefault(reason.rule, (Sum(), Sum()))[index].take(*told)
        if a.decision != b.decision and len(self.examples) < EXAMPLES:
            own = {name: row[name] for name in ("event_id", "user_id", "event_time")}
            self.examples.append(
                Example(
                    **own,
                    amount=row["amount"],
                    currency=row["currency"],
                    a_score=a.score,
                    b_score=b.score,
                    a=a.decision,
                    b=b.decision,
                    verdict=row["verdict"],
                )
            )


def build(settings: Settings, a: Ruleset, b: Ruleset, days: int, now: int) -> Report:
    """Decide the live payments of the last days again; `now` in ms UTC.

    Raises `Unavailable`, and `UserError` for days of which Postgres holds too many payments.
    """
    comparison = Comparison(a, b)
    span = Span(now - days * _DAY_MS, now + _DAY_MS)
    try:
        held, pages = backtest.read(settings, span, MOST)
        for page in pages:
            comparison.take(page)
    except backtest.TooLong:
        raise UserError(
            f"days: {days} hold too many payments to be read in a minute: choose fewer"
        ) from None
    return Report(
        a_fingerprint=a.fingerprint,
        b_fingerprint=b.fingerprint,
        days=days,
        held=held.payments,
        tried=comparison.tried,
        incomplete=comparison.incomplete,
        known=comparison.known,
        agree=comparison.agree,
        first=held.first,
        last=held.last,
        missing=sorted(comparison.missing),
        moves=comparison.moves(),
        rules=comparison.rules(),
        examples=comparison.examples,
    )


def kept(report: Report) -> dict[str, Any]:
    """The report as it is kept with a change: without examples, which are of users."""
    found: dict[str, Any] = msgspec.to_builtins(msgspec.structs.replace(report, examples=[]))
    return found


def _reads(ruleset: Ruleset) -> Iterator[str]:
    for rule in ruleset.rules:
        yield from names(rule.when)
    for model in ruleset.models.values():
        yield from (one.feature for one in model.file.inputs if one.feature)
    if ruleset.release is not None:
        yield from ruleset.release.daily


def _payment(row: Row) -> Transaction:
    told = {name: row[name] for name in _TRANSACTION if row[name] is not None}
    masked = MaskedTransaction(**told)
    stored = Stored(
        row["event_id"], row["user_id"], row["event_time"], masked, row["features"], row["late"]
    )
    return transaction(stored)
