"""What few voices say is withheld, and so is whatever would give it away by subtraction.

A table of voices by area, category and part of the day has totals in all three directions. A
reader subtracts: the voices of an area less those that are shown leave those that are not.
So beside each cell of too few voices others are withheld with it until, in every line of
the table (an area's categories, a category's areas …), what is left over either is nothing or is of
at least two cells and of voices enough to be shown by itself.

A voice may name several things, so that cells of a line add up to more than its total; what
is left over is therefore counted by voices and not by adding up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..progress import Progress, silent


@dataclass(frozen=True)
class Cells:
    """A table with its totals, and the reports of each cell.

    Attributes
    ----------
    shape : (int, int, int)
        Areas, categories and parts of the day, each with one more for the total.
    cell, report : (m,) arrays of int
        Each report in each cell that it belongs to, totals included; a cell is its number in the flat table.
    """

    shape: tuple
    cell: np.ndarray
    report: np.ndarray

    @property
    def size(self) -> int:
        """Number of cells."""
        return int(np.prod(self.shape))


def cells(area: np.ndarray, category: np.ndarray, part: np.ndarray, counts: tuple) -> Cells:
    """Give reports to the cells of a table and to its totals.

    Parameters
    ----------
    area, category, part : (n,) arrays of int
        From 0; -1 belongs to no area and is in no cell.
    counts : (int, int, int)
        How many areas, categories and parts there are.
    """
    shape = tuple(c + 1 for c in counts)
    rows = np.flatnonzero(area >= 0)
    found = []
    for whole in np.ndindex(2, 2, 2):
        index = [np.where(total, count, values[rows]) for total, count, values in
                 zip(whole, counts, (area, category, part))]
        found.append(np.ravel_multi_index(index, shape))
    return Cells(shape, np.concatenate(found), np.tile(rows, 8))


def withhold(table: Cells, voice: np.ndarray, least: int, progress: Progress = silent) -> tuple:
    """Decide which cells are shown.

    Parameters
    ----------
    table : Cells
    voice : (n,) array of int
        Voice of each report.
    least : int
        Fewest voices of a cell that is shown.

    Returns
    -------
    voices : int array of the table's shape
        Distinct voices of each cell.
    shown : bool array
    """
    members = _Members(table, voice)
    progress(0.2)
    number = members.counts().reshape(table.shape)
    shown = number >= max(least, 1)
    changed = True
    while changed:
        changed = False
        for axis in range(3):
            changed |= _protect(number, shown, axis, members, least, progress)
    return number, shown


class _Members:
    """The voices of each cell, each once."""

    def __init__(self, table: Cells, voice: np.ndarray) -> None:
        voices = int(voice.max()) + 1 if len(voice) else 1
        key = np.unique(table.cell * voices + voice[table.report])
        self.voice = key % voices
        self.start = np.searchsorted(key, np.arange(table.size + 1) * voices)

    def counts(self) -> np.ndarray:
        """Return the number of voices of each cell."""
        return np.diff(self.start)

    def together(self, places: np.ndarray) -> int:
        """Return how many voices some cells have together."""
        parts = [self.voice[self.start[p] : self.start[p + 1]] for p in places]
        return len(np.unique(np.concatenate(parts))) if parts else 0


def _protect(
    number: np.ndarray, shown: np.ndarray, axis: int, members: _Members, least: int, progress: Progress
) -> bool:
    """Withhold one more cell in each line that gives something away; True where there was one."""
    place = np.moveaxis(np.arange(number.size).reshape(number.shape), axis, -1).reshape(-1, number.shape[axis])
    n, seen = number.ravel()[place], shown.ravel()[place]
    parts, known = n[:, :-1], seen[:, :-1]
    hidden = (parts > 0) & ~known
    count = hidden.sum(axis=1)
    largest = np.where(hidden, parts, 0).max(axis=1)
    total = seen[:, -1]
    # alone or few beside a known total; or a withheld total whose parts are all known
    doubtful = (total & (count > 0) & ((count < 2) | (largest < least))) | (~total & (n[:, -1] > 0) & (count == 0))
    flat = shown.reshape(-1)
    changed = False
    for turn, line in enumerate(np.flatnonzero(doubtful).tolist()):
        if turn % 200 == 0:
            progress(0.5)
        own = place[line, :-1]
        if total[line] and count[line] > 1 and members.together(own[hidden[line]]) >= least:
            continue
        left = np.flatnonzero((parts[line] > 0) & known[line])
        if len(left):
            flat[own[left[np.argmin(parts[line, left])]]] = False
        elif total[line] and count[line] == 1:
            flat[place[line, -1]] = False  # the total is that one part
        else:
            continue
        changed = True
    return changed
