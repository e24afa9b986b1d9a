"""Through-movement against networkx and against plain counting."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.cpted.throughmovement import edge_betweenness
from hotspot_plugin.analysis.errors import Cancelled
from hotspot_plugin.analysis.network import Network
from tests.analysis.test_network import grid, grid_with_stubs, made


def peer(net, cost, radius=np.inf):
    """Pairs along each edge by networkx's own search and its own counting, source by source."""
    nx = pytest.importorskip("networkx", reason="networkx is on the developers' Python only")
    from networkx.algorithms.centrality import betweenness as inner

    graph = nx.Graph()
    graph.add_nodes_from(range(net.nodes))
    for edge, (a, b) in enumerate(zip(net.start.tolist(), net.end.tolist())):
        if a != b and (not graph.has_edge(a, b) or graph[a][b]["cost"] > cost[edge]):
            graph.add_edge(a, b, cost=cost[edge], number=edge)
    between = dict.fromkeys(graph, 0.0)
    between.update(dict.fromkeys(graph.edges(), 0.0))
    pairs = 0
    for source in graph:
        order, before, sigma, distance = inner._single_source_dijkstra_path_basic(graph, source, "cost")
        order = [node for node in order if distance[node] <= radius]
        pairs += len(order) - 1
        between = inner._accumulate_edges(between, order, before, sigma, source)
    out = np.zeros(len(net.start))
    for a, b in graph.edges():
        out[graph[a][b]["number"]] = between[(a, b)] / 2.0
    return out, pairs // 2


def town(n=12, seed=2, whole=True):
    """A grid with moved corners, missing streets, a loop and parallel streets; whole metres make ties certain."""
    rng = np.random.default_rng(seed)
    net = made(*grid(n, n))
    kept = rng.random(len(net.start)) < 0.85
    start, end = net.start[kept], net.end[kept]
    cost = rng.integers(5, 9, kept.sum()) * 20.0 if whole else rng.uniform(60, 140, kept.sum())
    start, end = np.append(start, [3, start[0]]), np.append(end, [3, end[0]])
    cost = np.append(cost, [50.0, cost[0] + 30.0])
    return Network(net.x, net.y, start, end, cost, net.spread)


def test_reference_number():
    found = edge_betweenness(grid_with_stubs())
    assert found.pairs == 91 and found.share.max() == pytest.approx(0.20879, abs=5e-6)
    assert (found.reach == 13).all()


@pytest.mark.parametrize("radius", [np.inf, 250.0, 600.0, 130.0])
@pytest.mark.parametrize("whole", [True, False])
def test_equal_to_networkx(radius, whole):
    net = town(whole=whole)
    found = edge_betweenness(net, radius=radius)
    expected, pairs = peer(net, net.length, radius)
    assert found.pairs == pairs > 0
    assert found.through == pytest.approx(expected, abs=1e-9)


def test_without_a_radius_equal_to_the_public_function():
    nx = pytest.importorskip("networkx", reason="networkx is on the developers' Python only")
    net = grid_with_stubs()
    graph = nx.Graph(zip(net.start.tolist(), net.end.tolist()))
    expected = nx.edge_betweenness_centrality(graph)
    found = edge_betweenness(net).share
    for edge, pair in enumerate(zip(net.start.tolist(), net.end.tolist())):
        assert found[edge] == pytest.approx(expected[pair] if pair in expected else expected[pair[::-1]], abs=1e-12)


def test_ties_share_and_do_not_depend_on_rounding():
    # two ways around a block whose sides add up differently in floating point
    net = made([(0, 0), (0.1, 0)], [(0.1, 0), (0.1, 0.2)], [(0, 0), (0, 0.2)], [(0, 0.2), (0.1, 0.2)])
    assert edge_betweenness(net).through == pytest.approx([2.0] * 4)


def test_a_time_that_differs_from_length_moves_the_way():
    net = made([(0, 0), (100, 0)], [(0, 0), (50, 80)], [(50, 80), (100, 0)])
    assert edge_betweenness(net).through.tolist() == [1.0, 1.0, 1.0]
    assert edge_betweenness(net, np.array([60.0, 10.0, 10.0])).through.tolist() == [0.0, 2.0, 2.0]


def test_parts_of_the_radius_are_exact():
    net = made([(0, 0), (100, 0)], [(100, 0), (200, 0)], [(200, 0), (300, 0)])
    assert edge_betweenness(net, radius=200.0).through.tolist() == [2.0, 3.0, 2.0]
    assert edge_betweenness(net, radius=199.9).through.tolist() == [1.0, 1.0, 1.0]


def test_nothing_but_loops():
    found = edge_betweenness(made([(0, 0), (9, 0), (9, 9), (0, 0)]))
    assert found.through.tolist() == [0.0] and found.pairs == 0


def test_cancelling_stops_it():
    def stop(fraction):
        raise Cancelled()

    with pytest.raises(Cancelled):
        edge_betweenness(town(), radius=300.0, progress=stop)


def test_every_edge_needs_a_cost():
    with pytest.raises(ValueError, match="cost"):
        edge_betweenness(grid_with_stubs(), np.full(19, np.nan))
