"""What is released: calendar periods, areas with enough homes, and what the public figures are still good for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..hotspots.gistar import local_g
from ..progress import Progress, silent
from ..significance import benjamini_hochberg
from .disclosure import SHOWN

DAY = np.timedelta64(1, "D")
#: Months of the calendar's units.
MONTH, QUARTER, YEAR = 1, 3, 12
#: Days at the begin or end of the data without any record are no data where chance makes so long a silence as rarely.
_SILENT = 0.001
#: Areas from which a test of hot areas says anything.
_LEAST_AREAS = 10
#: Share of the homes of a square that its quarters with too few may have where it is cut.
_LOST = 0.05
#: Largest number of the busiest areas that are compared.
_TOP = 10


@dataclass(frozen=True)
class Span:
    """A period of the calendar.

    Attributes
    ----------
    name : str
        ``2024-03``, ``2024-Q1`` or ``2024``.
    start, end : datetime64[D]
        First and last day.
    """

    name: str
    start: np.datetime64
    end: np.datetime64


def period_numbers(days: np.ndarray, months: int) -> np.ndarray:
    """Number the calendar period of each day; the units of the calendar, never windows that roll."""
    return np.asarray(days).astype("M8[M]").astype(np.int64) // months


def span_of(number: int, months: int) -> Span:
    """Return a period by its number."""
    first = np.datetime64(int(number) * months, "M")
    start, end = first.astype("M8[D]"), (first + months).astype("M8[D]") - DAY
    text = str(first)
    if months == YEAR:
        text = text[:4]
    elif months == QUARTER:
        text = f"{text[:4]}-Q{int(text[5:]) // 3 + 1}"
    return Span(text, start, end)


@dataclass(frozen=True)
class Periods:
    """Periods of the calendar by what can be done with them, each in order of time.

    Attributes
    ----------
    ready : list of Span
        Covered by the data, and over for as long as the delay.
    recent : list of Span
        Not over for as long.
    partial : list of Span
        The data begin or end within.
    """

    ready: list
    recent: list
    partial: list


def periods(days: np.ndarray, months: int, extracted: np.datetime64, delay: int, monthly: bool = False) -> Periods:
    """Return the periods that the data touch.

    Parameters
    ----------
    days : (n,) datetime64[D] array
        Without NaT, n > 0.
    months : int
        Length: 1, 3 or 12.
    extracted : datetime64[D]
        Day up to which the records were taken.
    delay : int
        Days that must lie between the last day of a period and that day.
    monthly : bool
        Dates say the month only, so each month with a record is covered.
    """
    first, last = days.min(), days.max()
    if monthly:
        first = first.astype("M8[M]").astype("M8[D]")
        last = (last.astype("M8[M]") + 1).astype("M8[D]") - DAY
    rate = len(days) / (int((last - first) / DAY) + 1)
    ready, recent, partial = [], [], []
    for number in range(int(period_numbers(first, months)), int(period_numbers(last, months)) + 1):
        span = span_of(number, months)
        silent_days = max(0.0, float((first - span.start) / DAY)) + max(0.0, float((span.end - last) / DAY))
        if span.end + delay * DAY > extracted:
            recent.append(span)
        elif np.exp(-rate * silent_days) < _SILENT:
            partial.append(span)
        else:
            ready.append(span)
    return Periods(ready, recent, partial)


@dataclass(frozen=True)
class Table:
    """One period as it is released; arrays are (areas + 1, groups + 1), the last row and column totals.

    Attributes
    ----------
    kind : str
        Ordinary or sensitive, as in ``releases``.
    span : Span
    groups : list of str
    counts : int64 array
        The true counts of today; never leaves the agency.
    values : int64 array
        What is published, -1 where nothing is.
    status : int8 array
        SHOWN, SMALL, OTHER or ABSENT; where an earlier release is repeated, OTHER stands for SMALL too.
    limit : int
    release : int
        Number of the release that first published it; 0 for this one.
    """

    kind: str
    span: Span
    groups: list
    counts: np.ndarray
    values: np.ndarray
    status: np.ndarray
    limit: int
    release: int = 0

    def totals(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the totals of the areas: true, published (-1 where withheld), and whether they are shown."""
        column = -1 if len(self.groups) > 1 else 0  # of one group the counts are the totals
        return self.counts[:-1, column], self.values[:-1, column], self.status[:-1, column] == SHOWN


