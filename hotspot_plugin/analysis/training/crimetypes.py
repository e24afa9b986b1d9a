"""How the types of incidents of a made-up town differ: how many, where, when, how soon reported.

The names are those of data.police.uk, which the plugin's table of types knows. The shares are roughly those of England
and Wales in the 2010s; hours and places follow what is known of each type in words (burglary of homes by day, cars by
night, violence at the weekend's closing hours). They are made to teach with, not estimates of anything.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: kinds of places in the order of the weights below
HOME, SHOP, WORK, PUBLIC, STREET, PARK, CAR_PARK = range(7)


@dataclass(frozen=True)
class CrimeType:
    """A type of incident.

    Attributes
    ----------
    name : str
    share : float
        Of all incidents.
    places : tuple of 7 numbers
        Weight of a home, shop, workplace, public building, street, park, car park.
    centre : float
        How many times likelier in the centre than in a suburb.
    night : float
        Hour around which most happen; a second, lesser one may follow.
    hours : tuple of (hour, width, weight)
        Bumps of the day, in hours.
    weekend : float
        Friday night, Saturday and Sunday over other days.
    summer : float
        Highest month over the yearly mean, in July; below 1 in January.
    unseen : float
        Share whose hour nobody knows, with mean span in hours.
    span : float
    lag : float
        Mean hours from the end of the span to the report.
    officers : float
        Share that officers find themselves.
    """

    name: str
    share: float
    places: tuple
    centre: float
    hours: tuple
    weekend: float
    summer: float
    unseen: float
    span: float
    lag: float
    officers: float


TYPES = (
    CrimeType("Violence and sexual offences", .27, (4, 3, 1, 3, 3, .6, 1), 3.2, ((23, 2.4, 1.0), (16, 4.0, .9)), 1.35,
              1.08,
              .06, 10, 14, .04),
    CrimeType("Anti-social behaviour", .20, (1.5, 2.5, .3, 1, 4, 4, 2), 2.2, ((20, 3.2, 1.0), (15, 3, .5)), 1.2, 1.22,
              .0, 0, .4, .05),
    CrimeType("Criminal damage and arson", .09, (3, 2, 1, 2, 2, 1, 2), 1.3, ((22, 3.2, 1.0), (17, 3, .5)), 1.15, 1.06,
              .5, 11, 10, .03),
    CrimeType("Vehicle crime", .08, (2.5, .4, 1.2, .4, 3, .3, 7), 1.1, ((2, 3.2, 1.0), (20, 3, .4)), .95, .97, .78, 11,
              5, .01),
    CrimeType("Other theft", .08, (2, 4, 2, 2, 1, .5, 1), 1.9, ((14, 4, 1.0), (20, 3, .4)), .98, 1.02, .45, 14, 30,
              .01),
    CrimeType("Burglary", .07, (6, 1.5, 1.5, .7, 0, 0, 0), .9, ((14, 3.2, 1.0), (20, 2.6, .7), (3, 2.2, .5)), .92, .93,
              .82, 9, 5, .01),
    CrimeType("Shoplifting", .065, (0, 20, 0, 0, 0, 0, 0), 2.0, ((13, 2.5, 1.0), (17, 2.2, .9)), .95, .98, .05, 3, 30,
              .03),
    CrimeType("Public order", .05, (1, 3, .5, 2, 4, 1.2, 1), 3.0, ((22, 2.8, 1.0), (16, 3, .6)), 1.3, 1.1, .0, 0, 8,
              .12),
    CrimeType("Drugs", .027, (1, 1, .3, .5, 4, 3, 2), 2.4, ((21, 3.2, 1.0), (15, 3, .5)), 1.1, 1.02, .0, 0, .2, .85),
    CrimeType("Bicycle theft", .018, (2, 2, 1.5, 5, 3, .6, 1), 2.2, ((13, 3.5, 1.0), (18, 2.5, .8)), .85, 1.3, .8, 9,
              16, .0),
    CrimeType("Theft from the person", .016, (0, 3, .2, .4, 4, .3, .3), 5.0, ((23.5, 2, 1.0), (15, 3, .6)), 1.5, 1.0,
              .15, 3, 12, .0),
    CrimeType("Other crime", .02, (4, 1, 1, 1.5, 1, .3, .3), 1.2, ((14, 5, 1.0),), .95, 1.0, .2, 20, 90, .08),
    CrimeType("Robbery", .012, (.3, 2, .2, .3, 5, 2.2, 1), 3.0, ((21, 3, 1.0), (16, 2, .5)), 1.15, .98, .02, 2, 2, .01),
    CrimeType("Possession of weapons", .008, (.8, 1.2, .2, .6, 4, 1.5, .8), 2.6, ((21, 4, 1.0), (15, 3, .4)), 1.15,
              1.03,
              .0, 0, .2, .75),
)
NAMES = tuple(t.name for t in TYPES)
VIOLENCE, DISORDER, DAMAGE, VEHICLE, THEFT, BURGLARY, SHOPLIFTING, ORDER = range(8)
PERSON_THEFT, ROBBERY, BIKE, DRUGS = NAMES.index("Theft from the person"), NAMES.index("Robbery"), NAMES.index(
    "Bicycle theft"), NAMES.index("Drugs")
#: weekdays from Monday
_WEEKEND = np.array([0.0, 0.0, 0.0, 0.15, 0.8, 1.0, 0.6])
#: by how much the night of the weekend is later and larger
_LATE = np.array([0.0, 0.0, 0.0, 0.1, 0.9, 1.0, 0.2])


def week(kind: CrimeType) -> np.ndarray:
    """Return the share of the week's incidents by weekday (from Monday) and hour, a (7, 24) array that sums to 1."""
    hour = np.arange(24) + 0.5
    day = np.full(24, 0.035)
    for at, width, weight in kind.hours:
        away = np.abs((hour - at + 12.0) % 24.0 - 12.0)
        day = day + weight * np.exp(-0.5 * (away / width) ** 2)
    out = np.outer(1.0 + (kind.weekend - 1.0) * _WEEKEND, day)
    if kind.weekend > 1.1:
        # the hours after midnight are those of the evening before
        for weekday in range(7):
            out[weekday, 20:] *= 1.0 + (kind.weekend - 1.0) * 2.2 * _LATE[weekday]
            out[(weekday + 1) % 7, :4] *= 1.0 + (kind.weekend - 1.0) * 3.0 * _LATE[weekday]
    return out / out.sum()


def window(first: int, hours: int, weekdays: tuple, share: float, base: np.ndarray) -> np.ndarray:
    """Return a week in which a share happens evenly within hours of weekdays, and the rest as in another week."""
    inside = np.zeros((7, 24))
    for day in weekdays:
        for k in range(hours):
            inside[(day + (first + k) // 24) % 7, (first + k) % 24] = 1.0
    return share * inside / inside.sum() + (1.0 - share) * base


def season(kind: CrimeType, day_of_year: np.ndarray) -> np.ndarray:
    """Return the rate of days of the year (0 to 365) over the yearly mean."""
    return 1.0 + (kind.summer - 1.0) * np.cos(2.0 * np.pi * (np.asarray(day_of_year) - 196.0) / 365.25)
