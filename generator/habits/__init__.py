"""What honest people do that looks like fraud, by name. A new one is a file and a line below."""

from __future__ import annotations

from generator.habits.base import Habit
from generator.habits.big_purchase import BigPurchase
from generator.habits.call_centre import CallCentre
from generator.habits.carrier import Carrier
from generator.habits.donation import Donation
from generator.habits.family import Family
from generator.habits.new_phone import NewPhone
from generator.habits.office import Office
from generator.habits.payday import Payday
from generator.habits.subscription import Subscription
from generator.habits.terminal import Terminal
from generator.habits.traveller import Traveller
from generator.habits.vpn import Vpn

HABITS: dict[str, Habit] = {
    "carrier": Carrier(),
    "office": Office(),
    "family": Family(),
    "call_centre": CallCentre(),
    "terminal": Terminal(),
    "traveller": Traveller(),
    "vpn": Vpn(),
    "new_phone": NewPhone(),
    "big_purchase": BigPurchase(),
    "payday": Payday(),
    "subscription": Subscription(),
    "donation": Donation(),
}


class UnknownHabit(ValueError):
    """No habit of that name: the message lists those there are."""


def selected(text: str) -> dict[str, Habit]:
    """The habits that "all", "none" or names with commas between mean."""
    if text in ("all", "none"):
        return HABITS if text == "all" else {}
    found = {}
    for name in filter(None, (part.strip() for part in text.split(","))):
        if name not in HABITS:
            raise UnknownHabit(f"no habit {name!r}: use all, none or {', '.join(HABITS)}")
        found[name] = HABITS[name]
    return found
