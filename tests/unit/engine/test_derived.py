"""What repeats the catalogue of features is what the catalogue says."""

from __future__ import annotations

import json

from risk.derived import build
from risk.engine.features.catalogue import CATALOGUE, DAY, FIRST, FIRST_AMOUNT, IP, Feature
from risk.engine.features.named import TYPES
from risk.engine.oracle.features import features
from sinks.elasticsearch.mapping import template
from tests.unit.streams import transaction

MORE = (*CATALOGUE, Feature("ip_new", IP, "new", "never seen before", of="user_id", window=DAY))


def test_no_file_is_stale() -> None:
    for path, text in build.files().items():
        assert path.read_text("utf-8") == text, f"{path.name} is stale: run `make generate`"


def test_another_feature_is_in_each_file() -> None:
    found = build.files(MORE)
    score = json.loads(found[build.SCHEMA])["$defs"]["features"]
    assert score["required"][-1] == "ip_new"
    assert score["properties"]["ip_new"] == {"description": "never seen before", "type": "boolean"}
    mapped = json.loads(found[build.MAPPING])["template"]["mappings"]["properties"]["risk"]
    fields = mapped["properties"]["features"]["properties"]
    assert list(fields) == [feature.name for feature in MORE]
    assert fields["ip_new"] == {"type": "boolean"}
    assert "\n| `ip_new` | true or false | never seen before | false |\n" in found[build.PAGE]
    for path, text in build.files().items():
        assert found[path].count("\n") > text.count("\n")


def test_elasticsearch_is_given_what_is_written() -> None:
    assert template() == json.loads(build.files()[build.MAPPING])


def test_a_first_payment_is_as_the_oracle_has_it() -> None:
    ((_, found),) = features([transaction(1, amount=FIRST_AMOUNT)])
    assert found == FIRST
    for feature in CATALOGUE:
        assert type(feature.first) is TYPES[feature.type]
