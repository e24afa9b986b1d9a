"""From the rows of an export to incidents: places, types, one row an incident, place keys.

Nothing is dropped in silence: every function returns masks or counts that add up to the
rows that came in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..progress import Progress, silent
from ..timeline import HOUR, MINUTE, Times

#: why a row has no place; the numbers are used as codes
PLACED, NO_COORDINATES, NO_NUMBERS, ZERO, IMPOSSIBLE, NO_GEOMETRY, NOT_PROJECTED = range(7)
REASONS = {
    NO_COORDINATES: "no coordinates",
    NO_NUMBERS: "coordinates that are no numbers",
    ZERO: "coordinates 0, 0",
    IMPOSSIBLE: "impossible latitude or longitude",
    NO_GEOMETRY: "no place on the map",
    NOT_PROJECTED: "place that cannot be projected",
}
#: an address whose places lie farther apart than this (metres) is a name, not one place
ONE_PLACE = 250.0
#: rows of one incident farther apart than this (metres) are told
APART = 100.0
_EMPTY = {"", "na", "n/a", "nan", "null", "none", "nil", "-", "--", "?", "unknown", "<null>", "#n/a", ".", "\\n"}


def read_coordinates(texts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Read a column of coordinates written with a decimal point or comma.

    A single comma is a decimal comma unless some value of the column shows commas to stand
    between thousands (two of them, or one before a point).

    Parameters
    ----------
    texts : (n,) array of object
        Texts, numbers or None.

    Returns
    -------
    values : (n,) array of float
        NaN where missing or no number.
    missing : (n,) array of bool
        Rows that hold nothing (empty, NA, NULL ...).
    """
    import pandas as pd

    codes, uniques = pd.factorize(np.asarray(texts, dtype=object))
    given = ["" if u is None else str(u).strip() for u in uniques]
    values = pd.to_numeric(pd.Series(given, dtype=object), errors="coerce").to_numpy(float)
    missing = np.fromiter((t.lower() in _EMPTY for t in given), bool, len(given))
    left = np.flatnonzero(np.isnan(values) & ~missing)
    if len(left):
        clean = [re.sub(r"[\s\u00a0\u202f'’°]", "", given[k]).replace("\u2212", "-") for k in left]
        thousands = any(re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(,\d{3}|\.\d*)", t) for t in clean)
        for k, text in zip(left, clean):
            values[k] = _coordinate(text, thousands)
    values[~np.isfinite(values)] = np.nan
    # factorize gives -1 for None and NaN: one slot at the end
    values, missing = np.append(values, np.nan), np.append(missing, True)
    return values[codes], missing[codes]


def _coordinate(text: str, thousands: bool) -> float:
    sign = 1.0
    hemisphere = re.fullmatch(r"(.*\d)([NSEWnsew])", text)
    if hemisphere:
        text, sign = hemisphere[1], -1.0 if hemisphere[2] in "SWsw" else 1.0
    if thousands:
        text = text.replace(",", "")
    elif "," in text and "." in text:
        text = text.replace(".", "").replace(",", ".") if text.rfind(",") > text.rfind(".") else text.replace(",", "")
    else:
        text = text.replace(",", ".")
    try:
        return sign * float(text)
    except ValueError:
        return np.nan


def locate(x: np.ndarray, y: np.ndarray, missing: np.ndarray, geographic: bool) -> np.ndarray:
    """Say for every row whether its coordinates can be a place.

    Parameters
    ----------
    x, y : (n,) array of float
        Coordinates as written, NaN where they are no numbers.
    missing : (n,) array of bool
        Rows without one of the two.
    geographic : bool
        Whether they are longitude and latitude.

    Returns
    -------
    (n,) array of int8
        PLACED or the reason why not. 0, 0 is never a place: exports write it for
        "unknown" and for masked offences. In a projected system one 0 is enough.

    Raises
    ------
    InputError
        Where most latitudes are impossible but fit as longitudes: the fields are swapped.
    """
    state = np.full(len(x), PLACED, np.int8)
    number = np.isfinite(x) & np.isfinite(y)
    zero = number & ((x == 0) & (y == 0) if geographic else (x == 0) | (y == 0))
    if geographic:
        impossible = number & ((np.abs(y) > 90) | (np.abs(x) > 360))
        swapped = impossible & (np.abs(x) <= 90) & (np.abs(y) <= 180)
        if swapped.sum() > 0.5 * max(1, (number & ~zero).sum()):
            row = int(np.flatnonzero(swapped)[0])
            raise InputError("Y_FIELD", "Most latitudes are beyond 90 degrees (first: row {row}, {value:.5f}), but"
                             " fit as longitudes: X_FIELD and Y_FIELD are swapped. Exchange them.",
                             row=row + 1, value=float(y[row]))
        state[impossible] = IMPOSSIBLE
    state[zero] = ZERO
    state[~number] = NO_NUMBERS
    state[missing] = NO_COORDINATES
    return state


def looks_geographic(x: np.ndarray, y: np.ndarray) -> bool:
    """Whether coordinates can be degrees: 99 % of those that are not 0 within 180 and 90."""
    some = np.isfinite(x) & np.isfinite(y) & ((x != 0) | (y != 0))
    if not some.any():
        return False
    return bool(np.mean((np.abs(x[some]) <= 180) & (np.abs(y[some]) <= 180)) >= 0.99)


def bulk(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the mask of places near the bulk: within ten interquartile ranges of the median.

    A handful of mistyped coordinates must not decide in which system a region is analysed.
    """
    keep = np.isfinite(x) & np.isfinite(y)
    if not keep.any():
        return keep
    for axis in (x, y):
        low, middle, high = np.quantile(axis[np.isfinite(axis)], [0.25, 0.5, 0.75])
        if high > low:
            keep &= np.abs(axis - middle) <= 10 * (high - low)
    return keep


def list_of(text: str, known: np.ndarray | None = None) -> list:
    """Split a list of types at semicolons or new lines, else at commas.

    A text that is itself one of the known types is not split.
    """
    text = text.strip()
    if known is not None and text.casefold() in {str(k).casefold() for k in known if k}:
        return [text]
    parts = re.split(r"[;\n]", text) if re.search(r"[;\n]", text) else text.split(",")
    return [p.strip() for p in parts if p.strip()]


def select_types(types: np.ndarray, wanted: list) -> tuple[np.ndarray, list]:
    """Return the mask of rows of the wanted types, and the wanted types that do not occur.

    Case and surrounding space do not count.

    Raises
    ------
    InputError
        If none of them occurs.
    """
    import pandas as pd

    codes, uniques = pd.factorize(np.asarray(types, dtype=object))
    folded = [str(u).strip().casefold() for u in uniques]
    names = {w.casefold() for w in wanted}
    hit = np.append(np.array([f in names for f in folded], bool), False)
    absent = [w for w in wanted if w.casefold() not in set(folded)]
    if len(absent) == len(wanted):
        raise InputError("TYPES", "None of the types {wanted} occurs. The types are: {types}.",
                         wanted="; ".join(wanted), types="; ".join(sorted(str(u) for u in uniques)[:40]) or "none")
    return hit[codes], absent


@dataclass(frozen=True)
class Merged:
    """Which rows stand for an incident.

    Attributes
    ----------
    chosen : (m,) array of int
        Row that stands for each incident, ascending.
    place_from, date_from : (m,) array of int
        Row that its place and its date are taken from: the chosen one, or the first of the
        same incident that has one.
    rows : (m,) array of int
        Number of rows in the incident.
    without_id : int
        Rows without an id; each stands for itself.
    apart : int
        Incidents whose rows lie farther apart than 100 m.
    """

    chosen: np.ndarray
    place_from: np.ndarray
    date_from: np.ndarray
    rows: np.ndarray
    without_id: int = 0
    apart: int = 0


def merge_rows(ids: np.ndarray, rank: np.ndarray, x: np.ndarray, y: np.ndarray, dated: np.ndarray) -> Merged:
    """Make one row of all rows with the same id.

    Parameters
    ----------
    ids : (n,) array of object (str or None)
    rank : (n,) array of int
        The row of the lowest rank stands for the incident, the first one among equals.
    x, y : (n,) array of float
        Metres; NaN where a row has no place.
    dated : (n,) array of bool
        Rows with a date.
    """
    import pandas as pd

    n = len(ids)
    clean = np.array([None if i is None or str(i).strip().lower() in _EMPTY else str(i).strip() for i in ids], object)
    codes, uniques = pd.factorize(clean)
    alone = codes < 0
    codes = np.where(alone, len(uniques) + np.cumsum(alone) - 1, codes)
    count = int(codes.max()) + 1 if n else 0
    located = np.isfinite(x) & np.isfinite(y)
    chosen = _first(codes, count, rank)
    place = _first(codes, count, np.where(located, rank, np.iinfo(np.int64).max // 2))
    place = np.where(located[chosen], chosen, place)
    date = np.where(dated[chosen], chosen, _first(codes, count, np.where(dated, rank, np.iinfo(np.int64).max // 2)))
    apart = 0
    if located.any():
        frame = pd.DataFrame({"c": codes[located], "x": x[located], "y": y[located]}).groupby("c")
        spread = frame.max() - frame.min()
        apart = int((np.hypot(spread["x"], spread["y"]) > APART).sum())
    order = np.argsort(chosen)
    sizes = np.bincount(codes, minlength=count)
    return Merged(chosen[order], place[order], date[order], sizes[order], int(alone.sum()), apart)


def _first(codes: np.ndarray, count: int, rank: np.ndarray) -> np.ndarray:
    """Return for every code its row of lowest rank, the first one among equals."""
    order = np.lexsort((np.arange(len(codes)), rank, codes))
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    rows = np.empty(count, np.int64)
    rows[codes[order][starts]] = order[starts]
    return rows


def severity_rank(types: np.ndarray, severity: list) -> tuple[np.ndarray, list]:
    """Return the place of every row's type in the list, and the types that are not in it.

    Unlisted types come after all listed ones.
    """
    import pandas as pd

    codes, uniques = pd.factorize(np.asarray(types, dtype=object))
    places = {s.casefold(): k for k, s in enumerate(severity)}
    ranks = [places.get(str(u).strip().casefold(), len(severity)) for u in uniques]
    unlisted = [str(u) for u, r in zip(uniques, ranks) if r == len(severity)]
    return np.array([*ranks, len(severity)], np.int64)[codes], unlisted


def place_keys(addresses: np.ndarray | None, x: np.ndarray, y: np.ndarray, progress: Progress = silent) -> np.ndarray:
    """Return a key of the place: the same key, the same place.

    The address in capitals without double spaces, where all rows of that address lie within
    250 m of their middle; an address that is only a name (Car Park, High Street) is joined
    with its place. Rows without an address have their coordinates in whole metres. A row
    without a place has the key of its address if that is one place on the map (a mask such as
    "withheld" is none), else "".

    Parameters
    ----------
    addresses : (n,) array of object (str or None), or None
    x, y : (n,) array of float
        Metres; NaN where a row has no place.
    """
    import pandas as pd

    located = np.isfinite(x) & np.isfinite(y)
    whole_x, whole_y = (np.where(located, np.round(v), 0).astype(np.int64) for v in (x, y))
    frame = pd.DataFrame({"x": whole_x, "y": whole_y})
    pairs, index = frame.drop_duplicates(), frame.groupby(["x", "y"], sort=False).ngroup().to_numpy()
    spots = np.empty(len(pairs), dtype=object)
    spots[:] = [f"{a} {b}" for a, b in zip(pairs["x"].tolist(), pairs["y"].tolist())]
    spots = spots[index]
    spots = np.where(located, spots, "")
    progress(0.4)
    if addresses is None:
        return spots
    codes, uniques = pd.factorize(np.asarray(addresses, dtype=object))
    texts = np.array([clean_address(str(u)) for u in uniques] + [""], dtype=object)
    again, names = pd.factorize(texts)
    codes = again[codes]
    progress(0.6)
    # NaN places drop out of the medians
    frame = pd.DataFrame({"c": codes, "x": np.where(located, x, np.nan), "y": np.where(located, y, np.nan)})
    middle = frame.groupby("c")[["x", "y"]].transform("median")
    away = np.hypot(frame["x"] - middle["x"], frame["y"] - middle["y"]).to_numpy()
    progress(0.8)
    farthest = np.zeros(len(names))
    np.maximum.at(farthest, codes[located], away[located])
    address = np.asarray(names, dtype=object)[codes]
    only_name = (farthest > ONE_PLACE)[codes] & located
    keys = np.where(only_name, address + " @ " + spots, address)
    known = np.zeros(len(names), bool)
    known[codes[located]] = True
    one_place = (known & (farthest <= ONE_PLACE))[codes]
    keys = np.where(located | one_place, keys, "")
    return np.where(address == "", spots, keys)


def clean_address(text: str) -> str:
    """Return an address in capitals, single spaces, without signs at its ends; "" for no address."""
    clean = re.sub(r"\s+", " ", text).strip(" .,;-/").upper()
    return "" if clean.lower() in _EMPTY or clean in ("NO LOCATION", "NONE GIVEN", "NOT KNOWN") else clean


@dataclass(frozen=True)
class Clock:
    """Which rows have a time of day that is known.

    Attributes
    ----------
    known : (n,) array of bool
    defaults : list of str
        Clock times taken as "not known", e.g. ``["00:00"]``.
    default_rows : int
        Rows at one of them.
    """

    known: np.ndarray
    defaults: list
    default_rows: int


def known_clock(times: Times, rule: str = "auto") -> Clock:
    """Say which rows have a known time of day.

    Parameters
    ----------
    times : Times
    rule : str
        ``"auto"``: exactly 00:00 (or 00:01) means "not known" where it is written more than
        three times as often as the mean of the other 23 full hours. ``"none"``: every
        written time is known. Otherwise clock times such as ``"00:00, 12:00"``.

    Raises
    ------
    InputError
        For a rule that is none of these.
    """
    fine = (times.precision == MINUTE) | (times.precision == HOUR)
    minute = (times.values.astype("M8[m]").astype(np.int64)) % 1440
    counts = np.bincount(minute[fine], minlength=1440) if fine.any() else np.zeros(1440, int)
    rule = rule.strip().lower() or "auto"
    if rule == "none":
        chosen: list[int] = []
    elif rule == "auto":
        hours = counts[60::60]
        usual = max(float(hours.mean()), 1.0)
        # a clock at 00:01 is a default where nobody else writes odd minutes that often
        chosen = [m for m in (0, 1) if counts[m] > 3 * usual and counts[m] >= 20]
    else:
        chosen = []
        for part in re.split(r"[;,\s]+", rule):
            match = re.fullmatch(r"(\d{1,2})[:.](\d{2})", part)
            if not match or int(match[1]) > 23 or int(match[2]) > 59:
                raise InputError("UNKNOWN_TIMES", "'{part}' is no clock time. Write auto, none, or times such as"
                                 " 00:00, 12:00.", part=part)
            chosen.append(int(match[1]) * 60 + int(match[2]))
    default = fine & np.isin(minute, chosen)
    return Clock(fine & ~default, [f"{m // 60:02d}:{m % 60:02d}" for m in chosen], int(default.sum()))


@dataclass(frozen=True)
class TypeRow:
    """One type of incident: rows, rows with a place, and the share that has none."""

    name: str
    rows: int
    located: int

    @property
    def lost(self) -> float:
        """Share without a place, 0 to 1."""
        return (self.rows - self.located) / self.rows if self.rows else 0.0


#: Share of a type without a place from which a warning is due (Ratcliffe 2004: 85 % located)
LOSS_LIMIT = 0.15
#: a smaller type is listed but not warned of, unless all of it is lost
FEW = 10


def by_type(types: np.ndarray, located: np.ndarray) -> list:
    """Return a TypeRow for every type, the most frequent first; no type counts as ""."""
    import pandas as pd

    codes, uniques = pd.factorize(np.array(["" if t is None else str(t) for t in types], dtype=object))
    rows = np.bincount(codes, minlength=len(uniques))
    placed = np.bincount(codes, weights=np.asarray(located, float), minlength=len(uniques)).astype(int)
    table = [TypeRow(str(u), int(r), int(p)) for u, r, p in zip(uniques, rows, placed)]
    return sorted(table, key=lambda t: (-t.rows, t.name))


def lost_types(table: list) -> list:
    """Return the types of which too much has no place, the worst first."""
    bad = [t for t in table if t.lost > LOSS_LIMIT and (t.rows >= FEW or t.located == 0)]
    return sorted(bad, key=lambda t: (-t.lost, -t.rows))
