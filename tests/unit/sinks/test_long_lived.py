"""A client that lives long is told another password once its file holds one."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest

from risk.config.settings import Kafka
from risk.kafka import long_lived
from risk.kafka.quiet import SILENT


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What clients are told from then on."""
    found: list[tuple[str, str]] = []

    def note(_: Any, user: str, password: str) -> None:
        found.append((user, password))

    for kind in (long_lived._Consumer, long_lived._Producer):
        monkeypatch.setattr(kind, "set_sasl_credentials", note)
    monkeypatch.setattr(long_lived, "_followed", [])
    monkeypatch.setattr(long_lived, "EVERY_S", 3_600)
    return found


def account(file: Path) -> Kafka:
    return Kafka(
        security_protocol="SASL_SSL",
        sasl_mechanism="SCRAM-SHA-512",
        sasl_username="console",
        sasl_password_file=str(file),
    )


def test_each_is_told_once(tmp_path: Path, told: list[tuple[str, str]]) -> None:
    file = tmp_path / "secret"
    file.write_text("first", encoding="ascii")
    consumer = long_lived.consumer(account(file), {**SILENT, "group.id": "x"})
    producer = long_lived.producer(account(file), SILENT)
    long_lived.look()
    assert told == []
    file.write_text("second", encoding="ascii")
    long_lived.look()
    long_lived.look()
    assert told == [("console", "second")] * 2
    file.write_text("", encoding="ascii")  # it is being written: at the next look
    long_lived.look()
    file.unlink()
    long_lived.look()
    assert len(told) == 2
    consumer.close()
    del producer


def test_one_that_is_gone_or_closed_is_left_alone(
    tmp_path: Path, told: list[tuple[str, str]]
) -> None:
    file = tmp_path / "secret"
    file.write_text("first", encoding="ascii")
    producer = long_lived.producer(account(file), SILENT)
    del producer
    gc.collect()
    file.write_text("second", encoding="ascii")
    long_lived.look()
    assert told == []
    assert long_lived._followed == []


def test_without_a_file_nothing_is_looked_at(told: list[tuple[str, str]]) -> None:
    long_lived.producer(Kafka(), SILENT)
    assert long_lived._followed == []
