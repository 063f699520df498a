"""Masking: nothing sensitive is left, in fields or in reasons."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.config.privacy import Privacy
from risk.console import masking
from risk.console.live.entry import Entry
from risk.console.live.shown import as_json, shown
from risk.engine.messages import Reason
from risk.engine.privacy import of_console
from tests.unit.console.alerts import PAYMENT, alert


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("192.0.2.77", "192.0.2.•••"),
        ("2001:db8::1", "2001:db8:0:•••"),
        ("nonsense", "•••"),
    ],
)
def test_an_address_is_told_by_its_network(address: str, seen: str) -> None:
    assert masking.BY_DEFAULT.of_address(address) == seen


def test_a_short_device_is_not_told_at_all() -> None:
    assert masking.BY_DEFAULT.of_device("d-1") == "•••"
    assert masking.BY_DEFAULT.of_device("device-0123456789") == "dev•••"


@given(
    st.ip_addresses().map(str),
    st.text("ghjkqw", min_size=12, max_size=40),
    st.text("XYZ", min_size=4, max_size=20),
)
def test_nothing_sensitive_is_left(ip: str, device: str, email: str) -> None:
    values = {"ip": ip, "device_id": device, "attributes": {"email": email}}
    reasons = (Reason("ip_burst", 1, 70, f"{email} on {device} from {ip}"),)
    entry = Entry(1, alert(1, values, reasons=reasons))
    one = shown(entry)
    assert one.hidden == ("ip", "device_id", "card_token", "attributes")
    for text in (
        msgspec.json.encode((one.transaction, one.reasons)).decode(),
        msgspec.json.encode(as_json(entry)).decode(),
    ):
        assert device not in text
        assert email not in text
        assert f'"{ip}"' not in text
        assert f"from {ip}" not in text
    assert shown(entry, reveal=True).transaction == entry.alert.transaction


def test_a_payment_without_such_fields_has_nothing_to_reveal() -> None:
    bare = msgspec.structs.replace(PAYMENT, ip="", device_id="", card_token="")
    assert masking.present(bare) == ()
    assert masking.masked(bare) == bare


def test_a_note_quotes_nothing_that_is_masked() -> None:
    txn = msgspec.structs.replace(PAYMENT, ip="192.0.2.77", device_id="device-0123456789")
    text = "called from 192.0.2.77, on device-0123456789"
    assert masking.note(text, txn) == "called from 192.0.2.•••, on •••"
    clear = of_console(Privacy(console_ip="clear", console_device="clear"))
    assert masking.note(text, txn, clear) == text
