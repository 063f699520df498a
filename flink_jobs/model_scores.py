"""What models say of a batch of payments: of all at once, when one is first asked for."""

from __future__ import annotations

from collections.abc import Sequence

from risk.engine.features.named import Features
from risk.engine.models.scored import Scored
from risk.engine.rules import Ruleset
from risk.engine.stages.emission import Scorable

Seen = tuple[Features, Scored | None]  # None: by itself, as it is scored


class BatchScores:
    """The payments of one batch, as rulesets see them."""

    def __init__(self, scorables: Sequence[Scorable]) -> None:
        self._scorables = scorables
        self._seen: dict[tuple[str, str], dict[int, Seen]] = {}

    def of(self, ruleset: Ruleset, scorable: Scorable) -> Seen:
        """One's features under a ruleset, and what its models say of them."""
        if ruleset.models:
            group = ruleset.fingerprint, scorable.label
            if group not in self._seen:
                self._seen[group] = self._scored(ruleset, scorable.label)
            if found := self._seen[group].get(id(scorable)):
                return found
        return ruleset.own(scorable.features), None

    def _scored(self, ruleset: Ruleset, label: str) -> dict[int, Seen]:
        """All of that label; none if that fails: then only the one that does is left out."""
        ones = [one for one in self._scorables if one.label == label]
        try:
            events = [(ruleset.own(one.features), one.txn) for one in ones]
            scored = ruleset.scored(events)
        except MemoryError:
            raise
        except Exception:
            return {}
        return {
            id(one): (features, own)
            for one, (features, _), own in zip(ones, events, scored, strict=True)
        }
