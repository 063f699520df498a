"""How values that may point at a person are shown: by each way of the policy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from risk.config.privacy import Privacy
from risk.config.settings import SettingsError, parse
from risk.engine.privacy import of_api, of_console

PLAIN = Privacy(salt="salt")


def test_the_defaults_are_what_was_shown_before_there_was_a_policy() -> None:
    console, api = of_console(Privacy()), of_api(Privacy())
    assert (console.of_address("192.0.2.77"), api.of_address("192.0.2.77")) == (
        *("192.0.2.•••", "192.0.2.0/24"),
    )
    assert (console.of_address("2001:db8::1"), api.of_address("2001:db8::1")) == (
        *("2001:db8:0:•••", "2001:db8::/64"),
    )
    assert (console.of_device("device-012345"), api.of_device("device-012345")) == (
        *("dev•••", "****2345"),
    )
    assert (console.of_card("****4242"), api.of_card("****4242")) == ("•••", "****4242")
    assert (console.of_degrees(52.52), api.of_degrees(52.52)) == (52.52, 52.5)
    assert (console.of_attributes({"a": 1}), api.of_attributes({"a": 1})) == ({"a": "•••"}, None)


@pytest.mark.parametrize("field", ["console_ip", "console_device", "console_card"])
def test_each_way_of_a_text(field: str) -> None:
    def shown(way: str) -> str:
        masks = of_console(replace(PLAIN, **{field: way}))
        of = {"ip": masks.of_address, "device": masks.of_device, "card": masks.of_card}
        return of[field.removeprefix("console_")]("192.0.2.77")

    assert (shown("clear"), shown("hidden"), shown("omit")) == ("192.0.2.77", "•••", "")
    if field != "console_card":
        assert shown("hash") == shown("hash")
        assert len(shown("hash")) == 12


@given(st.text(min_size=1, max_size=128), st.sampled_from(["first3", "last4"]))
def test_of_a_device_never_more_than_half_is_shown(device: str, way: str) -> None:
    shown = of_api(replace(PLAIN, api_device=way)).of_device(device)
    assert len(shown.replace("****", "")) <= 4 or device.count("*") > 3
    assert len(device) > 8 or shown == "****"


def test_an_empty_value_stays_empty_whatever_the_way() -> None:
    for way in ("clear", "network", "hash", "hidden", "omit"):
        assert of_api(replace(PLAIN, api_ip=way)).of_address("") == ""
    assert of_console(PLAIN).of_attributes(None) is None
    assert of_console(PLAIN).of_degrees(None) is None


def test_a_bad_policy_is_told_with_its_place_and_what_may_stand_there() -> None:
    with pytest.raises(SettingsError, match=r"risk.yaml:2:\d+: privacy.console_ip: .*one of clear"):
        parse("privacy:\n  console_ip: last9\n", {})
    with pytest.raises(SettingsError, match=r"privacy.api_device: hash needs privacy.salt"):
        parse("privacy:\n  api_device: hash\n", {})
    with pytest.raises(SettingsError, match=r"console_adress"):
        parse("privacy:\n  console_adress: clear\n", {})
    salted = parse("privacy: {api_device: hash}", {"RISK_PRIVACY__SALT": "pepper"})
    assert salted.privacy.api_device == "hash"
