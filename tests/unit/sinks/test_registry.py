"""The registry of stores, and that all that names stores takes them from it."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

import sinks.elasticsearch
import sinks.feedback
import sinks.postgres
import sinks.redis
from flink_jobs import all as several
from flink_jobs import deliver
from risk.bench import watch
from risk.bench.stores import own_stores
from risk.cli.main import parser
from risk.config.settings import Settings, Topics
from risk.engine import feedback
from risk.engine.stages.base import Raw
from risk.errors import StackError, UserError
from risk.ops import rebuild
from risk.ops.submit import every_kind
from risk.stack.up import SERVERS
from sinks import registry
from sinks.registry import Entry
from sinks.store import (
    Archives,
    Checks,
    Delivers,
    Divides,
    Erases,
    Finds,
    LooksUp,
    Migrates,
    Recalls,
    Retains,
    Searches,
    Store,
)
from tests import compose, memory_store
from tests.contract.messages import score

# Also for mypy: each is checked against the protocols that it says it has.
EVERY: list[Store] = [sinks.postgres, sinks.redis, sinks.elasticsearch, memory_store]
PLACES: list[Divides] = [sinks.postgres, sinks.redis, sinks.elasticsearch]
FINDING: list[Finds] = [sinks.postgres, sinks.elasticsearch]
LOOKING_UP: LooksUp = sinks.redis
CHECKED: Checks = sinks.redis
SEARCHED: Searches = sinks.elasticsearch
ARCHIVE: Archives = sinks.postgres
MIGRATED: Migrates = sinks.postgres
RETAINING: list[Retains] = [sinks.postgres, sinks.elasticsearch]
RECALLED: Recalls = sinks.feedback
ERASED: list[Erases] = [
    *(sinks.postgres, sinks.redis, sinks.elasticsearch, sinks.feedback, memory_store),
]
DELIVERED: list[Delivers] = [*EVERY, sinks.feedback]

ONE = """
import sys
from sinks import registry
before = set(sys.modules)
registry.load(sys.argv[1])
print(*({"psycopg", "redis", "elasticsearch"} & before), "|")
print(*({"psycopg", "redis", "elasticsearch"} & set(sys.modules)))
"""


def choices(command: str, *words: str) -> set[str]:
    """What the positional argument, or the option, of a command may be."""
    found = parser([command])
    for word in (command, *words[:-1]):
        (kinds,) = (a for a in found._actions if isinstance(a, argparse._SubParsersAction))
        found = kinds.choices[word]
    (action,) = (a for a in found._actions if words[-1] in (a.dest, *a.option_strings))
    return set(action.choices or str(action.default).split(","))


def test_an_entry_is_found_and_loads_its_store() -> None:
    assert [entry.load() for entry in registry.STORES] == EVERY[:-1]
    assert registry.load("redis") == EVERY[1]
    assert registry.entry("redis").live_only
    with pytest.raises(LookupError, match="no store 'mongo': there are postgres, redis, elastic"):
        registry.entry("mongo")
    with pytest.raises(LookupError, match="no store 'feedback'"):
        registry.entry("feedback")
    with pytest.raises(LookupError, match="no delivery 'mongo': there are postgres, redis, "):
        registry.delivery("mongo")


def test_the_topics_of_a_store_are_those_of_the_settings() -> None:
    names = Topics(scores="s", late="l")
    assert registry.entry("postgres").read_from(names) == ["s", "l"]
    assert registry.entry("elasticsearch").read_from(names) == ["s"]
    assert registry.delivery("feedback").read_from(names) == ["risk.feedback"]
    for one in registry.deliveries():
        assert set(one.topics) <= set(names.__struct_fields__)


def test_each_has_its_section_and_its_server() -> None:
    for name in registry.names():
        assert hasattr(Settings(), name)
        assert name in SERVERS
    assert set(compose.STORES) == set(registry.names())


def test_a_writer_says_the_name_of_its_entry() -> None:
    for one in registry.deliveries():
        assert one.load().create(Settings()).name == one.name


def test_what_is_no_store_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("half")
    monkeypatch.setitem(sys.modules, "half", module)
    vars(module)["create"] = sinks.redis.create
    with pytest.raises(TypeError, match="half lacks what is delivered to"):
        Entry("half", "Half", ("scores",), module="half").load()


@pytest.mark.parametrize(
    ("name", "client"),
    [("postgres", "psycopg"), ("redis", "redis"), ("elasticsearch", "elasticsearch")],
)
def test_a_store_is_loaded_without_the_clients_of_others(name: str, client: str) -> None:
    done = subprocess.run(
        (sys.executable, "-c", ONE, name), capture_output=True, text=True, check=True
    )
    before, after = done.stdout.split("|")
    assert (before.split(), after.split()) == ([], [client])


def test_the_commands_know_of_a_store_that_is_registered(memory: Settings) -> None:
    every = {*registry.names()}
    assert "memory" in every
    delivered = {*every, "feedback"}
    assert choices("rebuild", "store") == delivered
    assert choices("submit", "deliver", "--store") == delivered
    assert choices("verify", "--stores") == delivered
    assert every_kind() == ("score", *registry.delivery_names())
    assert several._arguments([]).jobs == ",".join(every_kind())
    assert deliver._arguments(["--store", "memory"]).store == "memory"
    assert rebuild.topics(memory, "memory") == ["risk.scores"]
    assert watch.questions(("memory", "elasticsearch")) == [
        *("elasticsearch", "memory", "elasticsearch_search"),
    ]


def test_the_commands_refuse_one_that_is_not() -> None:
    with pytest.raises(SystemExit):
        parser(["submit"]).parse_args(["submit", "deliver", "--store", "memory"])
    with pytest.raises(UserError, match="no job 'memory'"):
        several._names("score,memory")


def test_each_delivery_reads_what_its_topics_hold() -> None:
    said = feedback.build(("e1", "u1", 3), "fraud", "analyst", 5, "ana")
    record = Raw(7, 9, 11, b"u1", feedback.encode(said))
    assert registry.delivery("feedback").read(record) == feedback.Logged(said, 11, 7, 9)
    one = score("e1")
    scored = Raw(0, 0, 0, b"u-1", msgspec.json.encode(one))
    for entry in registry.STORES:
        assert entry.read(scored) == one
        with pytest.raises(ValueError, match="missing required field"):
            entry.read(record)
    with pytest.raises(ValueError, match="unknown field"):
        registry.delivery("feedback").read(scored)


def test_a_store_without_a_second_place_is_not_measured(memory: Settings) -> None:
    with (
        pytest.raises(StackError, match="memory: it has no second place"),
        own_stores(memory, ("memory",)),
    ):
        pass


def test_what_only_some_can_do() -> None:
    abilities = (Archives, Checks, Divides, Erases, Finds, LooksUp, Migrates, Retains, Searches)
    assert [[a.__name__ for a in abilities if isinstance(store, a)] for store in EVERY] == [
        ["Archives", "Divides", "Erases", "Finds", "Migrates", "Retains"],
        ["Checks", "Divides", "Erases", "LooksUp"],
        ["Divides", "Erases", "Finds", "Retains", "Searches"],
        ["Erases"],
    ]


def test_what_elasticsearch_gathers_longer_for_isnt_seen_later() -> None:
    template = json.loads(
        (Path(sinks.elasticsearch.__file__).parent / "template.json").read_bytes()
    )
    shown_s = template["template"]["settings"]["index"]["refresh_interval"]

    assert shown_s == "1s"
    assert 0 < registry.entry("elasticsearch").gathers_ms <= 1000 / 4
    assert registry.entry("postgres").gathers_ms == registry.entry("redis").gathers_ms == 0
