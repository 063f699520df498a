"""What `risk rules check` says of a ruleset that can be loaded: its tests, and its lock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from risk.engine.features.catalogue import FeatureValue
from risk.engine.features.declared.cases import FeatureResult, run_feature_cases
from risk.engine.rules import Result, Ruleset, lock, run_cases
from risk.engine.rules.controlfile import CONTROL, run_release_cases


class Ran(NamedTuple):
    """The tests of a ruleset's rules, and of the features that it declares, run."""

    results: list[Result]
    measured: list[FeatureResult]


def run_tests(ruleset: Ruleset) -> Ran:
    """Run all of them."""
    return Ran(list(run_cases(ruleset)), list(run_feature_cases(ruleset.feature_tests)))


def failures(
    folder: str,
    places: Mapping[str, str],
    ruleset: Ruleset,
    ran: Ran,
    locked: lock.Entries | None,
    *,
    mended: bool = True,
) -> list[str]:
    """A line for each failed test and each breach of the lock (`mended`: also of mere novelty).

    `folder` is the ruleset's as messages name it, and `places` name files of other folders.
    """
    return [
        *_features(folder, places, ran),
        *_releases(folder, places, ruleset),
        *_rules(folder, places, ran),
        *_breaches(folder, ruleset, locked, mended),
    ]


def _features(folder: str, places: Mapping[str, str], ran: Ran) -> Iterator[str]:
    for feature, case, value in (one for one in ran.measured if not one.passed):
        place = places.get(case.file, f"{folder}/{case.file}")
        told = f"{feature.name} is {_plain(value)}, expected {_plain(case.value)}"
        yield f"{place}:{case.line}: test {case.name!r}: {told}"


def _releases(folder: str, places: Mapping[str, str], ruleset: Ruleset) -> Iterator[str]:
    place = places.get(CONTROL, f"{folder}/{CONTROL}")
    for case, may in run_release_cases(ruleset):
        if may is not case.hit:
            came = "may be released, expected not" if may else "may not be released, expected so"
            yield f"{place}:{case.line}: test {case.name!r}: {came}"


def _rules(folder: str, places: Mapping[str, str], ran: Ran) -> Iterator[str]:
    for rule, case, hit in (result for result in ran.results if not result.passed):
        what = "hit, expected a miss" if hit else "missed, expected a hit"
        file = f"{rule.id}.yaml"
        place = places.get(file, f"{folder}/{file}")
        yield f"{place}:{case.line}: test {case.name!r}: {what}"


def _breaches(
    folder: str, ruleset: Ruleset, locked: lock.Entries | None, mended: bool
) -> Iterator[str]:
    for breach in lock.breaches(ruleset, locked) if locked is not None else ():
        if mended or not breach.mended:
            hint = ": run `risk rules lock`" if breach.mended else ""
            yield f"{folder}/{lock.FILE}: {breach.message}{hint}"


def _plain(value: FeatureValue) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
