"""One ruleset against another, and the pair that differs in models alone."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from risk.cli.benchmarks import throughput
from risk.cli.benchmarks.cluster import Cluster
from risk.config.settings import Settings
from risk.engine.features.catalogue import NAMES
from risk.errors import UserError
from risk.ops.ruleset_folder import find_folder, read_folder
from risk.stack.process import Home
from tests import thirty_features


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    throughput.add(parser.add_subparsers())
    return parser.parse_args(["throughput", "--no-baseline", *words])


def test_both_rulesets_are_measured_under_the_same_settings(tmp_path: Path) -> None:
    args = parsed("--against-ruleset", "strict")
    cluster = Cluster(Home(tmp_path))
    one, other = throughput._contenders(args, Settings(), cluster)
    assert one.args == ("--ruleset", str(find_folder("default")))
    assert other.args == ("--ruleset", str(find_folder("strict")))
    assert one.settings == other.settings
    assert (one.options, other.options) == ({}, {})


def test_a_ruleset_that_is_not_there_is_told_before_anything_starts() -> None:
    with pytest.raises(UserError, match="no ruleset lenient: there are days, default, strict"):
        throughput._check(parsed("--against-ruleset", "lenient"))


def test_the_pair_differs_in_its_models_alone(tmp_path: Path) -> None:
    plain, modelled = map(read_folder, thirty_features.write(tmp_path))
    assert [one.digest for one in plain.features] == [one.digest for one in modelled.features]
    assert len(NAMES) + len(plain.features) == 30
    assert {rule.id for rule in modelled.rules} - {rule.id for rule in plain.rules} == {
        "unlike_others"
    }
    assert not plain.models
    assert {name: len(one.file.trees) for name, one in modelled.models.items()} == {
        "card": 200,
        "spend": 100,
    }
    assert {len(one.file.inputs) for one in modelled.models.values()} == {30}
