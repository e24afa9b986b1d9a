"""Counts of areas through time, cut so that no unit of time mixes before and after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from .design import CONTROL, ROLES, TREATED, TimeUnits

#: in the order of the parameter UNIT
MONTH, DAYS_28, DAYS_7, QUARTER = range(4)
_DAY = np.timedelta64(1, "D")
_LENGTH = {DAYS_28: 28, DAYS_7: 7}


@dataclass(frozen=True)
class Panel:
    """Counts of areas in units of time.

    Attributes
    ----------
    counts : (n, m) array
        Incidents; NaN where a count is missing.
    roles : (n,) int8 array
        Index into ``design.ROLES``, -1 for an area that takes no part.
    days : (m,) array
        Length of each unit; all 1 where it is not known.
    labels : (m,) list of str
    after : (m,) array of bool
        Units after the start.
    used : (m,) array of bool
        Units that are neither mixed nor of a transition.
    starts : (m,) array of datetime64[D], or None
        First day of each unit, where they have dates.
    """

    counts: np.ndarray
    roles: np.ndarray
    days: np.ndarray
    labels: list
    after: np.ndarray
    used: np.ndarray
    starts: np.ndarray | None = None

    @property
    def before(self) -> np.ndarray:
        """(m,) array of bool: units before the start that are used."""
        return ~self.after & self.used

    @property
    def later(self) -> np.ndarray:
        """(m,) array of bool: units after the start that are used."""
        return self.after & self.used

    def of(self, role: str) -> np.ndarray:
        """Return which areas have a role, as an (n,) array of bool."""
        return self.roles == ROLES.index(role)

    @property
    def treated(self) -> np.ndarray:
        """(n,) array of bool."""
        return self.of(TREATED)

    @property
    def control(self) -> np.ndarray:
        """(n,) array of bool."""
        return self.of(CONTROL)


def units(
    first: np.datetime64, last: np.datetime64, start: np.datetime64, unit: int
) -> tuple[TimeUnits, np.ndarray]:
    """Cut a span of days into units.

    Parameters
    ----------
    first, last : datetime64[D]
        Both included.
    start : datetime64[D]
        First day of what is evaluated. Units of days are counted from it in both directions, so that none holds days
        of both sides; calendar units are taken as they are.
    unit : int
        MONTH, QUARTER, DAYS_28 or DAYS_7. Only whole units are taken.

    Returns
    -------
    TimeUnits, and an array of bool: units that hold the start but do not begin with it

    Raises
    ------
    InputError
        Where no whole unit fits before or after the start.
    """
    if unit in _LENGTH:
        days = _LENGTH[unit]
        back, forth = int((start - first) / _DAY) // days, int((last + _DAY - start) / _DAY) // days
        edges = start + np.arange(-back, forth + 1) * np.timedelta64(days, "D")
        found = TimeUnits(edges, f"{days} days")
    else:
        size = 3 if unit == QUARTER else 1
        month = first.astype("M8[M]")
        if month.astype("M8[D]") < first:
            month += 1
        month += -int(month.astype(int)) % size
        end = (last + _DAY).astype("M8[M]")
        months = np.arange(month, end + 1, size) if end >= month else np.array([month])
        found = TimeUnits(months.astype("M8[D]"), "quarter" if unit == QUARTER else "month")
    begin, end = found.edges[:-1], found.edges[1:]
    if not (end <= start).any() or not (begin >= start).any():
        side = "before" if not (end <= start).any() else "from"
        raise InputError(
            "START", "No whole unit of time ({unit}) lies " + side + " {start}: the data used run from {first} to"
            " {last}. Give data of more time, another start, or a shorter unit (UNIT).",
            unit=found.name, start=str(start), first=str(first), last=str(last))
    return found, (begin < start) & (end > start)


def of_fields(values: np.ndarray, first_after: int, parameter: str) -> tuple[np.ndarray, np.ndarray]:
    """Return which columns lie after the start, refusing a start outside them.

    Parameters
    ----------
    values : (n, m) array
    first_after : int
        Number of the first column after the start, from 1.
    parameter : str

    Returns
    -------
    (m,) arrays of bool: after the start; used (all)
    """
    columns = values.shape[1]
    if not 2 <= first_after <= columns:
        raise InputError(
            parameter, "There are {count} fields in order of time; the first one after the start must be between 2 and"
            " {count}, so that there is one before it.", count=columns)
    return np.arange(columns) >= first_after - 1, np.ones(columns, bool)
