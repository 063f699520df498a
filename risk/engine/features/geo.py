"""Great-circle distance."""

from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0088  # IUGG mean radius R1


def distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Haversine distance in km between two points in degrees, rounded to the metre.

    R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68 (1984) 159.
    """
    phi1, phi2 = radians(lat1), radians(lat2)
    half_phi = sin((phi2 - phi1) / 2)
    half_lambda = sin(radians(lon2 - lon1) / 2)
    chord = half_phi * half_phi + cos(phi1) * cos(phi2) * half_lambda * half_lambda
    return round(2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(chord))), 3)
