"""What misleads in incident data: places, precision, defaults, heaping, repeats.

Each check returns masks or a small frozen result and drops nothing: what a finding means
for the use of a row is decided in one place, :data:`UNUSABLE`. Thresholds are stated where
they stand and are conventions of practice, not of statistics, unless a source is named.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NO_PLACE, EMPTY_PLACE, ZERO = "no_place", "empty_place", "zero_xy"
OUTSIDE, FAR, SWAPPED, SIGN = "outside", "far", "swapped", "wrong_sign"
DEFAULT_PLACE = "default_place"
NO_DATE, BAD_DATE, REVERSED, FUTURE, BACKDATED = "no_date", "bad_date", "reversed", "future", "backdated"
LATE_REPORT, MIDNIGHT, REPEAT_ID, SAME_ROW = "late_report", "default_time", "repeat_id", "same_row"
#: findings that make a row unusable; the others are told and left to judgement
UNUSABLE = frozenset({NO_PLACE, EMPTY_PLACE, ZERO, OUTSIDE, FAR, SWAPPED, SIGN, NO_DATE, BAD_DATE, REVERSED, FUTURE,
                      SAME_ROW})
#: findings that mean that the row has no usable place
PLACELESS = frozenset({NO_PLACE, EMPTY_PLACE, ZERO, OUTSIDE, FAR, SWAPPED, SIGN})


# --- places --------------------------------------------------------------------------------
@dataclass(frozen=True)
class Core:
    """The box where nearly all places lie, and the fences beyond which a place is far.

    Quartiles of each axis, three spreads beyond them (Tukey's "far out"); the spread is the
    interquartile range, or a quarter of the core box where that is wider.
    """

    low: np.ndarray
    high: np.ndarray
    fence_low: np.ndarray
    fence_high: np.ndarray
    spread: np.ndarray


def core_of(xy: np.ndarray) -> Core:
    """Return the core box (1 to 99 %) and the fences of places.

    Parameters
    ----------
    xy : (n, 2) array of float
        Finite coordinates of one system, n > 0.
    """
    q1, q3 = np.quantile(xy, [0.25, 0.75], axis=0)
    low, high = np.quantile(xy, [0.01, 0.99], axis=0)
    spread = np.maximum(q3 - q1, (high - low) / 4)
    return Core(low, high, np.minimum(q1 - 3 * spread, low), np.maximum(q3 + 3 * spread, high), spread)


def far_places(xy: np.ndarray) -> np.ndarray:
    """Find places far from all others.

    A place is far if it lies beyond ten spreads of :func:`core_of`, or beyond its fences
    (three spreads) with its fifth nearest neighbour farther than half the smaller side of
    the core box. So a remote village stays and a mistyped coordinate does not: of 39,706
    real rows of a county of 100 km none is far.

    Parameters
    ----------
    xy : (n, 2) array of float
        NaN where a row has no place.

    Returns
    -------
    (n,) array of bool
        All False for fewer than 20 places.
    """
    from scipy.spatial import cKDTree

    finite = np.isfinite(xy).all(axis=1)
    far = np.zeros(len(xy), bool)
    if finite.sum() < 20:
        return far
    places = xy[finite]
    core = core_of(places)
    beyond = ((places < core.fence_low) | (places > core.fence_high)).any(axis=1)
    if not beyond.any():
        return far
    widening = (10 - 3) * core.spread
    extreme = ((places < core.fence_low - widening) | (places > core.fence_high + widening)).any(axis=1)
    asked = np.flatnonzero(beyond & ~extreme)
    if len(asked):
        # not balanced: places with thousands of rows make a balanced tree slow
        tree = cKDTree(places, balanced_tree=False, compact_nodes=False)
        away, _ = tree.query(places[asked], k=6)
        extreme[asked[away[:, 5] > 0.5 * float(np.min(core.high - core.low))]] = True
    far[np.flatnonzero(finite)[extreme]] = True
    return far


def swapped_or_mirrored(xy: np.ndarray, suspects: np.ndarray, margin: float = 0.05) -> tuple[np.ndarray, np.ndarray]:
    """Find suspects that fall among the others once x and y are exchanged or a sign is turned.

    Parameters
    ----------
    xy : (n, 2) array of float
        One system, longitude and latitude or eastings and northings; NaN without a place.
    suspects : (n,) array of bool
        Rows that are far or outside.
    margin : float
        Width added to the core box, as a share of its size.

    Returns
    -------
    swapped, mirrored : (n,) arrays of bool
    """
    swapped, mirrored = np.zeros(len(xy), bool), np.zeros(len(xy), bool)
    good = np.isfinite(xy).all(axis=1) & ~suspects
    if not suspects.any() or good.sum() < 10:
        return swapped, mirrored
    core = core_of(xy[good])
    width = np.maximum(core.high - core.low, 1e-9) * margin
    low, high = core.low - width, core.high + width
    rows = np.flatnonzero(suspects & np.isfinite(xy).all(axis=1))

    def inside(points: np.ndarray) -> np.ndarray:
        return ((points >= low) & (points <= high)).all(axis=1)

    swapped[rows] = inside(xy[rows][:, ::-1])
    for signs in ((-1, 1), (1, -1), (-1, -1)):
        mirrored[rows] |= inside(xy[rows] * signs)
    mirrored &= ~swapped
    return swapped, mirrored


def coordinate_step(values: np.ndarray, tolerance: float) -> float:
    """Return the step to which coordinates are rounded, a power of ten; 0.0 if none is seen.

    Parameters
    ----------
    values : (n,) array of float
        One coordinate; NaN are passed over. Fewer than 20 distinct values tell nothing.
    tolerance : float
        Largest distance from a multiple of the step, e.g. 1e-7 degrees after projecting
        back.
    """
    distinct = np.unique(values[np.isfinite(values)])
    if len(distinct) < 20:
        return 0.0
    for power in range(4, -8, -1):
        step = 10.0**power
        if step < 4 * tolerance:
            break
        rest = np.abs(distinct / step - np.round(distinct / step)) * step
        if np.mean(rest <= tolerance) >= 0.99:
            return step
    return 0.0


@dataclass(frozen=True)
class Place:
    """A place that many rows share.

    Attributes
    ----------
    row : int
        First row there.
    rows, share : int, float
        Rows there, as a number and as a share of all located rows.
    types : int
        Distinct types there.
    top_type, top_share : str, float
        The most frequent type and its share of the rows there.
    mixed : bool
        Types there are as mixed as in all data: looks like a default place of a geocoder.
    """

    row: int
    rows: int
    share: float
    types: int
    top_type: str
    top_share: float
    mixed: bool


def busiest_places(keys: np.ndarray, types: np.ndarray | None, top: int = 10) -> list:
    """Return the places with most rows, each with what is recorded there.

    A place is called mixed where it holds at least 1 % of the rows and 30 of them, and the
    entropy of its types is at least 90 % of that of all rows (3 types at least): a shop has
    one kind of crime, a default place has all.

    Parameters
    ----------
    keys : (n,) array of object
        Key of the place, "" or None without one.
    types : (n,) array of object, optional
    """
    import pandas as pd

    clean = np.array([k or None for k in keys], dtype=object)
    codes, _ = pd.factorize(clean)
    known = codes >= 0
    total = int(known.sum())
    if not total:
        return []
    counts = np.bincount(codes[known])
    order = np.argsort(-counts, kind="stable")[:top]
    type_codes, names = (pd.factorize(np.array([t or "" for t in types], dtype=object)) if types is not None
                         else (np.zeros(len(keys), int), [""]))
    overall = _entropy(np.bincount(type_codes[known]))
    found = []
    for code in order:
        here = np.flatnonzero(codes == code)
        mix = np.bincount(type_codes[here], minlength=len(names))
        best = int(mix.argmax())
        n, kinds = len(here), int((mix > 0).sum())
        mixed = n >= max(30, 0.01 * total) and kinds >= 3 and _entropy(mix) >= 0.9 * overall
        found.append(Place(int(here[0]), n, n / total, kinds, str(names[best]), float(mix[best] / n), mixed))
    return found


def _entropy(counts: np.ndarray) -> float:
    share = counts[counts > 0] / counts.sum()
    return float(-(share * np.log(share)).sum())


# --- time ----------------------------------------------------------------------------------
def future(values: np.ndarray, as_of: np.datetime64) -> np.ndarray:
    """Return the rows dated after the day ``as_of`` (that day itself is not the future)."""
    return values.astype("M8[D]") > as_of.astype("M8[D]")


def reversed_spans(start: np.ndarray, end: np.ndarray, precision: np.ndarray | None = None) -> np.ndarray:
    """Return the rows whose end is before their start.

    Where only the day (or month) is known, the same day (month) is no reversal.
    """
    wrong = end < start
    if precision is not None:
        wrong &= ~((precision == "day") & (end.astype("M8[D]") == start.astype("M8[D]")))
        wrong &= ~((precision == "month") & (end.astype("M8[M]") == start.astype("M8[M]")))
    return wrong


def backdated(values: np.ndarray) -> tuple[np.ndarray, np.datetime64]:
    """Find records from before the series really begins.

    The series begins with the first month that holds at least a quarter of the median month
    (of months that hold any). Earlier rows were recorded later, when only part of the crimes
    of that time was: they make false rises.

    Returns
    -------
    mask : (n,) array of bool
    begin : datetime64[M]
        NaT where there are fewer than three months.
    """
    mask = np.zeros(len(values), bool)
    months = values[~np.isnat(values)].astype("M8[M]")
    if not len(months):
        return mask, np.datetime64("NaT", "M")
    found, counts = np.unique(months, return_counts=True)
    if len(found) < 3:
        return mask, np.datetime64("NaT", "M")
    # the median month as most incidents see it: a long thin tail must not lower it
    usual = float(np.median(np.repeat(counts, counts)))
    begin = found[np.flatnonzero(counts >= 0.25 * usual)[0]]
    mask = ~np.isnat(values) & (values.astype("M8[M]") < begin)
    return mask, begin


@dataclass(frozen=True)
class Heaping:
    """How written times of day pile up.

    Attributes
    ----------
    rows : int
        Rows with a time of day.
    midnight, noon, full_hour, five : float
        Share at exactly 00:00, at 12:00, at a full hour, at a multiple of five minutes
        (by chance 0.07 %, 0.07 %, 1.7 %, 20 %).
    by_hour : (24,) array of int
        Rows by hour.
    """

    rows: int
    midnight: float
    noon: float
    full_hour: float
    five: float
    by_hour: np.ndarray


def heaping(values: np.ndarray, timed: np.ndarray) -> Heaping:
    """Return how the times of day of the rows ``timed`` pile up."""
    known = timed & ~np.isnat(values)
    minute = values[known].astype("M8[m]").astype(np.int64) % 1440
    n = len(minute)
    if not n:
        return Heaping(0, np.nan, np.nan, np.nan, np.nan, np.zeros(24, np.int64))
    return Heaping(n, float(np.mean(minute == 0)), float(np.mean(minute == 720)), float(np.mean(minute % 60 == 0)),
                   float(np.mean(minute % 5 == 0)), np.bincount(minute // 60, minlength=24))


@dataclass(frozen=True)
class Lag:
    """How late incidents are reported.

    Attributes
    ----------
    rows : int
        Rows with both dates, in the right order.
    median, p90, p95 : float
        Days from incident to report.
    complete_to : datetime64[D]
        Last day to which 95 % of what will be reported has been, NaT if unknown.
    late : (n,) array of bool
        Reported more than a year after the incident.
    negative : int
        Rows reported before they happened.
    """

    rows: int
    median: float
    p90: float
    p95: float
    complete_to: np.datetime64
    late: np.ndarray
    negative: int


def report_lag(values: np.ndarray, reported: np.ndarray) -> Lag:
    """Measure the lag from incident to report and the day the series is complete to.

    Incidents of the last 90 days before the last report are left out of the quantiles where
    at least 100 older ones remain: their late reports are still to come (right truncation).

    Parameters
    ----------
    values, reported : (n,) arrays of datetime64
    """
    days = (reported.astype("M8[D]") - values.astype("M8[D]")).astype("m8[D]").astype(float)
    days[np.isnat(values) | np.isnat(reported)] = np.nan
    right = np.isfinite(days) & (days >= 0)
    late = np.isfinite(days) & (days > 365)
    if not right.any():
        return Lag(0, np.nan, np.nan, np.nan, np.datetime64("NaT", "D"), late, int((days < 0).sum()))
    last = reported[~np.isnat(reported)].max().astype("M8[D]")
    old = right & (values.astype("M8[D]") <= last - np.timedelta64(90, "D"))
    used = days[old] if old.sum() >= 100 else days[right]
    median, p90, p95 = (float(q) for q in np.quantile(used, [0.5, 0.9, 0.95]))
    complete = last - np.timedelta64(int(np.ceil(p95)), "D")
    return Lag(int(right.sum()), median, p90, p95, complete, late, int((days < 0).sum()))


def last_full(values: np.ndarray, monthly: bool) -> np.datetime64:
    """Return the last day up to which counts look complete, without report dates.

    Counts of the last periods (months, or weeks of seven days ending on the last day) are
    compared with the median: trailing periods below half of it are taken as incomplete, at
    most a quarter of them.
    """
    known = values[~np.isnat(values)]
    if not len(known):
        return np.datetime64("NaT", "D")
    if monthly:
        period = known.astype("M8[M]").astype(np.int64)
    else:
        last = known.max().astype("M8[D]").astype(np.int64)
        period = (known.astype("M8[D]").astype(np.int64) - last - 1) // 7
    counts = np.bincount(period - period.min())
    drop = 0
    usual = np.median(counts[counts > 0])
    while drop < len(counts) // 4 and counts[len(counts) - 1 - drop] < 0.5 * usual:
        drop += 1
    if monthly:
        month = (known.max().astype("M8[M]") - np.timedelta64(drop, "M")) + 1
        return month.astype("M8[D]") - np.timedelta64(1, "D")
    return known.max().astype("M8[D]") - np.timedelta64(7 * drop, "D")


def gaps(values: np.ndarray, monthly: bool) -> list:
    """Find stretches without any row where rows were to be expected.

    Days (months where only those are known) between the first dense and the last row that
    hold none. A stretch is a gap if chance would leave it empty with a probability below
    0.001 at the usual rate, counted over all stretches of the series (Poisson, Bonferroni).

    Returns
    -------
    list of (first, last) datetime64[D]
    """
    mask, begin = backdated(values)
    known = values[~np.isnat(values) & ~mask].astype("M8[M]" if monthly else "M8[D]").astype(np.int64)
    if len(known) < 10:
        return []
    first = known.min()
    counts = np.bincount(known - first)
    usual = float(np.median(counts)) if np.median(counts) > 0 else float(counts.mean())
    empty = np.flatnonzero(counts == 0)
    if not len(empty):
        return []
    runs = np.split(empty, np.flatnonzero(np.diff(empty) > 1) + 1)
    unit = "M8[M]" if monthly else "M8[D]"
    found = []
    for run in runs:
        if np.exp(-usual * len(run)) * len(counts) < 0.001:
            start, end = ((np.int64(first) + v).astype(unit) for v in (run[0], run[-1]))
            end_day = (end + 1).astype("M8[D]") - np.timedelta64(1, "D") if monthly else end
            found.append((start.astype("M8[D]"), end_day.astype("M8[D]")))
    return found


# --- repeats -------------------------------------------------------------------------------
@dataclass(frozen=True)
class Repeats:
    """Rows that repeat others.

    Attributes
    ----------
    repeat_id : (n,) array of bool
        Rows after the first with the same incident number.
    same_row : (n,) array of bool
        Those of them that are alike in everything that was compared: true repeats.
    identical : int
        Rows after the first that are alike in date, type and place, whatever their number;
        without a number this is no error: two like incidents can happen.
    """

    repeat_id: np.ndarray
    same_row: np.ndarray
    identical: int


def repeats(ids: np.ndarray | None, columns: list) -> Repeats:
    """Find repeated numbers and identical rows.

    Parameters
    ----------
    ids : (n,) array of object (str or None), optional
    columns : list of (n,) arrays
        What else is compared: date, type, place.
    """
    import pandas as pd

    n = len(columns[0]) if columns else len(ids) if ids is not None else 0
    frame = pd.DataFrame({str(k): pd.factorize(np.asarray(c).astype("i8") if np.asarray(c).dtype.kind == "M"
                                               else np.asarray(c))[0] for k, c in enumerate(columns)})
    alike = frame.duplicated().to_numpy() if columns else np.zeros(n, bool)
    if ids is None:
        return Repeats(np.zeros(n, bool), np.zeros(n, bool), int(alike.sum()))
    codes, _ = pd.factorize(np.array([i or None for i in ids], dtype=object))
    numbered = codes >= 0
    again = pd.Series(codes).duplicated().to_numpy() & numbered
    frame["id"] = codes
    same = frame.duplicated().to_numpy() & numbered
    return Repeats(again, same, int(alike.sum()))


# --- summing up ----------------------------------------------------------------------------
def codes_of(findings: dict, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Put the findings of each row into words and say whether the row can be used.

    Parameters
    ----------
    findings : dict of str to (n,) array of bool
        Finding -> rows.

    Returns
    -------
    ok : (n,) array of bool
    codes : (n,) array of object
        Findings separated by commas, None where there is none.
    """
    names = [name for name, mask in findings.items() if mask.any()]
    bits = np.zeros(n, np.int64)
    for k, name in enumerate(names):
        bits |= findings[name].astype(np.int64) << k
    patterns, index = np.unique(bits, return_inverse=True)
    texts = [",".join(name for k, name in enumerate(names) if p >> k & 1) or None for p in patterns.tolist()]
    usable = [not any(p >> k & 1 and name in UNUSABLE for k, name in enumerate(names)) for p in patterns.tolist()]
    return np.array(usable, bool)[index], np.array(texts, dtype=object)[index]