# --- cells with enough homes -------------------------------------------------------------------
def merged_cells(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray, least: float, size: float, levels: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, float]:
    """Return squares that hold enough each: a quadtree on a fixed origin.

    A square is cut into four where those of the four that hold some homes, but too few, have
    at most a twentieth of its homes, so small squares lie where many live. Quarters with too
    few homes or none are then no squares: what happens there is not counted. That depends on
    homes alone, never on incidents, so nothing can be learned of incidents from it.

    Parameters
    ----------
    x, y : (n,) float arrays
        Homes in metres.
    weight : (n,) float array
        What they count: 1 for an address, or residents.
    least : float
    size : float
        Metres; side of the smallest square.
    levels : int
        How often the side may be doubled.

    Returns
    -------
    level, column, row : (m,) int64 arrays
        Squares of side ``size * 2**level``; columns and rows count from 0 m.
    total : (m,) float array
        What each holds.
    left_out : float
        Homes in no square.
    """
    column, row = np.floor(x / size).astype(np.int64), np.floor(y / size).astype(np.int64)
    known: list = []
    for level in range(levels + 1):
        keys, place = np.unique(np.column_stack([column >> level, row >> level]), axis=0, return_inverse=True)
        known.append((keys, np.bincount(place.ravel(), weights=weight, minlength=len(keys))))
    keys, totals = known[levels]
    enough = totals >= least
    out: list = []
    current, sums = keys[enough], totals[enough]
    for level in range(levels, 0, -1):
        children = (2 * current[:, None, :] + np.array([[0, 0], [1, 0], [0, 1], [1, 1]])[None]).reshape(-1, 2)
        found = _look_up(known[level - 1], children).reshape(-1, 4)
        cut = np.where(found < least, found, 0.0).sum(axis=1) <= _LOST * sums
        out.append((np.full(int((~cut).sum()), level), current[~cut], sums[~cut]))
        current, sums = children.reshape(-1, 4, 2)[cut].reshape(-1, 2), found[cut].ravel()
        current, sums = current[sums >= least], sums[sums >= least]
    out.append((np.zeros(len(current), dtype=np.int64), current, sums))
    level = np.concatenate([part[0] for part in out]).astype(np.int64)
    cells = np.concatenate([part[1] for part in out])
    total = np.concatenate([part[2] for part in out])
    order = np.lexsort((cells[:, 0], cells[:, 1], level))
    return level[order], cells[order, 0], cells[order, 1], total[order], float(weight.sum() - total.sum())


def held_by_cells(
    level: np.ndarray, column: np.ndarray, row: np.ndarray, size: float, x: np.ndarray, y: np.ndarray
) -> np.ndarray:
    """Return which of the squares of :func:`merged_cells` holds each position, -1 for none; (n,) int64."""
    out = np.full(len(x), -1, dtype=np.int64)
    at_column, at_row = np.floor(x / size).astype(np.int64), np.floor(y / size).astype(np.int64)
    for step in np.unique(level).tolist():
        here = np.flatnonzero(level == step)
        known = (np.column_stack([column[here], row[here]]), here.astype(float) + 1.0)
        found = _look_up(known, np.column_stack([at_column >> step, at_row >> step])).astype(np.int64) - 1
        out = np.where(found >= 0, found, out)
    return out


def _look_up(known: tuple, wanted: np.ndarray) -> np.ndarray:
    keys, totals = known
    low = np.minimum(keys.min(axis=0), wanted.min(axis=0)) if len(wanted) else keys.min(axis=0)
    width = int(max(keys[:, 0].max(), wanted[:, 0].max() if len(wanted) else 0) - low[0] + 1)
    order = np.argsort((keys[:, 1] - low[1]) * width + keys[:, 0] - low[0])
    sorted_keys = ((keys[:, 1] - low[1]) * width + keys[:, 0] - low[0])[order]
    key = (wanted[:, 1] - low[1]) * width + wanted[:, 0] - low[0]
    place = np.minimum(np.searchsorted(sorted_keys, key), len(order) - 1)
    return np.where(sorted_keys[place] == key, totals[order[place]], 0.0)


