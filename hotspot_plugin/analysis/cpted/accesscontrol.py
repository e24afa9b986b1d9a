"""Street permeability: dead ends, ways through, and who can come in where.

Numbers in, numbers out: the graph comes from ``analysis/network.py``, through-movement from
``throughmovement.py``, barriers from ``frontage.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..network import Network, leads_through

#: what a street or its end is
ON, DEAD_END, BY_PATH, AT_EDGE = 0, 1, 2, 3
STREET, CUT_THROUGH, BLIND_ALLEY = 0, 1, 2
#: part of the street length that is called the busiest
BUSIEST = 0.1


@dataclass(frozen=True)
class Ends:
    """Where streets lead.

    Attributes
    ----------
    node : (n,) int64 array
        ``ON``; ``DEAD_END``: one street and nothing else; ``BY_PATH``: one street, and only
        paths lead on; ``AT_EDGE``: one street, but the data end there.
    edge : (m,) int64 array
        The same of each street or path, the first of DEAD_END, BY_PATH and AT_EDGE that
        holds at either end.
    way : (m,) int64 array
        ``STREET``, ``CUT_THROUGH`` or ``BLIND_ALLEY``.
    """

    node: np.ndarray
    edge: np.ndarray
    way: np.ndarray

    @property
    def dead_ends(self) -> int:
        """Nodes at which nothing leads on."""
        return int((self.node == DEAD_END).sum())

    @property
    def at_edge(self) -> int:
        """Nodes that are not judged, because the data end there."""
        return int((self.node == AT_EDGE).sum())

    @property
    def share(self) -> float:
        """Share of the nodes judged that are dead ends."""
        judged = len(self.node) - self.at_edge
        return self.dead_ends / judged if judged else np.nan


def judge_ends(network: Network, path: np.ndarray, away: np.ndarray | None = None, margin: float = 0.0) -> Ends:
    """Tell dead ends from streets that go on, by path or beyond the data.

    Parameters
    ----------
    network : Network
    path : (m,) bool array
        Edges that are paths, not streets.
    away : (n,) array, optional
        Metres from each node to where the data end; all are judged if not given.
    margin : float
        Metres from there within which an end is not judged.
    """
    degree = network.degree
    streets = np.bincount(np.concatenate([network.start[~path], network.end[~path]]), minlength=network.nodes)
    node = np.full(network.nodes, ON)
    node[(streets == 1) & (degree > 1)] = BY_PATH
    alone = degree == 1
    node[alone] = DEAD_END
    if away is not None:
        node[alone & (away <= margin)] = AT_EDGE
    edge = np.full(len(path), ON)
    for code in (AT_EDGE, BY_PATH, DEAD_END):
        there = (node[network.start] == code) | (node[network.end] == code)
        # that a path goes on is no news of the path itself
        edge[there & ~(path & (code == BY_PATH))] = code
    way = np.where(~path, STREET, np.where(leads_through(network, path), CUT_THROUGH, BLIND_ALLEY))
    return Ends(node, edge, way)


def length_rank(values: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Return the share of the length whose value is lower, equal ones counting half; (m,) from 0 to 1."""
    order = np.argsort(values, kind="stable")
    sorted_, run = np.asarray(values)[order], np.concatenate([[0.0], np.cumsum(np.asarray(length, float)[order])])
    low = run[np.searchsorted(sorted_, values, side="left")]
    high = run[np.searchsorted(sorted_, values, side="right")]
    return (low + high) / 2.0 / max(run[-1], 1e-12)


def held_by_busiest(through: np.ndarray, length: np.ndarray, share: float = BUSIEST) -> float:
    """Return the share of all movement (pairs times metres) on the busiest part of the street length.

    The street in which that part ends counts for the piece of it that belongs to it.
    """
    order = np.argsort(-through, kind="stable")
    metres = np.concatenate([[0.0], np.cumsum(length[order])])
    moved = np.concatenate([[0.0], np.cumsum((through * length)[order])])
    return float(np.interp(share * metres[-1], metres, moved) / moved[-1]) if moved[-1] > 0 else np.nan


def per_100m(count: np.ndarray, metres: np.ndarray) -> np.ndarray:
    """Return a number per 100 m; NaN where there is no length."""
    metres = np.asarray(metres, dtype=float)
    return np.divide(100.0 * np.asarray(count), metres, out=np.full(len(metres), np.nan), where=metres > 0)


def travel_seconds(
    length: np.ndarray, speed: np.ndarray | None, minutes: np.ndarray | None, path: np.ndarray, walking: float
) -> tuple[np.ndarray, int, float]:
    """Return the seconds that each edge takes.

    Parameters
    ----------
    length : (m,) array
        Metres.
    speed : (m,) array, optional
        Kilometres an hour; what is not above 0 is unknown.
    minutes : (m,) array, optional
        Minutes, instead of a speed.
    path : (m,) bool array
        Edges that are walked where neither is known.
    walking : float
        Kilometres an hour.

    Returns
    -------
    seconds : (m,) array
    filled : int
        Streets with no known time, which take the median speed of the others.
    median : float
        That speed in kilometres an hour; NaN where no street has a known time.
    """
    seconds = np.full(len(length), np.nan)
    if minutes is not None:
        known = minutes > 0
        seconds[known] = 60.0 * minutes[known]
    if speed is not None:
        known = speed > 0
        seconds[known] = 3.6 * length[known] / speed[known]
    open_ = ~np.isfinite(seconds)
    judged = ~open_ & (length > 0) & ~path
    median = float(np.median(3.6 * length[judged] / seconds[judged])) if judged.any() else np.nan
    seconds[open_ & path] = 3.6 * length[open_ & path] / walking
    rest = open_ & ~path
    seconds[rest] = 3.6 * length[rest] / median
    return seconds, int(rest.sum()), median
