"""Which counts of a published table are withheld, and a proof that what is withheld stays unknown.

A table has areas as rows and groups as columns, with the totals of the rows, of the columns
and of the whole. A reader knows every published number up to its rounding, that counts are
whole and not negative, and that totals are sums. Each count below the limit is withheld
(primary suppression), and others with it (complementary suppression), until this holds:
*for each withheld count below the limit, every value from 0 to the limit less one is still
possible.* That is checked for each one, and no count is passed without a table, different
from the true one, that fits all that is published (a witness).

The constraints of such a table are those of a network, so that whatever fractions fit,
whole numbers fit too (total unimodularity); see Gusfield 1988, SIAM J. Computing 17(3), and
Willenborg and de Waal 2001, Elements of Statistical Disclosure Control, chapter 6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..progress import Progress, silent

#: What became of a number: shown; below the limit; withheld to protect another; not part of the table.
SHOWN, SMALL, OTHER, ABSENT = range(4)
#: Targets that are tried together in one linear program.
_TOGETHER = 24
#: Ways in which rows are set aside for columns.
_WAYS = 6


@dataclass(frozen=True)
class Rules:
    """What is shown to the public.

    Attributes
    ----------
    limit : int
        The smallest count that is shown.
    base : int
        Counts are rounded to multiples of it; 1 shows them as they are.
    """

    limit: int = 10
    base: int = 5


@dataclass(frozen=True)
class Protected:
    """A table made safe; all arrays are (areas + 1, groups + 1), the last row and column the totals.

    Attributes
    ----------
    counts : int64 array
        As counted.
    status : int8 array
        SHOWN, SMALL, OTHER or ABSENT. A table of one area has no totals of the groups beside
        the counts themselves, and a table of one group none of the areas.
    rules : Rules
    proofs : int
        Withheld small counts for which the two witnesses were found.
    programs : int
        Linear programs that were solved for it.
    """

    counts: np.ndarray
    status: np.ndarray
    rules: Rules
    proofs: int
    programs: int

    @property
    def values(self) -> np.ndarray:
        """What the public sees: rounded numbers, -1 where there is none."""
        return np.where(self.status == SHOWN, rounded(self.counts, self.rules.base), -1)


def rounded(counts: np.ndarray, base: int) -> np.ndarray:
    """Round to the nearest multiple; with base 5, 12 becomes 10 and 13 becomes 15."""
    return (np.asarray(counts) + base // 2) // base * base


def reader_knows(values: np.ndarray, status: np.ndarray, rules: Rules) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and the largest count that each number can stand for.

    Parameters
    ----------
    values : integer array
        Published numbers.
    status : array of SHOWN, SMALL, OTHER, ABSENT
        What is withheld is not told apart in public. Here the reader is taken to have found
        out which of it is small; two counts of 9 whose sum is known are then no secret.
    rules : Rules
    """
    low = np.asarray(values) - rules.base // 2
    shown, most = status == SHOWN, np.where(status == SMALL, rules.limit - 1.0, np.inf)
    return np.where(shown, np.maximum(low, rules.limit), 0).astype(float), np.where(shown, low + rules.base - 1, most)


def with_totals(counts: np.ndarray) -> np.ndarray:
    """Return counts with the totals as last row and column."""
    counts = np.asarray(counts, dtype=np.int64)
    out = np.zeros((counts.shape[0] + 1, counts.shape[1] + 1), dtype=np.int64)
    out[:-1, :-1] = counts
    out[-1, :-1], out[:-1, -1], out[-1, -1] = counts.sum(axis=0), counts.sum(axis=1), counts.sum()
    return out


def protect(counts: np.ndarray, rules: Rules, progress: Progress = silent) -> Protected:
    """Decide what of a table is shown.

    Parameters
    ----------
    counts : (areas, groups) array of int
    rules : Rules
    progress : Progress

    Returns
    -------
    Protected
        Of which :func:`audit` finds nothing open.
    """
    table = _Table(with_totals(counts), rules)
    table.repair_lines()
    programs = 0
    proven: set = set()
    while True:
        progress(0.0)
        table.repair_lines()
        targets = [target for target in table.targets() if target not in proven]
        if not targets:
            break
        quick = table.quick(targets)
        proven.update(quick)
        rest = [target for target in targets if target not in quick]
        sure, open_, solved = _solve(table, rest, progress)
        programs += solved
        proven.update(sure)  # withholding more never makes less possible
        if not open_:
            break
        before = table.status.copy()
        table.escalate(open_)
        if (table.status == before).all():  # a solver in trouble; without totals each count stands by itself
            table.withhold_totals()
    progress(1.0)
    return Protected(table.full, table.status, rules, int((table.status == SMALL).sum()), programs)


