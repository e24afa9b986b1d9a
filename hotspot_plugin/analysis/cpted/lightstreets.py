"""Light along streets: mean, minimum, uniformity, lighting classes, and stretches without light.

A street is cut into short straight pieces; the light at the middle of each stands for its length.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..overlay import squared_distance
from ..progress import Progress, silent

#: metres between the points along a street at most, as EN 13201-3 asks where lights stand up to 30 m apart
SPACING = 3.0
#: what is known of a street or of a piece of it
LIT, DARK, UNKNOWN = 0, 1, 2
#: metres within which the ends of two streets are the same corner
_CORNER = 0.1
_CHUNK = 20_000


@dataclass(frozen=True)
class LightClass:
    """What a class asks for: mean in lux, and the minimum that goes with it."""

    name: str
    mean: float
    minimum: float
    #: the standard's limit of the mean over the minimum, None where the minimum itself is set
    ratio: float | None = None

    def met(self, mean: np.ndarray, minimum: np.ndarray) -> np.ndarray:
        """Return which streets have what the class asks for; NaN has not."""
        if self.ratio is None:
            return (mean >= self.mean) & (minimum >= self.minimum)
        return (mean >= self.mean) & (minimum * self.ratio >= mean)


#: EN 13201-2:2015, table 3: maintained horizontal illuminance for pedestrian and low speed areas.
EN_13201 = tuple(LightClass(*row) for row in (
    ("P1", 15.0, 3.0), ("P2", 10.0, 2.0), ("P3", 7.5, 1.5), ("P4", 5.0, 1.0), ("P5", 3.0, 0.6), ("P6", 2.0, 0.4)))


def _rp8(road: str, ratio: float, *means: float) -> tuple:
    levels = ("high", "medium", "low")
    return tuple(LightClass(f"RP-8 {road} {level}", m, m / ratio, ratio) for level, m in zip(levels, means))


#: ANSI/IES RP-8-00, table 2: illuminance method, pavements R2 and R3, by number of pedestrians at night.
RP_8 = (*_rp8("major", 3.0, 17.0, 13.0, 9.0), *_rp8("collector", 4.0, 12.0, 9.0, 6.0),
        *_rp8("local", 6.0, 9.0, 7.0, 4.0))


@dataclass(frozen=True)
class Pieces:
    """Straight pieces of streets in their order, all arrays (n,).

    Attributes
    ----------
    street : int
        Number of the street.
    strand : int
        Number of the unbroken line that the piece belongs to.
    ax, ay, bx, by : float
        Its ends, in metres.
    """

    street: np.ndarray
    strand: np.ndarray
    ax: np.ndarray
    ay: np.ndarray
    bx: np.ndarray
    by: np.ndarray

    def __len__(self) -> int:
        return len(self.street)

    @property
    def middle(self) -> tuple[np.ndarray, np.ndarray]:
        """x and y of the middles."""
        return (self.ax + self.bx) / 2, (self.ay + self.by) / 2

    @property
    def length(self) -> np.ndarray:
        """Metres."""
        return np.hypot(self.bx - self.ax, self.by - self.ay)


def cut(vertices: np.ndarray, owner: np.ndarray, part_start: np.ndarray, spacing: float = SPACING) -> Pieces:
    """Cut lines into straight pieces of equal length between two corners, none longer than ``spacing``.

    Parameters
    ----------
    vertices : (m, 2) array of float
        Corners of all lines.
    owner : (m,) array of int
        Street of each corner.
    part_start : (p,) array of int
        First corner of each unbroken line.
    spacing : float
        Metres.
    """
    strand = np.zeros(len(vertices), dtype=np.int64)
    strand[part_start[1:]] = 1
    strand = np.cumsum(strand)
    here = np.flatnonzero(strand[1:] == strand[:-1])
    a, b = vertices[here], vertices[here + 1]
    length = np.hypot(*(b - a).T)
    here, a, b, length = (part[length > 0] for part in (here, a, b, length))
    count = np.maximum(np.ceil(length / spacing - 1e-9), 1).astype(np.int64)
    of = np.repeat(np.arange(len(count)), count)
    step = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    start, end = (step / count[of])[:, None], ((step + 1) / count[of])[:, None]
    along = (b - a)[of]
    first, last = a[of] + start * along, a[of] + end * along
    return Pieces(owner[here][of].astype(np.int64), strand[here][of], first[:, 0], first[:, 1], last[:, 0], last[:, 1])


def nearest_light(
    pieces: Pieces, x: np.ndarray, y: np.ndarray, distance: float, progress: Progress = silent
) -> np.ndarray:
    """Return the metres from each piece to the nearest light, infinity where none is within ``distance``.

    The distance is that of the piece, not of its middle, so that a street has a light near by exactly where one stands
    within ``distance`` of its line.
    """
    from scipy.spatial import cKDTree

    out = np.full(len(pieces), np.inf)
    if not len(x):
        return out
    tree = cKDTree(np.column_stack([x, y]))
    middle, half = np.column_stack(pieces.middle), pieces.length / 2
    for start in range(0, len(pieces), _CHUNK):
        progress(start / len(pieces))
        rows = slice(start, start + _CHUNK)
        found = tree.query_ball_point(middle[rows], distance + half[rows] + 1e-6)
        count = np.fromiter(map(len, found), np.int64, len(found))
        if not count.any():
            continue
        piece = start + np.repeat(np.arange(len(found)), count)
        light = np.concatenate([np.asarray(f, np.int64) for f in found if f])
        away = squared_distance(x[light], y[light], pieces.ax[piece], pieces.ay[piece], pieces.bx[piece],
                                pieces.by[piece])
        np.minimum.at(out, piece, np.sqrt(away))
    out[out > distance] = np.inf
    progress(1.0)
    return out


@dataclass(frozen=True)
class Streets:
    """What streets have, all arrays (n,); NaN where nothing of a street is known.

    Attributes
    ----------
    length : float
        Metres.
    known : float
        Share of the length with a light on record near by, 0 to 1; all figures of light are of this share.
    mean, minimum, uniformity : float
        Lux, lux, and minimum over mean.
    below : float
        Share of the known length with less than the minimum of the class.
    status : int
        LIT, DARK or UNKNOWN.
    nearest, nearest_record : float
        Metres to the nearest light that works, and to the nearest on record; infinity where none is near.
    """

    length: np.ndarray
    known: np.ndarray
    mean: np.ndarray
    minimum: np.ndarray
    uniformity: np.ndarray
    below: np.ndarray
    status: np.ndarray
    nearest: np.ndarray
    nearest_record: np.ndarray


def near_pieces(pieces: Pieces, record: np.ndarray, x: np.ndarray, y: np.ndarray, distance: float) -> np.ndarray:
    """Return which pieces count as near a light: those whose middle is, so that lengths come out right.

    Of a street that only its very end is near to a light, the nearest piece counts.

    Parameters
    ----------
    pieces : Pieces
    record : (n,) array of float
        From :func:`nearest_light` of the same lights.
    x, y : (m,) arrays of float
        Lights.
    distance : float
        Metres.
    """
    from scipy.spatial import cKDTree

    near = np.zeros(len(pieces), dtype=bool)
    ask = np.flatnonzero(np.isfinite(record))
    if not len(ask):
        return near
    middle = np.column_stack(pieces.middle)[ask]
    near[ask] = np.isfinite(cKDTree(np.column_stack([x, y])).query(middle, distance_upper_bound=distance + 1e-9)[0])
    lonely = ~np.isin(pieces.street[ask], pieces.street[near])
    order = ask[lonely][np.lexsort((record[ask[lonely]], pieces.street[ask[lonely]]))]
    near[order[np.unique(pieces.street[order], return_index=True)[1]]] = True
    return near


def summarise(
    pieces: Pieces, lux: np.ndarray, known: np.ndarray, record: np.ndarray, working: np.ndarray, count: int,
    need: float,
) -> Streets:
    """Sum up each street.

    Parameters
    ----------
    pieces : Pieces
    lux : (n,) array of float
        At the middle of each piece.
    known : (n,) array of bool
        Whether all is known of the piece: a light on record is near, working or not, or the lights of all owners
        are given.
    record, working : (n,) arrays of float
        Metres to the nearest light on record, and to the nearest that works; infinity for none within the distance.
    count : int
        Number of streets.
    need : float
        Minimum of the class, lux.
    """
    length = np.bincount(pieces.street, pieces.length, count)
    street, weight = pieces.street[known], pieces.length[known]
    held = np.bincount(street, weight, count)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(length > 0, held / length, np.nan)
        mean = np.where(held > 0, np.bincount(street, weight * lux[known], count) / held, np.nan)
        below = np.where(held > 0, np.bincount(street, weight * (lux[known] < need), count) / held, np.nan)
    minimum = np.full(count, np.inf)
    np.minimum.at(minimum, street, lux[known])
    minimum[~np.isfinite(minimum)] = np.nan
    uniformity = np.divide(minimum, mean, out=np.full(count, np.nan), where=mean > 0)
    nearest, nearest_record = np.full(count, np.inf), np.full(count, np.inf)
    np.minimum.at(nearest, pieces.street, working)
    np.minimum.at(nearest_record, pieces.street, record)
    status = np.where(np.isfinite(nearest), LIT, np.where(held > 0, DARK, UNKNOWN))
    return Streets(length, np.clip(share, 0.0, 1.0), mean, minimum, uniformity, np.clip(below, 0.0, 1.0), status,
                   nearest, nearest_record)


def best_class(classes: tuple, mean: np.ndarray, minimum: np.ndarray) -> np.ndarray:
    """Return the number of the most demanding class that each street has, -1 for none, -2 where nothing is known."""
    out = np.full(len(mean), -1, dtype=np.int64)
    demanding = sorted(range(len(classes)), key=lambda i: (classes[i].mean, classes[i].minimum))
    for i in demanding:
        out[classes[i].met(mean, minimum)] = i
    out[np.isnan(mean)] = -2
    return out


@dataclass(frozen=True)
class Gaps:
    """Stretches without enough light, one entry a stretch of one street; arrays (n,).

    Attributes
    ----------
    gap : int
        Number of the gap from 1, dark ones first, by length; stretches that meet at a corner are one gap.
    street : int
    first, last : int
        First and last piece.
    length, whole : float
        Metres of the stretch, and of all stretches of its gap.
    state : int
        DARK or UNKNOWN.
    mean, minimum : float
        Lux; NaN where nothing is known.
    """

    gap: np.ndarray
    street: np.ndarray
    first: np.ndarray
    last: np.ndarray
    length: np.ndarray
    whole: np.ndarray
    state: np.ndarray
    mean: np.ndarray
    minimum: np.ndarray


def find_gaps(pieces: Pieces, lux: np.ndarray, known: np.ndarray, need: float, least: float) -> Gaps:
    """Find stretches of street with less light than ``need``.

    Parameters
    ----------
    pieces : Pieces
    lux, known : (n,) arrays
        As in :func:`summarise`.
    need : float
        Lux.
    least : float
        Metres; shorter gaps are left out, each with what it meets at corners.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    state = np.where(lux >= need, LIT, np.where(known, DARK, UNKNOWN))
    begins = np.ones(len(pieces), dtype=bool)
    begins[1:] = (state[1:] != state[:-1]) | (pieces.strand[1:] != pieces.strand[:-1])
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(pieces)) - 1
    poor = state[first] != LIT if len(first) else np.zeros(0, dtype=bool)
    first, last = first[poor], last[poor]
    total = np.concatenate([[0.0], np.cumsum(pieces.length)])
    length, of = total[last + 1] - total[first], state[first]
    # stretches of one kind that meet at a corner are one gap
    ends = np.concatenate([np.column_stack([pieces.ax[first], pieces.ay[first], of]),
                           np.column_stack([pieces.bx[last], pieces.by[last], of])])
    ends[:, :2] = np.round(ends[:, :2] / _CORNER)
    n = len(first)
    corner = np.unique(ends, axis=0, return_inverse=True)[1].reshape(-1) if n else np.zeros(0, np.int64)
    size = n + int(corner.max(initial=-1)) + 1
    rows = np.tile(np.arange(n), 2)
    joined = coo_matrix((np.ones(2 * n), (rows, n + corner)), shape=(size, size))
    group = connected_components(joined, directed=False)[1][:n] if n else np.zeros(0, np.int64)
    whole = np.bincount(group, length, size)[group] if n else np.zeros(0)
    keep = np.flatnonzero(whole >= least - 1e-6)
    # dark ones by length, then unknown ones; of equally long ones the first in the layer
    start = np.full(size, n)
    np.minimum.at(start, group, np.arange(n))
    keep = keep[np.lexsort((keep, start[group[keep]], -np.round(whole[keep], 6), of[keep]))]
    _, at, number = np.unique(group[keep], return_index=True, return_inverse=True)
    ranks = np.empty(len(at), dtype=np.int64)
    ranks[np.argsort(at)] = np.arange(1, len(at) + 1)
    mean, minimum = _light_of(pieces, lux, first[keep], last[keep], of[keep])
    return Gaps(ranks[number.reshape(-1)], pieces.street[first[keep]], first[keep], last[keep], length[keep],
                whole[keep], of[keep], mean, minimum)


def _light_of(pieces: Pieces, lux: np.ndarray, first: np.ndarray, last: np.ndarray, state: np.ndarray) -> tuple:
    mean, minimum = np.full(len(first), np.nan), np.full(len(first), np.nan)
    length = pieces.length
    for i in np.flatnonzero(state == DARK):
        rows = slice(first[i], last[i] + 1)
        mean[i], minimum[i] = np.average(lux[rows], weights=length[rows]), lux[rows].min()
    return mean, minimum
