"""The street graph: which streets meet where, and how well they are connected.

Lines arrive as arrays of corners (``layers/overlay.line_parts``). Every part of a line is an
edge between the nodes at its two ends; ``crossings.py`` cuts lines where they touch or cross.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: metres within which line ends of the same node can lie; farther apart, their number is wrong
NODE_REACH = 30.0


@dataclass(frozen=True)
class Network:
    """Nodes and the edges between them, without direction; loops and parallel edges are kept.

    Attributes
    ----------
    x, y : (n,) arrays
        Metres; a node of several line ends lies in their middle.
    start, end : (m,) int64 arrays
        Node at either end of each edge.
    length : (m,) array
        Metres along the line.
    spread : (n,) array
        Metres from a node to the farthest line end that belongs to it.
    """

    x: np.ndarray
    y: np.ndarray
    start: np.ndarray
    end: np.ndarray
    length: np.ndarray
    spread: np.ndarray

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return len(self.x)

    @property
    def degree(self) -> np.ndarray:
        """Line ends at each node; a loop counts twice. (n,) int64."""
        return np.bincount(np.concatenate([self.start, self.end]), minlength=self.nodes)

    def components(self) -> np.ndarray:
        """Connected part that each node belongs to, 0 for that with most street, and so on; (n,) int64."""
        number = joined(self.nodes, self.start, self.end)
        size = np.bincount(number[self.start], self.length, minlength=int(number.max(initial=-1)) + 1)
        rank = np.empty(len(size), dtype=np.int64)
        rank[np.argsort(-size, kind="stable")] = np.arange(len(size))
        return rank[number]


def joined(n: int, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Number the connected parts of n things joined in pairs, (n,) int64."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    graph = coo_matrix((np.ones(len(one), dtype=np.int8), (one, other)), shape=(n, n))
    return connected_components(graph, directed=False)[1].astype(np.int64)


# --- making it -----------------------------------------------------------------------------
def ends_of(vertices: np.ndarray, part_start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and the last corner of each part.

    Parameters
    ----------
    vertices : (m, 2) array
    part_start : (r,) int64 array
        Index of the first corner of each part.
    """
    last = np.append(part_start[1:], len(vertices)) - 1
    return vertices[part_start], vertices[last]


def lengths_of(vertices: np.ndarray, part_start: np.ndarray) -> np.ndarray:
    """Return the metres along each part, (r,)."""
    steps = np.hypot(*np.diff(vertices, axis=0).T)
    steps[part_start[1:] - 1] = 0.0
    running = np.concatenate([[0.0], np.cumsum(steps)])
    last = np.append(part_start[1:], len(vertices)) - 1
    return running[last] - running[part_start]


def snap(xy: np.ndarray, tolerance: float) -> np.ndarray:
    """Number positions, equal numbers for those that lie within a tolerance of one another.

    Joining goes on from neighbour to neighbour, so that the order of positions does not matter.

    Parameters
    ----------
    xy : (k, 2) array
    tolerance : float
        Metres; 0 joins equal coordinates only.

    Returns
    -------
    (k,) int64 array
        From 0, in the order of first appearance.
    """
    distinct, inverse = np.unique(xy, axis=0, return_inverse=True)
    group = np.arange(len(distinct))
    if tolerance > 0 and len(distinct) > 1:
        from scipy.spatial import cKDTree

        pairs = cKDTree(distinct).query_pairs(tolerance, output_type="ndarray")
        group = joined(len(distinct), pairs[:, 0], pairs[:, 1])
    return _by_appearance(group[inverse.ravel()])


def by_key(keys: np.ndarray, xy: np.ndarray, tolerance: float) -> tuple[np.ndarray, int]:
    """Number positions by the name of their node; positions without one by where they lie.

    Parameters
    ----------
    keys : (k,) array of object
        Name or number of the node, None for unknown.
    xy : (k, 2) array
    tolerance : float
        Metres; a position without a name joins a named one within it.

    Returns
    -------
    node : (k,) int64 array
    wrong : int
        Names that stand for places more than ``NODE_REACH`` apart; such places are told apart.
    """
    known = np.flatnonzero([key is not None for key in keys])
    names, number = np.unique(keys[known].astype(str), return_inverse=True)
    place = snap(xy, tolerance)
    out = np.full(len(keys), -1, dtype=np.int64)
    out[known], wrong = _near_namesakes(number, xy[known])
    named = np.full(int(place.max(initial=-1)) + 1, -1, dtype=np.int64)
    named[place[known][::-1]] = out[known][::-1]
    most = int(out.max(initial=-1)) + 1
    out = np.where(out >= 0, out, np.where(named[place] >= 0, named[place], most + place))
    return _by_appearance(out), wrong


