"""The embedded Redis takes as much memory as it is told to."""

from __future__ import annotations

from pathlib import Path

import pytest

from risk.config.settings import SettingsError, parse
from risk.stack.redis import configuration


@pytest.mark.parametrize(("more", "memory"), [("", "256mb"), (", memory_mb: 2048", "2048mb")])
def test_the_setting_is_in_its_configuration(more: str, memory: str) -> None:
    settings = parse(f"redis: {{password: x{more}}}", {})
    lines = configuration(settings, Path("/data")).splitlines()
    assert f"maxmemory {memory}" in lines
    assert "maxmemory-policy volatile-ttl" in lines


def test_no_memory_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"redis\.memory_mb"):
        parse("redis: {memory_mb: 0}", {})
