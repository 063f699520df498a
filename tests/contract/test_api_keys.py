"""Keys of the API in Postgres: printed once, listed by how they begin, revoked, never forgotten."""

from __future__ import annotations

import json

import pytest

from risk.cli.main import main
from risk.config.settings import Settings, to_environment
from risk.registry import api_keys
from risk.registry.api_keys import KEY, digest
from sinks.postgres.connect import connect

pytestmark = pytest.mark.stack


@pytest.fixture
def own(migrated: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A database of the test's own; the command's, too."""
    for name, value in to_environment(migrated).items():
        monkeypatch.setenv(name, value)
    return migrated


def test_a_key_is_printed_once_and_its_hash_kept(
    own: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    scope = ["--scope", "payments:write,alerts:read", "--rate", "20"]
    assert main(["api-key", "add", "shop", *scope]) == 0
    text = capsys.readouterr().out.strip()
    assert KEY.fullmatch(text)
    (found,) = api_keys.keys(own)
    assert (found.name, found.sha256, found.rate, found.burst) == ("shop", digest(text), 20, None)
    assert found.scopes == ("payments:write", "alerts:read")
    with connect(own) as connection:
        row = connection.execute("SELECT api_keys::text FROM api_keys").fetchone()
    assert row is not None
    assert text[12:] not in row[0]
    assert main(["api-key", "list", "--json"]) == 0
    (shown,) = json.loads(capsys.readouterr().out)
    assert (shown["prefix"], "sha256" in shown) == (text[3:11], False)
    assert main(["api-key", "list"]) == 0
    shown = capsys.readouterr().out
    assert text[:11] in shown
    assert text[12:] not in shown


def test_a_name_is_in_use_until_it_is_revoked(
    own: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["api-key", "add", "shop", "--scope", "payments:read"]
    assert main(words) == 0
    assert main(words) == 2
    assert "risk: NAME: a key called shop is in use" in capsys.readouterr().err
    assert main(["api-key", "revoke", "shop"]) == 0
    assert api_keys.keys(own) == []
    assert main(["api-key", "revoke", "shop"]) == 2
    assert main(words) == 0
    prefix = api_keys.keys(own)[0].prefix
    assert main(["api-key", "revoke", prefix]) == 0
    assert [bool(one.revoked_at) for one in api_keys.keys(own, revoked=True)] == [True, True]
    capsys.readouterr()
    assert main(["api-key", "list"]) == 0
    assert capsys.readouterr().out == ""
    assert main(["api-key", "list", "--all"]) == 0
    assert capsys.readouterr().out.count("rk_") == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["Shop", "--scope", "payments:read"], "1 to 63 of the characters a-z 0-9 -"),
        (["shop", "--scope", "payments:raed"], "did you mean payments:read?"),
        (["shop", "--scope", ","], "name some of payments:write"),
        (["shop", "--scope", "payments:read", "--rate", "0"], "a whole number from 1"),
    ],
)
def test_a_mistake_is_one_line(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["api-key", "add", *words])
    assert told in capsys.readouterr().err
