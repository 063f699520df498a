"""Where a place is on the map: the Equal Earth projection, as `vendor/build.mjs` draws it."""

from __future__ import annotations

import math
from typing import Final

WIDTH: Final = 960
HEIGHT: Final = 468
SCALE: Final = 177.0
_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796
_M: Final = math.sqrt(3) / 2


def place(lat: float, lon: float) -> tuple[float, float]:
    """x and y in the map's units, from degrees."""
    angle = math.asin(_M * math.sin(math.radians(lat)))
    square = angle * angle
    sixth = square**3
    x = math.radians(lon) * math.cos(angle)
    x /= _M * (_A1 + 3 * _A2 * square + sixth * (7 * _A3 + 9 * _A4 * square))
    y = angle * (_A1 + _A2 * square + sixth * (_A3 + _A4 * square))
    return WIDTH / 2 + SCALE * x, HEIGHT / 2 - SCALE * y