def _near_namesakes(number: np.ndarray, xy: np.ndarray) -> tuple[np.ndarray, int]:
    """Tell apart positions of one number that lie far from one another; return how many numbers do."""
    if not len(number):
        return number, 0
    # numbers are lifted so far above one another that only namesakes are near
    lifted = np.column_stack([xy - xy.min(axis=0), number * (2.0 * NODE_REACH)])
    group = snap(lifted, NODE_REACH)
    pairs = np.unique(np.column_stack([number, group]), axis=0)
    return group, int((np.bincount(pairs[:, 0]) > 1).sum())


def _by_appearance(group: np.ndarray) -> np.ndarray:
    _, first, inverse = np.unique(group, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse.ravel()]


def build(first: np.ndarray, last: np.ndarray, length: np.ndarray, node: np.ndarray) -> Network:
    """Make a network.

    Parameters
    ----------
    first, last : (m, 2) arrays
        Ends of each edge.
    length : (m,) array
        Metres.
    node : (2 m,) int64 array
        Node of all first and then of all last ends, from :func:`snap` or :func:`by_key`.
    """
    m = len(length)
    xy = np.concatenate([first, last])
    n = int(node.max(initial=-1)) + 1
    count = np.maximum(np.bincount(node, minlength=n), 1)
    x, y = (np.bincount(node, xy[:, k], minlength=n) / count for k in (0, 1))
    spread = np.zeros(n)
    np.maximum.at(spread, node, np.hypot(xy[:, 0] - x[node], xy[:, 1] - y[node]))
    return Network(x, y, node[:m], node[m:], np.asarray(length, float), spread)


# --- how well connected --------------------------------------------------------------------
@dataclass(frozen=True)
class Indices:
    """Measures of a whole network (Kansky 1963; Garrison and Marble 1962).

    Attributes
    ----------
    nodes, edges, components : int
    dead_ends : int
        Nodes with one street.
    dead_end_share : float
        Of all nodes.
    alpha : float
        Circuits over the most that a plane network can have: (e - v + p) / (2 v - 5).
    beta : float
        Edges a node: e / v.
    gamma : float
        Edges over the most that a plane network can have: e / (3 (v - 2)).
    """

    nodes: int
    edges: int
    components: int
    dead_ends: int
    dead_end_share: float
    alpha: float
    beta: float
    gamma: float


def indices(network: Network) -> Indices:
    """Measure how well a network is connected; NaN where it is too small to say."""
    v, e = network.nodes, len(network.length)
    p = int(network.components().max(initial=-1)) + 1
    ends = int((network.degree == 1).sum())
    return Indices(
        v, e, p, ends,
        dead_end_share=ends / v if v else np.nan,
        alpha=(e - v + p) / (2 * v - 5) if v > 2 else np.nan,
        beta=e / v if v else np.nan,
        gamma=e / (3 * (v - 2)) if v > 2 else np.nan,
    )


def leads_through(network: Network, path: np.ndarray) -> np.ndarray:
    """Which paths lead from street to street, and are no blind alleys.

    Paths that end in nothing are taken away until none is left; streets are the ground on
    which a path must begin and end.

    Parameters
    ----------
    network : Network
    path : (m,) bool array
        Edges that are paths.

    Returns
    -------
    (m,) bool array
        False for streets.
    """
    street = np.zeros(network.nodes, dtype=bool)
    street[network.start[~path]] = street[network.end[~path]] = True
    left = path & (network.start != network.end)
    while True:
        ends = np.concatenate([network.start[left], network.end[left]])
        blind = (np.bincount(ends, minlength=network.nodes) == 1) & ~street
        gone = left & (blind[network.start] | blind[network.end])
        if not gone.any():
            break
        left &= ~gone
    # paths that meet away from streets are one way; what hangs on one street node only goes in a circle
    some = np.flatnonzero(left)
    ends = np.concatenate([network.start[some], network.end[some]])
    at_street = street[ends]
    own = np.where(at_street, network.nodes + np.arange(len(ends)), ends)
    k = len(some)
    group = joined(network.nodes + 2 * k, own[:k], own[k:])
    pairs = np.unique(np.column_stack([group[own[at_street]], ends[at_street]]), axis=0)
    touched = np.bincount(pairs[:, 0], minlength=int(group.max(initial=-1)) + 1)
    out = np.zeros(len(path), dtype=bool)
    out[some] = touched[group[own[:k]]] > 1
    return out
