"""Who is whose neighbour: binary spatial weights as sparse matrices.

All functions return a ``scipy.sparse.csr_matrix`` of shape (n, n) with ones where the
column is a neighbour of the row, sorted columns, and an empty diagonal: no place is its
own neighbour here. Nothing of size n x n is ever built, and long searches run in slices
so that they can be cancelled.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from .errors import InputError
from .progress import Progress, part, silent

#: metres within which two vertices are taken for the same corner
TOLERANCE = 1e-3
#: relative allowance for distances that are equal but for rounding (a cell's diagonal)
ROUNDING = 1e-9
#: neighbour pairs beyond which a matrix is refused: building it takes about 1 GB
MOST_PAIRS = 30_000_000

_SLICE = 20_000
_PAIRS_AT_ONCE = 1_000_000


def contiguity(
    vertices: np.ndarray,
    owner: np.ndarray,
    ring_start: np.ndarray,
    queen: bool = True,
    *,
    n: int | None = None,
    tolerance: float = TOLERANCE,
    progress: Progress = silent,
) -> sparse.csr_matrix:
    """Areas that share a corner (queen) or a side (rook).

    Corners are compared as points: two vertices within ``tolerance`` in x and in y are
    one corner, whatever the size of the areas. A corner of one area that lies on the
    side of another without a vertex there (a T-junction, common where two layers were
    drawn apart or one was simplified) is therefore not seen; for such layers a distance
    band is the better neighbourhood.

    Parameters
    ----------
    vertices : (m, 2) array
        Vertices of all rings of all areas in metres; rings may be closed or open.
    owner : (m,) integer array
        Row of the area that each vertex belongs to.
    ring_start : (r,) integer array
        Index of the first vertex of each ring, increasing; m itself may follow as the end.
    queen : bool
        True for a shared corner, False (rook) for a shared side.
    n : int, optional
        Number of areas; by default the largest owner + 1.
    tolerance : float
        Metres, see above.

    Returns
    -------
    (n, n) csr_matrix
        Symmetric.

    Raises
    ------
    InputError
        If so many areas lie on top of one another that the matrix cannot be held.
    """
    vertices = np.asarray(vertices, dtype=float).reshape(-1, 2)
    owner = np.asarray(owner, dtype=np.int64)
    if n is None:
        n = int(owner.max()) + 1 if owner.size else 0
    if owner.size == 0:
        return sparse.csr_matrix((n, n))
    corner = _corners(vertices, tolerance, part(progress, 0.0, 0.5))
    if queen:
        key = corner
    else:
        owner, key = _sides(corner, owner, np.asarray(ring_start, dtype=np.int64))
    progress(0.7)
    weights = _sharing(key, owner, n)
    progress(1.0)
    return weights


def _corners(vertices: np.ndarray, tolerance: float, progress: Progress) -> np.ndarray:
    """Number the distinct corners: x and y are each grouped where sorted values lie close.

    Rounding to a lattice would part two copies of a corner that fall on either side of a
    lattice line; gaps in the sorted values have no such lines.
    """
    columns = _groups(vertices[:, 0], tolerance)
    progress(0.5)
    rows = _groups(vertices[:, 1], tolerance)
    progress(1.0)
    return columns * (int(rows.max()) + 1) + rows


def _groups(values: np.ndarray, tolerance: float) -> np.ndarray:
    order = np.argsort(values)
    label = np.empty(values.size, dtype=np.int64)
    steps = np.diff(values[order], prepend=values[order[0]]) > tolerance
    label[order] = np.cumsum(steps)
    return label


def _sides(corner: np.ndarray, owner: np.ndarray, ring_start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Owner and key of every side: its two corners in either direction."""
    count = corner.size
    _, corner = np.unique(corner, return_inverse=True)
    starts = ring_start[ring_start < count]
    following = np.arange(1, count + 1)
    following[np.append(starts[1:], count) - 1] = starts  # the last vertex of a ring leads to its first
    low, high = np.minimum(corner, corner[following]), np.maximum(corner, corner[following])
    real = low != high  # a closed ring repeats its first vertex: no side
    return owner[real], low[real] * (int(corner.max()) + 1) + high[real]