# --- what is lost ------------------------------------------------------------------------------
@dataclass(frozen=True)
class Utility:
    """How much the answer changes for a reader of the public figures; internal, as it is computed of the true ones.

    Attributes
    ----------
    incidents : int
        Counted in all tables.
    share_shown, share_totals : float
        Shares of them that lie in counts of area and group that are shown, and in totals of areas that are shown.
    error : float
        Mean absolute difference of the shown counts of area and group from the true ones.
    rank_correlation : float
        Spearman's, of the totals of the areas.
    top, top_kept : int
        So many busiest areas, and how many of them are among the busiest by the public figures.
    hot, hot_public, hot_both : int
        Hot areas (Gi*, 5 % of false discoveries) by the true figures, by the public ones, and
        by both; -1 where there are too few areas.
    true_totals, public_totals : (areas,) int64 arrays
        Over all periods; of a withheld total the public knows nothing and half of the limit is taken.
    """

    incidents: int
    share_shown: float
    share_totals: float
    error: float
    rank_correlation: float
    top: int
    top_kept: int
    hot: int
    hot_public: int
    hot_both: int
    true_totals: np.ndarray
    public_totals: np.ndarray


def utility(tables: list, weights: object = None, progress: Progress = silent) -> Utility:
    """Compare the public tables with the true ones.

    Parameters
    ----------
    tables : list of Table
        One for each period, the same areas in all, n > 0.
    weights : (areas, areas) csr_matrix, optional
        Areas that touch, for the hot areas.
    progress : Progress
    """
    from scipy.stats import rankdata

    areas = tables[0].counts.shape[0] - 1
    true, public = np.zeros(areas, dtype=np.int64), np.zeros(areas, dtype=np.int64)
    incidents = shown_cells = shown_totals = cells = 0
    error = 0.0
    for table in tables:
        counts, shown = table.counts[:-1, :-1], table.status[:-1, :-1] == SHOWN
        totals, values, known = table.totals()
        incidents += int(counts.sum())
        shown_cells += int(counts[shown].sum())
        shown_totals += int(totals[known].sum())
        cells += int(shown.sum())
        error += float(np.abs(counts - table.values[:-1, :-1])[shown].sum())
        true += totals
        public += np.where(known, values, table.limit // 2)
    correlation = np.nan
    if len(np.unique(true)) > 1 and len(np.unique(public)) > 1:
        correlation = float(np.corrcoef(rankdata(true), rankdata(public))[0, 1])
    top = min(_TOP, areas // 2)
    busiest = [set(np.argsort(-totals, kind="stable")[:top].tolist()) for totals in (true, public)]
    hot = hot_public = hot_both = -1
    if weights is not None and areas >= _LEAST_AREAS:
        before, after = (hot_areas(totals, weights, progress) for totals in (true, public))
        hot, hot_public, hot_both = int(before.sum()), int(after.sum()), int((before & after).sum())
    whole = max(incidents, 1)
    return Utility(
        incidents, shown_cells / whole, shown_totals / whole, error / cells if cells else np.nan, correlation, top,
        len(busiest[0] & busiest[1]), hot, hot_public, hot_both, true, public,
    )


def hot_areas(totals: np.ndarray, weights: object, progress: Progress = silent) -> np.ndarray:
    """Return which areas are hot: Gi* above 0 at 5 % of false discoveries."""
    found = local_g(totals.astype(float), weights, rng=np.random.default_rng(1), progress=progress)
    tested = np.isfinite(found.p)
    hot = np.zeros(len(totals), dtype=bool)
    if tested.any():
        hot[tested] = (benjamini_hochberg(found.p[tested]) <= 0.05) & (found.z[tested] > 0)
    return hot
