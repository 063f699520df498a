"""The attacks, by name. A new one is a file here and a line below."""

from __future__ import annotations

from generator.attacks.account_takeover import AccountTakeover
from generator.attacks.base import Attack
from generator.attacks.card_testing import CardTesting
from generator.attacks.compromised_merchant import CompromisedMerchant
from generator.attacks.coordinated_ring import CoordinatedRing
from generator.attacks.device_farm import DeviceFarm
from generator.attacks.high_amount import HighAmount
from generator.attacks.impossible_travel import ImpossibleTravel
from generator.attacks.ip_burst import IpBurst
from generator.attacks.low_and_slow import LowAndSlow
from generator.attacks.overcharging_shop import OverchargingShop
from generator.attacks.patient_takeover import PatientTakeover
from generator.attacks.payee_first import PayeeFirst
from generator.attacks.remote_control import RemoteControl
from generator.attacks.round_amounts import RoundAmounts
from generator.attacks.small_ring import SmallRing
from generator.attacks.spread_testing import SpreadTesting
from generator.attacks.stolen_card_days import StolenCardDays
from generator.attacks.velocity_burst import VelocityBurst

ATTACKS: dict[str, Attack] = {
    "card_testing": CardTesting(),
    "velocity_burst": VelocityBurst(),
    "ip_burst": IpBurst(),
    "device_farm": DeviceFarm(),
    "impossible_travel": ImpossibleTravel(),
    "account_takeover": AccountTakeover(),
    "high_amount": HighAmount(),
    "round_amounts": RoundAmounts(),
    "coordinated_ring": CoordinatedRing(),
    "patient_takeover": PatientTakeover(),
    "low_and_slow": LowAndSlow(),
    "remote_control": RemoteControl(),
    "small_ring": SmallRing(),
    "spread_testing": SpreadTesting(),
    "compromised_merchant": CompromisedMerchant(),
    "stolen_card_days": StolenCardDays(),
    "payee_first": PayeeFirst(),
}
# Those that "all" leaves out: kinds of fraud that come up after the rules were written.
UNFORESEEN: dict[str, Attack] = {"overcharging_shop": OverchargingShop()}
NAMED = ATTACKS | UNFORESEEN
HARD = frozenset(name for name, attack in NAMED.items() if attack.hard)


class UnknownAttack(ValueError):
    """No attack of that name: the message lists those there are."""


def selected(text: str) -> dict[str, Attack]:
    """The attacks that "all", "none" or names with commas between mean.

    "all" are those of `ATTACKS`: the unforeseen have to be named.
    """
    if text in ("all", "none"):
        return ATTACKS if text == "all" else {}
    found = {}
    for name in filter(None, (part.strip() for part in text.split(","))):
        if name not in NAMED:
            raise UnknownAttack(f"no attack {name!r}: use all, none or {', '.join(NAMED)}")
        found[name] = NAMED[name]
    return found
