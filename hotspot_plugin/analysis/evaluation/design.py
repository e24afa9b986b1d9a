"""What all evaluations share: the roles of areas, and counts by role and unit of time.

A treated area is one where something was done. A comparison (control) area is one where nothing
was done and that would have gone the same way. Around each there may be areas into which
incidents could have moved.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from .compareperiods import Period

TREATED, CONTROL = "treated", "control"
TREATED_DISPLACEMENT, CONTROL_DISPLACEMENT = "treated_displacement", "control_displacement"
#: Values of the field ``role``; a code is the place in this list, -1 stands for an area that takes no part.
ROLES = (TREATED, CONTROL, TREATED_DISPLACEMENT, CONTROL_DISPLACEMENT)
#: Values that say that an area takes no part.
UNUSED = ("", "excluded", "unused", "none")
_OTHER_WORDS = {
    "treatment": TREATED, "target": TREATED, "comparison": CONTROL, "displacement": TREATED_DISPLACEMENT,
    "displacement_treated": TREATED_DISPLACEMENT, "buffer": TREATED_DISPLACEMENT,
    "displacement_control": CONTROL_DISPLACEMENT, "comparison_displacement": CONTROL_DISPLACEMENT,
}
_DAY = np.timedelta64(1, "D")


def role_codes(values: np.ndarray, parameter: str = "ROLE_FIELD") -> np.ndarray:
    """Turn the words of a role field into codes.

    Parameters
    ----------
    values : (n,) array of str or None
        Capitals, spaces and hyphens do not matter; "comparison" is control, "displacement" or "buffer"
        around a treated area its displacement area.
    parameter : str
        The parameter that an error shall name.

    Returns
    -------
    (n,) int8 array
        Index into :data:`ROLES`, -1 for an area that takes no part.

    Raises
    ------
    InputError
        For words that are no role.
    """
    out = np.full(len(values), -1, np.int8)
    unknown: dict = {}
    for i, value in enumerate(values):
        word = "_".join(str(value if value is not None else "").lower().replace("-", " ").split())
        word = _OTHER_WORDS.get(word, word)
        if word in ROLES:
            out[i] = ROLES.index(word)
        elif word not in UNUSED:
            unknown.setdefault(str(value), i)
    if unknown:
        raise InputError(
            parameter, "'{value}' is no role (first in row {row}). The roles are {roles}; leave the field empty where"
            " an area takes no part.", value="', '".join(sorted(unknown)[:3]), row=min(unknown.values()) + 1,
            roles=", ".join(ROLES),
        )
    return out


def check_roles(codes: np.ndarray, parameter: str = "ROLE_FIELD", displacement: str = "pair") -> np.ndarray:
    """Refuse areas that cannot be compared; return how many areas each role has.

    Parameters
    ----------
    codes : (n,) int array
        See :func:`role_codes`.
    parameter : str
    displacement : {"pair", "any", "needed"}
        "pair": displacement areas around both or around none; "needed": around both; "any": whatever there is.

    Returns
    -------
    (4,) array of int
    """
    number = np.array([(codes == k).sum() for k in range(len(ROLES))])
    if not number[0]:
        raise InputError(parameter, "No area has the role 'treated'. Mark the areas where something was done.")
    if not number[1]:
        raise InputError(
            parameter, "No area has the role 'control'. Without comparison areas nobody can tell what would have"
            " happened anyway: mark areas that are alike and where nothing was done.")
    if displacement == "any":
        return number
    there = number[2:] > 0
    if (displacement == "needed" and not there.all()) or (displacement == "pair" and there.sum() == 1):
        lacks = ROLES[2] if not number[2] else ROLES[3]
        raise InputError(
            parameter, "There is no area with the role '{lacks}'. Displacement is judged against the surroundings of"
            " the comparison areas: mark both displacement roles, or neither.", lacks=lacks)
    return number


def role_sums(values: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Sum the values of the areas of each role.

    Parameters
    ----------
    values : (n, ...) array
    codes : (n,) int array

    Returns
    -------
    (4, ...) array
    """
    values = np.asarray(values)
    out = np.zeros((len(ROLES), *values.shape[1:]), dtype=np.result_type(values.dtype, np.int64))
    used = codes >= 0
    np.add.at(out, codes[used].astype(np.int64), values[used])
    return out