def _sharing(key: np.ndarray, owner: np.ndarray, n: int) -> sparse.csr_matrix:
    """Owners that share a key, through the incidence of owners and keys."""
    order = np.argsort(key, kind="stable")
    key, owner = key[order], owner[order]
    label = np.cumsum(np.diff(key, prepend=key[0]) != 0) if key.size else key
    incidence = sparse.csr_matrix((np.ones(key.size), (owner, label)), shape=(n, int(label[-1]) + 1 if key.size else 1))
    incidence.data[:] = 1.0
    shared = np.diff(incidence.tocsc().indptr).astype(float)
    _refuse_too_many(float((shared * shared).sum()))
    return _binary(incidence @ incidence.T)


def _binary(weights: sparse.spmatrix) -> sparse.csr_matrix:
    """Ones for all entries off the diagonal, columns sorted."""
    entries = weights.tocoo()
    off = entries.row != entries.col
    rows, columns = entries.row[off], entries.col[off]
    result = sparse.csr_matrix((np.ones(rows.size), (rows, columns)), shape=weights.shape)
    result.sum_duplicates()
    result.data[:] = 1.0
    return result


def _refuse_too_many(pairs: float) -> None:
    if pairs > MOST_PAIRS:
        raise InputError(
            "NEIGHBOURS",
            "These neighbourhoods hold about {pairs:.0f} million pairs of places, more than a computer can hold. "
            "Use a shorter distance, fewer neighbours, or first count the places into larger areas.",
            pairs=pairs / 1e6,
        )


