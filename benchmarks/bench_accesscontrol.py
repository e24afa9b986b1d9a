"""Through-movement of 20,000 street segments within 1 km: ours beside networkx, in one run.

``python benchmarks/bench_accesscontrol.py [segments]``. Prints ``name | ours s | peer s | ratio |
required``. The streets are a grid of about 100 m with moved corners and missing sides. networkx
has no radius, so its own search and counting (those of ``edge_betweenness_centrality``) run on the
neighbourhood of a source, for a sample of the sources, and the time is scaled to all of them; the
pairs along each edge from those sources must be equal to ours. Ours must stay under 30 s.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import networkx as nx
import numpy as np
from networkx.algorithms.centrality import betweenness as inner

from hotspot_plugin.analysis.cpted import throughmovement
from hotspot_plugin.analysis.network import Network

LIMIT, RADIUS, SAMPLE = 30.0, 1000.0, 200


def town(segments: int, seed: int = 1) -> Network:
    """Return a grid with moved corners, a tenth of its sides missing; lengths that add up exactly."""
    rng = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(segments / 1.8)))
    number = np.arange(side * side).reshape(side, side)
    pairs = np.concatenate([np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
                            np.column_stack([number[:-1].ravel(), number[1:].ravel()])])
    pairs = pairs[rng.permutation(len(pairs))[:segments]]
    row, column = np.divmod(np.arange(side * side), side)
    xy = np.column_stack([column, row]) * 100.0 + rng.normal(0, 15, (side * side, 2))
    # multiples of 1/128 m add up without rounding, so that both sides see the same ties
    length = np.ceil(np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T) * 128.0) / 128.0
    return Network(xy[:, 0], xy[:, 1], pairs[:, 0], pairs[:, 1], length, np.zeros(len(xy)))


def peer(graph: nx.Graph, sources: list) -> dict:
    """Return the pairs along each edge from some sources, by networkx."""
    total: dict = {}
    for source in sources:
        near = nx.single_source_dijkstra_path_length(graph, source, cutoff=RADIUS, weight="metres")
        part = graph.subgraph(near)
        order, before, sigma, _ = inner._single_source_dijkstra_path_basic(part, source, "metres")
        between = dict.fromkeys(part, 0.0)
        between.update(dict.fromkeys(part.edges(), 0.0))
        for edge, value in inner._accumulate_edges(between, order, before, sigma, source).items():
            if isinstance(edge, tuple) and value:
                key = (min(edge), max(edge))
                total[key] = total.get(key, 0.0) + value
    return total


def main() -> None:
    segments = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    net = town(segments)
    start = time.perf_counter()
    found = throughmovement.edge_betweenness(net, radius=RADIUS)
    ours = time.perf_counter() - start
    print(f"{len(net.length)} segments, {net.nodes} nodes, {found.reach.mean():.0f} of them within {RADIUS:g} m")

    graph = nx.Graph()
    graph.add_nodes_from(range(net.nodes))
    graph.add_weighted_edges_from(
        zip(net.start.tolist(), net.end.tolist(), net.length.tolist()), weight="metres")
    sources = np.random.default_rng(2).choice(net.nodes, SAMPLE, replace=False)
    start = time.perf_counter()
    expected = peer(graph, sources.tolist())
    theirs = (time.perf_counter() - start) * net.nodes / SAMPLE
    compare(net, sources, expected)
    name = f"edge betweenness of {segments:,} segments within 1 km"
    print(f"{name} | {ours:.2f} | {theirs:.1f} | {theirs / ours:.0f} | 10")
    if ours > LIMIT:
        raise SystemExit(f"{ours:.1f} s are more than {LIMIT:g} s")


def compare(net: Network, sources: np.ndarray, expected: dict) -> None:
    """Stop where the pairs from the sample of sources differ."""
    usable = np.arange(len(net.length))
    block = throughmovement._Arcs(net, net.length, usable).within(np.arange(net.nodes))
    through = np.zeros(len(net.length))
    for first in range(0, len(sources), 20):
        block.count(sources[first : first + 20], RADIUS, through)
    pairs = zip(np.minimum(net.start, net.end).tolist(), np.maximum(net.start, net.end).tolist())
    right = np.array([expected.get(pair, 0.0) for pair in pairs])
    if not np.allclose(through, right, atol=1e-9):
        raise SystemExit(f"ours and the peer differ by {np.abs(through - right).max()}")


if __name__ == "__main__":
    main()
