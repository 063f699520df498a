"""How many minor units a currency's major unit has: 100 cents a euro, 1,000 fils a Kuwaiti dinar.

The exponents are those of ISO 4217, list one of 2024 (the maintenance agency is SIX,
https://www.six-group.com/en/products-services/financial-information/market-reference-data/data-standards.html).
Here are those that differ from 2. A code that isn't here, of a currency to come or of none, has 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

DEFAULT_EXPONENT: Final = 2
EXPONENTS: Final[Mapping[str, int]] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF"),
                *("UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
            ),
            0,
        ),
        **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
        **dict.fromkeys(("CLF", "UYW"), 4),
    }
)


# Those that most payments are in, of the others: they are found without asking for what is missing.
_COMMON: Final = (
    *("AED", "ARS", "AUD", "BRL", "CAD", "CHF", "CNY", "COP", "CZK", "DKK", "EGP", "EUR", "GBP"),
    *("HKD", "HUF", "IDR", "ILS", "INR", "MXN", "MYR", "NGN", "NOK", "NZD", "PEN", "PHP", "PKR"),
    *("PLN", "RON", "SAR", "SEK", "SGD", "THB", "TRY", "TWD", "UAH", "USD", "ZAR"),
)
_MOST_HAVE: Final = 10**DEFAULT_EXPONENT


class _ByCurrency(dict[str, int]):
    """Of every currency: of one that isn't named what most have."""

    def __missing__(self, currency: str) -> int:
        return _MOST_HAVE


# Minor units in a major one: MAJOR_UNIT["JPY"] is 1, MAJOR_UNIT["KWD"] 1,000.
MAJOR_UNIT: Final[Mapping[str, int]] = _ByCurrency(
    {
        **dict.fromkeys(_COMMON, _MOST_HAVE),
        **{currency: 10**exponent for currency, exponent in EXPONENTS.items()},
    }
)
