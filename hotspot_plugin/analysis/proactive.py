"""Which incidents are known only because officers looked: their share, and what is not known of it.

A record that officers began themselves (a stop, a search, drugs found) says where officers
were. Where such records make hot spots and hot spots draw officers, the next map repeats
the last one (Lum and Isaac 2016; Ensign et al. 2018, "Runaway feedback loops").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .data.classifyincidents import distinct, marked_rows
from .data.typetable import TRUTHS
from .progress import Progress, silent

#: share above which hot spots need a second look, without these records
MUCH = 0.10
#: share above which no forecast should be made of them
TOO_MUCH = 0.25


@dataclass(frozen=True)
class Marks:
    """What is known of each incident.

    Attributes
    ----------
    made : (n,) bool array
        Officers began the record.
    unknown : (n,) bool array
        Not known; such incidents are treated as reported by others.
    field : str
        Field that says so.
    """

    made: np.ndarray
    unknown: np.ndarray
    field: str = ""

    def __len__(self) -> int:
        return len(self.made)

    @property
    def n(self) -> int:
        """Incidents that officers began."""
        return int(self.made.sum())

    @property
    def known(self) -> int:
        """Incidents of which it is known who began them."""
        return len(self) - int(self.unknown.sum())

    @property
    def share(self) -> float:
        """Officers' share of all incidents, at least: those not known count as reported by others.

        NaN if it is known of none.
        """
        return self.n / len(self) if self.known else float("nan")

    @property
    def most(self) -> float:
        """Officers' share if all of those not known were theirs; NaN without incidents."""
        return (self.n + len(self) - self.known) / len(self) if len(self) else float("nan")

    @property
    def much(self) -> bool:
        """Whether the share of those of which it is known is above 10 %: the safe side of two."""
        return self.n > MUCH * self.known

    def take(self, keep: np.ndarray) -> Marks:
        """Marks of some of the incidents."""
        return Marks(self.made[keep], self.unknown[keep], self.field)


def from_truths(values: np.ndarray, field: str = "", progress: Progress = silent) -> tuple[Marks, list]:
    """Read a column of yes and no, as ``proactive`` of classified incidents.

    Parameters
    ----------
    values : (n,) array of str or None
        yes, true, 1, no, false, 0 and the like; anything else is not known.

    Returns
    -------
    Marks
    list of str
        Values that are neither yes nor no, the commonest first.
    """
    found = distinct(values, progress)
    state = np.append(np.array([int(TRUTHS.get(key, -1)) for key in found.keys], np.int64), -1)[found.of_row]
    strange = [k for k in np.argsort(-found.counts, kind="stable").tolist() if found.keys[k] not in TRUTHS]
    return Marks(state == 1, state < 0, field), [found.names[k] for k in strange]


def from_sources(
    values: np.ndarray, marks: list, field: str = "", progress: Progress = silent
) -> tuple[Marks, list, dict]:
    """Read a column of sources of which some mean officers.

    Parameters
    ----------
    values : (n,) array of str or None
        Source of each incident, e.g. "Call", "Self-initiated".
    marks : list of str
        Sources that mean officers; capitals and small letters alike.

    Returns
    -------
    Marks
        Without a source it is not known.
    list of str
        Marks that no row has.
    dict
        Number of rows of each source, the commonest first.
    """
    made, absent, found = marked_rows(values, marks, progress)
    order = np.argsort(-found.counts, kind="stable").tolist()
    return Marks(made, found.of_row < 0, field), absent, {found.names[k]: int(found.counts[k]) for k in order}
