"""Through-movement: how many shortest ways lead along each street (edge betweenness).

Brandes (2001, 2008), by length or time, for ways up to a radius. Sources that lie near one
another are done together: one call of Dijkstra's method gives their distances, and the paths
of all of them are then counted step by step from node to node at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..network import Network
from ..progress import Progress, silent

#: ways are equally short within this (metres or seconds); no edge costs less than the floor
_TIE, _FLOOR = 1e-6, 1e-3
#: entries of a table of sources by nodes or by edges
_ENTRIES = 3_000_000
#: sources done together at most
_MOST_SOURCES = 512


@dataclass(frozen=True)
class Through:
    """Shortest ways along edges.

    Attributes
    ----------
    through : (m,) array
        Pairs of nodes whose shortest way runs along the edge, each pair once; where several
        ways are equally short each counts its part.
    pairs : int
        Pairs of nodes that have a way within the radius.
    reach : (n,) int64 array
        Other nodes within the radius of each node.
    """

    through: np.ndarray
    pairs: int
    reach: np.ndarray

    @property
    def share(self) -> np.ndarray:
        """``through`` over all pairs that have a way within the radius, (m,)."""
        return self.through / max(self.pairs, 1)


def edge_betweenness(
    network: Network, cost: np.ndarray | None = None, radius: float = np.inf, progress: Progress = silent,
) -> Through:
    """Count shortest ways along each edge.

    Parameters
    ----------
    network : Network
    cost : (m,) array, optional
        Cost of each edge, e.g. seconds; its length if not given. Negative or NaN is not allowed.
    radius : float
        Ways count up to this cost, including it.
    progress : Progress

    Notes
    -----
    Ways that differ by less than a millionth of a metre (or second) are equally short. An
    edge costs at least a thousandth. Of parallel edges only the shortest are used; a loop is
    on no shortest way.
    """
    n, m = network.nodes, len(network.length)
    cost = np.maximum(np.asarray(network.length if cost is None else cost, dtype=float), _FLOOR)
    if not np.isfinite(cost).all():
        raise ValueError("every edge needs a cost")
    through, reach = np.zeros(m), np.zeros(n, dtype=np.int64)
    usable = np.flatnonzero(network.start != network.end)
    if not len(usable):
        return Through(through, 0, reach)
    arcs = _Arcs(network, cost, usable)
    done = 0
    for sources, nodes in _batches(network, cost, usable, radius):
        progress(done / n)
        block = arcs.within(nodes)
        step = max(1, _ENTRIES // max(len(nodes), len(block.tail), 1))
        for first in range(0, len(sources), step):
            some = sources[first : first + step]
            reach[some] += block.count(some, radius, through)
            done += len(some)
            progress(done / n)
    return Through(through / 2.0, int(reach.sum()) // 2, reach)


def _batches(network: Network, cost: np.ndarray, usable: np.ndarray, radius: float) -> list:
    """Return pairs of sources near one another and all nodes that their ways can reach."""
    n = network.nodes
    x, y = network.x, network.y
    everything = np.arange(n)
    straight = np.hypot(x[network.start] - x[network.end], y[network.start] - y[network.end])[usable]
    # no way is shorter than the straight line times this, whatever the cost is
    far = radius * float(np.max(straight / cost[usable])) * (1 + 1e-9) + _TIE
    span = max(np.ptp(x), np.ptp(y), 1.0)
    if not np.isfinite(far) or far > span:
        return [(everything[i : i + _MOST_SOURCES], everything) for i in range(0, n, _MOST_SOURCES)]
    tile = max(far, 1e-3)
    column, row = np.floor((x - x.min()) / tile).astype(np.int64), np.floor((y - y.min()) / tile).astype(np.int64)
    order = np.lexsort((column, row))
    key = row * (int(column.max()) + 1) + column
    out = []
    for sources in np.split(order, np.flatnonzero(np.diff(key[order])) + 1):
        low_x, high_x = x[sources].min() - far, x[sources].max() + far
        low_y, high_y = y[sources].min() - far, y[sources].max() + far
        nodes = np.flatnonzero((x >= low_x) & (x <= high_x) & (y >= low_y) & (y <= high_y))
        out += [(sources[i : i + _MOST_SOURCES], nodes) for i in range(0, len(sources), _MOST_SOURCES)]
    return out


class _Arcs:
    """Both directions of all edges."""

    def __init__(self, network: Network, cost: np.ndarray, usable: np.ndarray) -> None:
        self.n = network.nodes
        self.tail = np.concatenate([network.start[usable], network.end[usable]])
        self.head = np.concatenate([network.end[usable], network.start[usable]])
        self.edge = np.concatenate([usable, usable])
        self.cost = cost[self.edge]

    def within(self, nodes: np.ndarray) -> _Block:
        """Return the part of the graph between some nodes."""
        number = np.full(self.n, -1, dtype=np.int64)
        number[nodes] = np.arange(len(nodes))
        tail, head = number[self.tail], number[self.head]
        kept = (tail >= 0) & (head >= 0)
        return _Block(number, len(nodes), tail[kept], head[kept], self.cost[kept], self.edge[kept])


class _Block:
    """A part of the graph in which shortest ways are counted."""

    def __init__(self, number: np.ndarray, k: int, tail: np.ndarray, head: np.ndarray, cost: np.ndarray,
                 edge: np.ndarray) -> None:
        from scipy.sparse import csr_matrix

        order = np.lexsort((cost, head, tail))
        self.number, self.k = number, k
        self.tail, self.head, self.cost, self.edge = tail[order], head[order], cost[order], edge[order]
        first = np.ones(len(order), dtype=bool)
        first[1:] = (np.diff(self.tail) != 0) | (np.diff(self.head) != 0)
        self.graph = csr_matrix((self.cost[first], (self.tail[first], self.head[first])), shape=(k, k))

    def count(self, sources: np.ndarray, radius: float, through: np.ndarray) -> np.ndarray:
        """Add the shortest ways from some sources to ``through``, and return how many nodes each reaches."""
        from scipy.sparse.csgraph import dijkstra

        at = self.number[sources]
        limit = radius + _TIE if np.isfinite(radius) else np.inf
        distance = dijkstra(self.graph, directed=True, indices=at, limit=limit)
        reached = np.isfinite(distance).sum(axis=1) - 1
        # an arc lies on a shortest way where it closes the distance of its head
        with np.errstate(invalid="ignore"):
            gap = distance[:, self.tail]
            gap += self.cost
            gap -= distance[:, self.head]
            # a head that is out of reach leaves minus infinity
            tight = np.abs(gap) <= _TIE
        source, arc = np.nonzero(tight)
        tail, head = source * self.k + self.tail[arc], source * self.k + self.head[arc]
        edge = self.edge[arc]
        size = len(sources) * self.k
        sigma, delta = np.zeros(size), np.zeros(size)
        begin = np.arange(len(sources)) * self.k + at
        sigma[begin] = 1.0
        steps = _steps(begin, tail, head, size)
        for some in steps:
            np.add.at(sigma, head[some], sigma[tail[some]])
        for some in reversed(steps):
            part = sigma[tail[some]] / sigma[head[some]] * (1.0 + delta[head[some]])
            np.add.at(delta, tail[some], part)
            np.add.at(through, edge[some], part)
        return reached


def _steps(begin: np.ndarray, tail: np.ndarray, head: np.ndarray, size: int) -> list:
    """Order arcs so that all that lead to a node come before all that leave it.

    Parameters
    ----------
    begin : (s,) int64 array
        Nodes that nothing leads to.
    tail, head : (a,) int64 arrays
        Arcs of a graph without circles, sorted by tail.
    size : int
        Number of nodes.

    Returns
    -------
    list of int64 arrays
        Arcs of each step; every arc is in one of them.
    """
    start = np.searchsorted(tail, np.arange(size + 1))
    waiting = np.bincount(head, minlength=size)
    front, out = begin, []
    while len(front):
        first, count = start[front], start[front + 1] - start[front]
        some = np.arange(int(count.sum())) + np.repeat(first - (np.cumsum(count) - count), count)
        if not len(some):
            break
        out.append(some)
        ahead = head[some]
        np.subtract.at(waiting, ahead, 1)
        front = np.unique(ahead[waiting[ahead] == 0])
    return out
