"""The street graph: known small networks, joints, and paths that lead through."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis import crossings, network


def lines(*parts):
    """Corners of lines and where each begins."""
    count = [len(part) for part in parts]
    return np.concatenate([np.asarray(part, float) for part in parts]), np.cumsum([0, *count[:-1]])


def made(*parts, tolerance=0.0):
    """A network of lines joined where their ends meet."""
    vertices, start = lines(*parts)
    first, last = network.ends_of(vertices, start)
    node = network.snap(np.concatenate([first, last]), tolerance)
    return network.build(first, last, network.lengths_of(vertices, start), node)


def grid(rows, columns, side=100.0):
    """Streets of a grid, one a block side."""
    out = []
    for r in range(rows):
        for c in range(columns):
            if c + 1 < columns:
                out.append([(c * side, r * side), ((c + 1) * side, r * side)])
            if r + 1 < rows:
                out.append([(c * side, r * side), (c * side, (r + 1) * side)])
    return out


def grid_with_stubs():
    """The network of the reference numbers: 3 x 4 grid and two stubs."""
    return made(*grid(3, 4), [(0, 0), (-100, 0)], [(300, 200), (400, 200)])


def test_reference_indices():
    # computed with networkx 3.4 on the same graph; formulas of Kansky (1963)
    found = network.indices(grid_with_stubs())
    assert (found.nodes, found.edges, found.components, found.dead_ends) == (14, 19, 1, 2)
    assert found.dead_end_share == pytest.approx(0.142857, abs=5e-7)
    assert found.alpha == pytest.approx(0.26087, abs=5e-6)
    assert found.beta == pytest.approx(1.35714, abs=5e-6)
    assert found.gamma == pytest.approx(0.52778, abs=5e-6)


def test_a_network_too_small_has_no_indices():
    found = network.indices(made([(0, 0), (100, 0)]))
    assert found.dead_end_share == 1.0 and np.isnan(found.alpha) and np.isnan(found.gamma)


def test_components_are_numbered_by_their_streets():
    net = made([(0, 0), (10, 0)], [(500, 0), (600, 0)], [(600, 0), (700, 0)])
    assert net.components()[net.start].tolist() == [1, 0, 0]


def test_ends_within_the_tolerance_meet():
    apart = ([(0, 0), (99.2, 0)], [(100, 0), (200, 0)])
    assert made(*apart).nodes == 4
    net = made(*apart, tolerance=1.0)
    assert net.nodes == 3 and net.spread.max() == pytest.approx(0.4)
    assert net.x[net.end[0]] == pytest.approx(99.6)


def test_joining_does_not_depend_on_the_order():
    rng = np.random.default_rng(3)
    xy = rng.uniform(0, 30, (200, 2))
    order = rng.permutation(200)
    one, other = network.snap(xy, 1.0), network.snap(xy[order], 1.0)
    assert np.array_equal(one[order][:, None] == one[order], other[:, None] == other)
    assert one[0] == 0 and other[0] == 0


def test_named_nodes_win_over_places():
    xy = np.array([[0, 0], [100, 0], [100, 0], [200, 0], [200.3, 0]], float)
    # the same place but different nodes: a bridge; an end without a name joins the named one beside it
    node, wrong = network.by_key(np.array(["1", "2", "3", "4", None], object), xy, 1.0)
    assert node.tolist() == [0, 1, 2, 3, 3] and wrong == 0
    assert network.by_key(np.array([None, None, "7"], object), xy[[0, 1, 3]], 1.0)[0].tolist() == [0, 1, 2]


def test_a_node_number_at_two_places_is_told_apart():
    xy = np.array([[0, 0], [20, 0], [5000, 0], [40, 0]], float)
    node, wrong = network.by_key(np.array(["1", "1", "1", "2"], object), xy, 1.0)
    assert node.tolist() == [0, 0, 1, 2] and wrong == 1


def test_loops_and_lengths():
    net = made([(0, 0), (10, 0), (10, 10), (0, 0)], [(0, 0), (30, 40)])
    assert net.degree.tolist() == [3, 1]
    assert net.length == pytest.approx([20 + np.sqrt(200), 50])


def test_paths_that_lead_through_and_blind_alleys():
    parts = [
        [(0, 0), (100, 0)], [(0, 100), (100, 100)], [(100, 0), (100, 100)],  # streets
        [(0, 0), (0, 50)], [(0, 50), (0, 100)],  # a cut-through of two pieces
        [(0, 50), (20, 50)],  # a stub from its middle
        [(100, 0), (150, 0)], [(150, 0), (170, 0)],  # a blind alley
        [(0, 100), (-20, 120), (-40, 100)], [(-40, 100), (0, 100)],  # only a circle
    ]
    net = made(*parts)
    path = np.arange(len(parts)) >= 3
    assert network.leads_through(net, path).tolist() == [False] * 3 + [True, True] + [False] * 5


# --- crossings -----------------------------------------------------------------------------
def crossed():
    """A long street, one that crosses it, one that ends just short of it, and one that meets its end."""
    return lines([(0, 0), (100, 0)], [(50, -50), (50, 50)], [(20, 0.3), (20, 40)], [(100, 0), (100, 50)])


def test_touches_and_crossings_are_counted():
    found = crossings.find(*crossed(), 1.0)
    assert (found.touches, found.crossings, found.other_level) == (1, 1, 0)
    assert sorted(zip(found.part.tolist(), found.along.tolist())) == [(0, 20.0), (0, 50.0), (1, 50.0)]
    assert crossings.find(*crossed(), 0.1).touches == 0


def test_lines_of_different_levels_are_not_cut():
    found = crossings.find(*crossed(), 1.0, level=np.array([0, 1, 0, 0]))
    assert (found.touches, found.crossings, found.other_level) == (1, 0, 1)


@pytest.mark.parametrize("also, sources", [(False, [0, 0, 1, 2, 3]), (True, [0, 0, 0, 1, 1, 2, 3])])
def test_cutting_keeps_all_length(also, sources):
    vertices, start = crossed()
    parts = crossings.cut(vertices, start, crossings.find(vertices, start, 1.0), also, 1.0)
    assert parts.source.tolist() == sources
    before = network.lengths_of(vertices, start)
    after = np.bincount(parts.source, network.lengths_of(parts.vertices, parts.part_start))
    assert after == pytest.approx(before)


def test_random_lines_against_shapes():
    """As many crossings as GEOS finds, and the graph of the cut lines meets at each."""
    from qgis.core import QgsGeometry

    rng = np.random.default_rng(8)
    ends = rng.uniform(0, 1000, (60, 2, 2))
    parts = list(ends)
    vertices, start = lines(*parts)
    shapes = [QgsGeometry.fromWkt(f"LINESTRING({a[0]!r} {a[1]!r},{b[0]!r} {b[1]!r})".replace("np.float64", ""))
              for a, b in ends]
    expected = sum(shapes[i].intersects(shapes[j]) for i in range(60) for j in range(i))
    found = crossings.find(vertices, start, 1e-6)
    assert found.crossings == expected > 100
    cut = crossings.cut(vertices, start, found, True, 1e-6)
    net = made(*np.split(cut.vertices, cut.part_start[1:]), tolerance=1e-6)
    assert (net.degree == 4).sum() == expected and (net.degree == 1).sum() == 120


def test_crossings_at_corners_and_on_shared_ends_are_counted_once():
    vertices, start = lines([(0, 0), (50, 0), (100, 0)], [(50, -10), (50, 0), (50, 10)])
    found = crossings.find(vertices, start, 0.5)
    assert (found.crossings, found.touches) == (1, 0)
    vertices, start = lines([(0, 0), (100, 0)], [(50, 0), (50, 10)])  # ends exactly on it
    found = crossings.find(vertices, start, 0.5)
    assert (found.crossings, found.touches) == (0, 1)
