"""Money as people read it."""

from __future__ import annotations

from collections.abc import Mapping

from risk.engine.payment.currencies import MAJOR_UNIT


def money(amounts: Mapping[str, int]) -> str:
    """Sums in minor units by currency, as `1,234.50 EUR + 700 JPY`."""
    texts = []
    for currency, minor in sorted(amounts.items()):
        unit = MAJOR_UNIT[currency]
        digits = len(str(unit)) - 1
        part = f".{minor % unit:0{digits}}" if digits else ""
        texts.append(f"{minor // unit:,}{part} {currency}")
    return " + ".join(texts)
