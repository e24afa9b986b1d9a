"""What a zone seems to ask for: patrol, a place manager, guardians or a change of the place.

Problem analysis looks at who could control a place (Eck 2003, the problem analysis triangle):
the one who runs it, those who look after what is theirs, or those who patrol it; and at what
in the place itself makes crime easy. The rules below propose one of them. They are plain
thresholds, applied in a stated order; all rules that a zone meets are returned, so that the
reader sees what speaks for another response.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..significance import wilson_interval
from .peaks import LEAST_INCIDENTS

PATROL, MANAGER, GUARDIAN, ENVIRONMENT = "patrol", "place manager", "guardian", "environment"

#: the rules in their order
(ONE_PLACE, WISH_PLACE, GUARDED, HIDDEN, DARK, ACUTE, WISH_PATROL, SPREAD, UNKNOWN) = RULES = (
    "one place", "wish for the place", "homes and vehicles", "out of sight", "dark", "acute", "wish for patrol",
    "spread", "unknown",
)
#: what each rule proposes
KINDS = {
    ONE_PLACE: MANAGER, WISH_PLACE: ENVIRONMENT, GUARDED: GUARDIAN, HIDDEN: GUARDIAN, DARK: ENVIRONMENT,
    ACUTE: PATROL, WISH_PATROL: PATROL, SPREAD: GUARDIAN, UNKNOWN: PATROL,
}
#: share above which one place, one wish, one kind of crime is what the zone is about
MOST = 0.5
#: incidents of a zone below which shares of kinds and places say nothing
LEAST_FOR_SHARE = 5
#: share of the incidents in the dark hours from which darkness matters, and those hours
DARK_SHARE, DARK_HOURS = 0.6, (20, 6)
#: times more than an even week from which a peak is one that a patrol can meet, and its p-value
ACUTE_LIFT, ACUTE_P = 1.5, 0.05
#: wishes that ask for a change of the place
WISHES_PLACE, WISH_OF_PATROL = ("light", "repair"), "patrol"


@dataclass(frozen=True)
class Evidence:
    """What is known of one zone; NaN or "" where it is not.

    Attributes
    ----------
    place_share : float
        Share of the incidents at the busiest single place.
    wish, wish_share : str, float
        Main wish of the residents, and the share of the voices with a wish who named it.
    guarded_share : float
        Share of the incidents that are thefts from homes or of and from vehicles.
    hidden_share : float
        Share of the incidents of types that a patrol does not see.
    dark_share, timed : float
        Share of the incidents with a known time that lie in the dark hours, and their number.
    peak_lift, peak_p, peak_days : float
        The weekly peak: times more than an even week, p-value, days; NaN without one.
    """

    place_share: float = np.nan
    wish: str = ""
    wish_share: float = np.nan
    guarded_share: float = np.nan
    hidden_share: float = np.nan
    dark_share: float = np.nan
    timed: float = 0.0
    peak_lift: float = np.nan
    peak_p: float = np.nan
    peak_days: float = np.nan


def rules(zone: Evidence) -> list[str]:
    """Return the rules that a zone meets, in their order; the first one proposes."""
    enough = zone.timed >= LEAST_INCIDENTS
    acute = enough and zone.peak_lift >= ACUTE_LIFT and zone.peak_p < ACUTE_P
    main = zone.wish_share > MOST
    # a few nights of the week are an occasion to patrol; every night is a matter of the place
    dark = enough and zone.dark_share >= DARK_SHARE and _more_than_even(zone) and not (acute and zone.peak_days < 7)
    met = {
        ONE_PLACE: zone.place_share > MOST,
        WISH_PLACE: main and zone.wish in WISHES_PLACE,
        GUARDED: zone.guarded_share > MOST,
        HIDDEN: zone.hidden_share > MOST,
        DARK: dark,
        ACUTE: acute,
        WISH_PATROL: main and zone.wish == WISH_OF_PATROL,
        # a peak that could be chance shows neither that there is one nor that there is none
        SPREAD: enough and not dark and not zone.peak_lift >= ACUTE_LIFT,
    }
    return [rule for rule in RULES if met.get(rule)] or [UNKNOWN]


def _more_than_even(zone: Evidence) -> bool:
    """Whether the dark hours hold more than an even day would, chance allowed for."""
    low, _ = wilson_interval(np.array(zone.dark_share * zone.timed), np.array(zone.timed))
    return bool(low > dark_hours() / 24.0)


def dark_hours() -> int:
    """Return how many hours of the day count as dark."""
    start, end = DARK_HOURS
    return (end - start) % 24


def dark_shares(profile: np.ndarray) -> np.ndarray:
    """Return the share of each zone's week that lies in the dark hours.

    Parameters
    ----------
    profile : (zones, bins) array
        Incidents over the week (:func:`~hotspot_plugin.analysis.patrol.peaks.week_profile`).

    Returns
    -------
    (zones,) array
        NaN for fewer incidents than a peak needs.
    """
    bins = profile.shape[1]
    hour = np.arange(bins) * 168.0 / bins % 24.0
    start, end = DARK_HOURS
    total = profile.sum(axis=1)
    dark = profile[:, (hour >= start) | (hour < end)].sum(axis=1)
    return np.where(np.round(total, 6) >= LEAST_INCIDENTS, dark / np.maximum(total, 1e-12), np.nan)