@dataclass(frozen=True)
class TimeUnits:
    """Units of time, one after the other, e.g. the 4-week units of a period.

    Attributes
    ----------
    edges : (m + 1,) array of datetime64[D]
        First day of each unit, and the day after the last.
    name : str
        "month", "28 days" or "7 days".
    """

    edges: np.ndarray
    name: str

    def __len__(self) -> int:
        return len(self.edges) - 1

    def of(self, moments: np.ndarray) -> np.ndarray:
        """Return the unit of each moment (datetime64), -1 outside and without a date."""
        found = np.searchsorted(self.edges, moments.astype("datetime64[D]"), side="right") - 1
        return np.where(np.isnat(moments) | (found >= len(self)), -1, found)


def time_units(first: np.datetime64, last: np.datetime64, monthly: bool, least: int = 8) -> TimeUnits | None:
    """Cut a span of days into units, so that counts can be seen to vary.

    Parameters
    ----------
    first, last : datetime64[D]
        Both included. Days at the start that fill no unit are left out.
    monthly : bool
        Dates say no more than the month: units are months.
    least : int
        Fewest units.

    Returns
    -------
    TimeUnits or None
        Of 28 days, which hold four of each weekday; of 7 days where the span is too short; None where there are
        fewer than ``least`` of them too.
    """
    if monthly:
        months: np.ndarray = np.arange(first.astype("M8[M]"), last.astype("M8[M]") + 2)
        return TimeUnits(months.astype("M8[D]"), "month") if len(months) - 1 >= least else None
    span = int((last - first) / _DAY) + 1
    for days in (28, 7):
        number = span // days
        if number >= least:
            edges = last + _DAY - np.arange(number, -1, -1) * np.timedelta64(days, "D")
            return TimeUnits(edges, f"{days} days")
    return None


def panel(area: np.ndarray, unit: np.ndarray, areas: int, units: int) -> np.ndarray:
    """Count incidents by area and unit of time.

    Parameters
    ----------
    area, unit : (n,) int arrays
        -1 for none.
    areas, units : int

    Returns
    -------
    (areas, units) int64 array
    """
    inside = (area >= 0) & (unit >= 0)
    flat = np.bincount(area[inside] * np.int64(units) + unit[inside], minlength=areas * units)
    return flat.reshape(areas, units)


#: Incidents of an area beyond which a number is broken.
MOST_INCIDENTS = 1e9


def whole_counts(values: np.ndarray, parameter: str) -> np.ndarray:
    """Refuse what is no count; NaN stands for a missing one and stays.

    Raises
    ------
    InputError
        For negative numbers and for broken ones.
    """
    known = values[np.isfinite(values)]
    if (known < 0).any():
        raise InputError(parameter, "A count is negative ({value}). Give the numbers of incidents.",
                         value=float(known.min()))
    if (known > MOST_INCIDENTS).any():
        raise InputError(parameter, "A count is too large to be one ({value}). Correct it, or choose the field with the"
                                    " numbers of incidents.", value=float(known.max()))
    if (np.abs(known - np.round(known)) > 1e-9).any():
        value = float(known[np.abs(known - np.round(known)) > 1e-9][0])
        raise InputError(
            parameter, "{value} is no whole number of incidents. Give counts, not rates, weights or means: how far"
            " chance reaches follows from the counts. Unequal periods and areas have parameters of their own.",
            value=value)
    return np.round(values)


def overlap_days(first: Period, second: Period) -> int:
    """Return how many days two periods share."""
    start, end = max(first.start, second.start), min(first.end, second.end)
    return max(int((end - start) / _DAY) + 1, 0)