def distance_band(xy: np.ndarray, radius: float, *, progress: Progress = silent) -> sparse.csr_matrix:
    """Places within ``radius`` of each other, the radius itself included.

    The radius is widened by one part in 10^9, so that a cell's diagonal given as
    ``size * sqrt(2)`` reaches the cell across the corner whatever the rounding.

    Parameters
    ----------
    xy : (n, 2) array
        Coordinates in metres; places at the same point are neighbours.
    radius : float
        Metres.

    Returns
    -------
    (n, n) csr_matrix
        Symmetric.

    Raises
    ------
    InputError
        If there are more pairs than can be held.
    """
    xy = _coordinates(xy)
    n = len(xy)
    if n == 0:
        return sparse.csr_matrix((0, 0))
    reach = radius * (1.0 + ROUNDING)
    tree = cKDTree(xy)
    slices = _slices(tree)
    watch = part(progress, 0.0, 0.3)
    total, small = 0, []
    for done, places in enumerate(slices):
        pairs = int(cKDTree(xy[places]).count_neighbors(tree, reach))
        total += pairs
        _refuse_too_many(total)
        small.extend(np.array_split(places, pairs // _PAIRS_AT_ONCE + 1))
        watch((done + 1) / len(slices))
    slices = small
    watch = part(progress, 0.3, 1.0)
    rows, columns = [], []
    for done, places in enumerate(slices):
        found = cKDTree(xy[places]).sparse_distance_matrix(tree, reach, output_type="ndarray")
        rows.append(places[found["i"]].astype(np.int32))
        columns.append(found["j"].astype(np.int32))
        watch((done + 1) / len(slices))
    return _from_pairs(np.concatenate(rows), np.concatenate(columns), n)


def k_nearest(xy: np.ndarray, k: int, *, progress: Progress = silent) -> sparse.csr_matrix:
    """The k nearest other places of each place, with all that tie for the last rank.

    Ties are kept (so a place may have more than k neighbours) because choosing among
    equals would make the result depend on the order of the rows.

    Parameters
    ----------
    xy : (n, 2) array
        Coordinates in metres.
    k : int
        1 to n - 1.

    Returns
    -------
    (n, n) csr_matrix
        In general not symmetric.

    Raises
    ------
    InputError
        If k is out of range, or ties make more pairs than can be held.
    """
    xy = _coordinates(xy)
    n = len(xy)
    if not 1 <= k <= n - 1:
        raise InputError("K", "The number of neighbours must lie between 1 and {most}.", most=max(n - 1, 1))
    tree = cKDTree(xy)
    _refuse_too_many(float(n) * k)
    size = min(_SLICE, max(200, 400_000 // (k + 2)))
    slices = _slices(tree, size)
    rows, columns, pairs = [], [], 0
    for done, places in enumerate(slices):
        distance, found = tree.query(xy[places], k=min(k + 2, n))
        # the list holds the place itself, so the k-th other one stands at index k
        last = distance[:, k] * (1.0 + ROUNDING)
        tied = distance[:, k + 1] <= last if n > k + 1 else np.zeros(len(places), dtype=bool)
        plain = np.flatnonzero(~tied)
        rows.append(np.repeat(places[plain], k + 1))
        columns.append(found[plain, : k + 1].ravel())
        pairs += plain.size * (k + 1)
        for some in np.array_split(np.flatnonzero(tied), max(1, tied.sum() // 2000)):
            count = tree.query_ball_point(xy[places[some]], last[some], return_length=True)
            pairs += int(count.sum())
            _refuse_too_many(pairs)
            rows.append(np.repeat(places[some], count))
            columns.extend(np.asarray(near) for near in tree.query_ball_point(xy[places[some]], last[some]))
        progress((done + 1) / len(slices))
    return _from_pairs(np.concatenate(rows), np.concatenate(columns), n)


def nearest_neighbour_distance(xy: np.ndarray, *, progress: Progress = silent) -> np.ndarray:
    """Distance of each place to the nearest other one, in metres; 0 where two coincide.

    Parameters
    ----------
    xy : (n, 2) array
        Coordinates in metres, n >= 2.

    Returns
    -------
    (n,) array
    """
    xy = _coordinates(xy)
    nearest = np.full(len(xy), np.inf)
    if len(xy) < 2:
        return nearest
    tree = cKDTree(xy)
    slices = _slices(tree)
    for done, places in enumerate(slices):
        nearest[places] = tree.query(xy[places], k=2)[0][:, 1]
        progress((done + 1) / len(slices))
    return nearest


def default_distance(xy: np.ndarray, *, progress: Progress = silent) -> float:
    """The shortest band, in metres, in which every place has at least one neighbour.

    Parameters
    ----------
    xy : (n, 2) array
        Coordinates in metres.

    Raises
    ------
    InputError
        If there are fewer than two places, or all lie at one point.
    """
    nearest = nearest_neighbour_distance(xy, progress=progress)
    longest = float(nearest.max()) if nearest.size > 1 else 0.0
    if longest <= 0.0:
        raise InputError(
            "DISTANCE",
            "No distance can be found from the places themselves, because each of them shares its point with another. "
            "Give the distance in metres.",
        )
    return longest


def with_self(weights: sparse.csr_matrix) -> sparse.csr_matrix:
    """The same neighbours and the place itself (the star in Gi*)."""
    return (weights + sparse.identity(weights.shape[0], format="csr")).tocsr()


def for_rows(weights: sparse.csr_matrix, rows: np.ndarray, n: int) -> sparse.csr_matrix:
    """Weights of n places from those of some of them, the others being without neighbours.

    Parameters
    ----------
    weights : (m, m) csr_matrix
    rows : (m,) integer array
        Which of the n places they are, ascending.
    n : int
        Number of all places.
    """
    if len(rows) == n:
        return weights
    starts = np.zeros(n + 1, dtype=np.int64)
    starts[np.asarray(rows) + 1] = neighbour_counts(weights)
    return sparse.csr_matrix((weights.data, np.asarray(rows)[weights.indices], np.cumsum(starts)), shape=(n, n))


def neighbour_counts(weights: sparse.csr_matrix) -> np.ndarray:
    """Number of neighbours of each place, (n,) int64."""
    return np.diff(weights.indptr).astype(np.int64)


def _coordinates(xy: np.ndarray) -> np.ndarray:
    xy = np.ascontiguousarray(xy, dtype=float).reshape(-1, 2)
    if not np.isfinite(xy).all():
        raise ValueError("coordinates must be finite numbers")
    return xy


def _slices(tree: cKDTree, size: int | None = None) -> list[np.ndarray]:
    """Row numbers in slices of near places, in the order in which the tree holds them."""
    size = size or _SLICE
    return [tree.indices[start : start + size] for start in range(0, tree.n, size)]


def _from_pairs(rows: np.ndarray, columns: np.ndarray, n: int) -> sparse.csr_matrix:
    other = rows != columns
    rows, columns = rows[other], columns[other]
    weights = sparse.csr_matrix((np.ones(rows.size), (rows, columns)), shape=(n, n))
    weights.sum_duplicates()
    return weights
