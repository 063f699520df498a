"""Topics that one command alone uses, made anew."""

from __future__ import annotations

from collections.abc import Collection

from msgspec.structs import asdict, replace

from risk.config.settings import Settings, Topics
from risk.kafka.client import client_config
from risk.kafka.topics import create_topics, delete_topics


def named(settings: Settings, prefix: str) -> Settings:
    """The settings with topics whose names begin so."""
    return replace(settings, topics=Topics(**{f: prefix + f for f in asdict(settings.topics)}))


def make(settings: Settings, names: Collection[str]) -> None:
    """Make these of the settings' topics anew, empty. Raises `StackError`."""
    delete_topics(settings, names)
    create_topics(settings, settings.kafka.servers, client_config(settings.kafka))