def audit(counts: np.ndarray, status: np.ndarray, rules: Rules, progress: Progress = silent) -> list:
    """Return the (row, column, direction) of withheld small counts of which a reader could exclude a value.

    Every target is decided by a linear program of its own, none by a shortcut.
    """
    table = _Table(with_totals(counts), rules, np.array(status, dtype=np.int8))
    program = _Program(table)
    out = []
    for target in table.targets():
        progress(0.0)
        if not program.feasible([target]):
            out.append(target)
    return out


class _Table:
    """A table while it is decided what is withheld."""

    def __init__(self, full: np.ndarray, rules: Rules, status: np.ndarray | None = None) -> None:
        self.full, self.rules = full, rules
        self.rows, self.columns = full.shape[0] - 1, full.shape[1] - 1
        if status is None:
            status = np.where(full < rules.limit, SMALL, SHOWN).astype(np.int8)
            if self.columns < 2:
                status[:, -1] = ABSENT
            if self.rows < 2:
                status[-1, :] = ABSENT
        self.status = status
        self._level: dict = {}

    def slack(self) -> tuple[np.ndarray, np.ndarray]:
        """How far each number can go up and down from the truth by itself; at most the limit, which is enough."""
        low, high = reader_knows(rounded(self.full, self.rules.base), self.status, self.rules)
        low = np.where(self.status == ABSENT, -np.inf, low)
        most = float(self.rules.limit)
        return np.minimum(high - self.full, most), np.minimum(self.full - low, most)

    def targets(self) -> list:
        """(row, column, way): each withheld small count has to reach the limit less one (+1), and 0 (-1)."""
        top = self.rules.limit - 1
        small = self.status == SMALL
        up = np.argwhere(small & (self.full < top))
        down = np.argwhere(small & (self.full > 0))
        return [(r, c, 1) for r, c in up.tolist()] + [(r, c, -1) for r, c in down.tolist()]

    def need(self, row: int, column: int, way: int) -> int:
        """How far a target is from the truth."""
        here = int(self.full[row, column])
        return self.rules.limit - 1 - here if way > 0 else here

    # --- what a single row or column gives away -------------------------------------------------
    def repair_lines(self) -> None:
        """Withhold the smallest other number of each row and column that gives a withheld count away by itself."""
        while self._repair(False) | self._repair(True) | self._repair_totals(False) | self._repair_totals(True):
            pass

    def _repair(self, turned: bool) -> bool:
        full = self.full.T if turned else self.full
        status = self.status.T if turned else self.status  # a view: what is set here is set there
        up, down = (a.T if turned else a for a in self.slack())
        cells_up, cells_down = up[:-1, :-1], down[:-1, :-1]
        small = status[:-1, :-1] == SMALL
        counts = full[:-1, :-1]
        others_up = cells_up.sum(axis=1, keepdims=True) - cells_up + down[:-1, -1:]
        others_down = cells_down.sum(axis=1, keepdims=True) - cells_down + up[:-1, -1:]
        bad = small & ((others_up < counts) | (others_down < self.rules.limit - 1 - counts))
        found = np.flatnonzero(bad.any(axis=1))
        for row in found.tolist():
            shown = np.flatnonzero(status[row, :-1] == SHOWN)
            column = shown[np.argmin(full[row, shown])] if len(shown) else -1
            if status[row, column] != SHOWN:
                raise RuntimeError("a line without a shown number gives nothing away")
            status[row, column] = OTHER
        return bool(len(found))

    def _repair_totals(self, turned: bool) -> bool:
        """The same for the line of totals, which add up to the total of all."""
        full, status = (self.full.T, self.status.T) if turned else (self.full, self.status)
        up, down = (a[-1] for a in (tuple(a.T for a in self.slack()) if turned else self.slack()))
        line, counts = status[-1, :-1], full[-1, :-1]
        others_up = up[:-1].sum() - up[:-1] + down[-1]
        others_down = down[:-1].sum() - down[:-1] + up[-1]
        bad = (line == SMALL) & ((others_up < counts) | (others_down < self.rules.limit - 1 - counts))
        if not bad.any():
            return False
        shown = np.flatnonzero(line == SHOWN)
        status[-1, shown[np.argmin(counts[shown])] if len(shown) else -1] = OTHER
        return True

    # --- witnesses that need no linear program --------------------------------------------------
    def quick(self, targets: list) -> set:
        """Return the targets for which moving counts around proves that they can be reached.

        A count moves, other counts of its row (or the row's total) make up for it, and for
        each of their columns rows set aside for that column make up for both. The rows set
        aside for different columns differ, so that no slack is used twice.
        """
        up, down = self.slack()
        reach = {1: self._reach(down, up), -1: self._reach(up, down)}
        rows = {1: self._totals_up(up, down), -1: self._totals_down(self.full, up)}
        columns = {1: self._totals_up(up.T, down.T), -1: self._totals_down(self.full.T, up.T)}
        out = set()
        for target in targets:
            row, column, way = target
            if row < self.rows and column < self.columns:
                far = reach[way][row, column]
            elif row < self.rows:
                far = rows[way][row]
            elif column < self.columns:
                far = columns[way][column]
            else:
                continue
            if far >= self.need(*target):
                out.add(target)
        return out

    @staticmethod
    def _totals_up(up: np.ndarray, down: np.ndarray) -> np.ndarray:
        """How far each row's total can go up at least, where other rows' counts and totals go down for it."""
        n, k = (size - 1 for size in up.shape)
        set_aside = np.arange(n)[:, None] % k == np.arange(k)
        room = np.minimum(down[:-1, :-1], down[:-1, -1:]) * set_aside
        return np.minimum(up[:-1, :-1], room.sum(axis=0) - room).sum(axis=1)

    @staticmethod
    def _totals_down(full: np.ndarray, up: np.ndarray) -> np.ndarray:
        """All of each row's total where other rows can take each of its counts, else 0."""
        n, k = (size - 1 for size in up.shape)
        set_aside = np.arange(n)[:, None] % k == np.arange(k)
        room = np.minimum(up[:-1, :-1], up[:-1, -1:]) * set_aside
        taken = (room.sum(axis=0) - room >= full[:-1, :-1]).all(axis=1)
        return np.where(taken, full[:-1, -1], 0)

    def _reach(self, gain: np.ndarray, loss: np.ndarray) -> np.ndarray:
        """How far each cell can go down at least, where ``gain`` and ``loss`` are up and down (or up, if turned)."""
        n, k = self.rows, self.columns
        best = np.zeros((n, k))
        totals = [np.zeros((n, k)) for _ in range(_WAYS)]
        number = np.arange(n)
        # which column each row is set aside for, in several ways; in half of them those with a free total for totals
        aside = np.array([(number // (k + 1) ** (way % 2) + way) % (k + 1) for way in range(_WAYS)])
        aside[::2] = np.where(self.status[:-1, k] == SHOWN, (number + np.arange(0, _WAYS, 2)[:, None]) % k, k)
        for h in range(k + 1):
            # the row's total (h = k) goes down where the row goes down, and up in the row that makes up for it
            own, other = (gain[:-1, h], loss[:-1, h]) if h < k else (loss[:-1, k], gain[:-1, k])
            pairs = np.minimum(gain[:-1, :-1], other[:, None])
            if h < k:
                pairs[:, h] = 0.0
            # one column alone may use all rows; several share them out, in some ways of which any will do
            best = np.maximum(best, np.minimum(own[:, None], pairs.sum(axis=0) - pairs))
            for way, total in zip(aside, totals):
                part = pairs * (way == h)[:, None]
                total += np.minimum(own[:, None], part.sum(axis=0) - part)
        return np.maximum(best, np.max(totals, axis=0))

    # --- complementary suppression --------------------------------------------------------------
    def escalate(self, open_: list) -> None:
        """Withhold more for targets that cannot be reached.

        Totals first, as what is missing there is missing for all their counts; then at most
        one count of each row and column, as one more withheld number often frees the others.
        """
        places = list(dict.fromkeys((row, column) for row, column, _ in open_))
        totals = [place for place in places if place[0] == self.rows or place[1] == self.columns]
        rows: set = set()
        columns: set = set()
        for row, column in totals or places:
            if row in rows or column in columns:
                continue
            rows.add(row)
            columns.add(column)
            level = self._level.get((row, column), 0)
            self._level[row, column] = level + 1
            if totals:
                self._escalate_total(row, column, level)
            else:
                self._escalate_cell(row, column, level)

    def withhold_totals(self) -> None:
        """Withhold all totals, after which nothing bounds a withheld count."""
        for line in (self.status[-1, :], self.status[:-1, -1]):
            if not (line == SHOWN).any():
                continue
            line[line == SHOWN] = OTHER
            return
        raise RuntimeError("a withheld count that nothing bounds was not found free")

    def _escalate_cell(self, row: int, column: int, level: int) -> None:
        """First a rectangle of counts, then a partner for a total that is withheld alone, then the totals around."""
        if level == 0 and self._rectangle(row, column):
            return
        for line, size, own in ((self.status[-1, :-1], self.full[-1, :-1], column),
                                (self.status[:-1, -1], self.full[:-1, -1], row)):
            shown = np.flatnonzero(line == SHOWN)
            if level < 3 and line[own] in (SMALL, OTHER) and len(shown) == len(line) - 1:
                line[shown[np.argmin(size[shown])]] = OTHER
                return
        corners = [(row, -1), (-1, column), (-1, -1)]
        shown_corners = [place for place in corners if self.status[place] == SHOWN]
        if shown_corners:
            self.status[shown_corners[0]] = OTHER

    def _rectangle(self, row: int, column: int) -> bool:
        """Withhold three counts at or above the limit that make a rectangle with a small one; False if there are none.

        Of those, the rectangle that takes least from the table.
        """
        counts, status = self.full[:-1, :-1], self.status[:-1, :-1]
        large = counts >= self.rules.limit
        cost = np.where(status == SHOWN, counts, 0)
        usable = large & large[row][None, :] & large[:, column][:, None]
        usable[row, :] = usable[:, column] = False
        if not usable.any():
            return False
        price = np.where(usable, cost + cost[row][None, :] + cost[:, column][:, None], np.iinfo(np.int64).max)
        b, h = divmod(int(np.argmin(price)), price.shape[1])
        places = [(row, h), (b, column), (b, h)]
        changed = False
        for place in places:
            if status[place] == SHOWN:
                status[place] = OTHER
                changed = True
        return changed

    def _escalate_total(self, row: int, column: int, level: int) -> None:
        line = self.status[:-1, -1] if column == self.columns else self.status[-1, :-1]
        size = self.full[:-1, -1] if column == self.columns else self.full[-1, :-1]
        across = self.status[-1, :-1] if column == self.columns else self.status[:-1, -1]
        shown = np.flatnonzero(line == SHOWN)
        if level == 0 and len(shown):
            line[shown[np.argmin(size[shown])]] = OTHER
        elif self.status[-1, -1] == SHOWN:
            self.status[-1, -1] = OTHER
        else:
            across[across == SHOWN] = OTHER
            if level > 2:  # nothing that bounds it is left
                line[line == SHOWN] = OTHER


class _Program:
    """All tables that fit what is published, as a linear program."""

    def __init__(self, table: _Table) -> None:
        from scipy import sparse

        self.table = table
        n, k = table.rows, table.columns
        low, high = reader_knows(rounded(table.full, table.rules.base), table.status, table.rules)
        self.low, self.high = low, high
        # a total that is not shown bounds nothing, as counts are not negative anyhow
        sums = sparse.vstack([
            sparse.kron(sparse.eye(n), np.ones((1, k))), sparse.kron(np.ones((1, n)), sparse.eye(k)),
            np.ones((1, n * k)),
        ]).tocsr()
        self.sums = sums
        self.sum_low = np.concatenate([low[:-1, -1], low[-1, :-1], low[-1:, -1]])
        self.sum_high = np.concatenate([high[:-1, -1], high[-1, :-1], high[-1:, -1]])

    def feasible(self, targets: list) -> bool:
        """Whether all targets can be reached at once."""
        from scipy import sparse
        from scipy.optimize import linprog

        table, n, k = self.table, self.table.rows, self.table.columns
        low, high = self.low[:-1, :-1].ravel().copy(), self.high[:-1, :-1].ravel().copy()
        sum_low, sum_high = self.sum_low.copy(), self.sum_high.copy()
        for row, column, way in targets:
            if row < n and column < k:
                low_at, high_at, place = low, high, row * k + column
            else:
                low_at, high_at = sum_low, sum_high
                place = n + k if row == n and column == k else row if column == k else n + column
            if way > 0:
                low_at[place] = max(low_at[place], table.rules.limit - 1)
            else:
                high_at[place] = min(high_at[place], 0.0)
        if (low > high).any() or (sum_low > sum_high).any():
            return False
        above, below = np.isfinite(sum_high), sum_low > 0
        sums = sparse.vstack([self.sums[above], -self.sums[below]]).tocsr()
        limits = np.concatenate([sum_high[above], -sum_low[below]])
        if not len(limits):
            return True
        found = linprog(np.zeros(n * k), A_ub=sums, b_ub=limits, bounds=np.column_stack([low, high]), method="highs-ds")
        return found.status == 0


def _solve(table: _Table, targets: list, progress: Progress) -> tuple[list, list, int]:
    """Sort targets into those that can be reached and those that cannot; also how many programs it took."""
    if not targets:
        return [], [], 0
    program, solved = _Program(table), 0
    step = max(1, len(targets) // _TOGETHER)
    waiting = [target for start in range(step) for target in targets[start::step]]
    size = _TOGETHER
    sure: list = []
    out: list = []
    while waiting:
        progress(0.0)
        batch = waiting[:size]
        solved += 1
        if program.feasible(batch):
            sure += batch
            del waiting[:size]
            size *= 2
        elif len(batch) == 1:
            out += batch
            del waiting[:1]
        else:
            size = max(1, min(size, len(batch)) // 2)
    return sure, out, solved
