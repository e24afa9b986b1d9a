"""Streets and gaps by hand."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.cpted import lightstreets as streets
from hotspot_plugin.analysis.cpted.lightingcoverage import Lights, at_points


def lines(*given):
    vertices = np.concatenate([np.asarray(line, float) for line in given])
    owner = np.repeat(np.arange(len(given)), [len(line) for line in given])
    starts = np.concatenate([[0], np.cumsum([len(line) for line in given])[:-1]])
    return vertices, owner, starts


def test_pieces_hold_the_whole_length_and_bend_with_the_street():
    pieces = streets.cut(*lines([(0, 0), (10, 0), (10, 4)], [(0, 50), (1, 50), (1, 50), (7, 50)]))
    np.testing.assert_allclose(np.bincount(pieces.street, pieces.length), [14, 7])
    assert pieces.length.max() <= streets.SPACING + 1e-9 and len(pieces) == 4 + 2 + 1 + 2
    assert set(pieces.strand) == {0, 1}


def test_a_street_below_three_poles():
    """Midpoints of half metres give 10.97566 as the mean, by hand, and the minimum beside the middle."""
    pieces = streets.cut(*lines([(0, 0), (60, 0)]), spacing=0.5)
    full = np.ones(3)
    given = Lights(np.array([0.0, 30, 60]), np.zeros(3), 6 * full, 1000 * full, 1000 * full)
    lux = at_points(*pieces.middle, given)
    near = streets.nearest_light(pieces, given.x, given.y, 30.0)
    known = streets.near_pieces(pieces, near, given.x, given.y, 30.0)
    found = streets.summarise(pieces, lux, known, near, near, 1, 6.0)
    assert found.mean[0] == pytest.approx(10.97566, abs=1e-5) and found.minimum[0] == pytest.approx(2.91238, abs=1e-5)
    assert found.uniformity[0] == pytest.approx(2.91238 / 10.97566, abs=1e-6)
    assert found.status[0] == streets.LIT and found.known[0] == 1 and found.nearest[0] == 0
    assert found.below[0] == pytest.approx((lux < 6.0).mean())


def test_the_distance_to_a_light_is_that_of_the_piece_and_not_of_its_middle():
    pieces = streets.cut(*lines([(0, 0), (3, 0)], [(0, 100), (3, 100)]))
    x, y = np.array([13.0, 1.0]), np.array([0.0, 40.0])
    np.testing.assert_allclose(streets.nearest_light(pieces, x, y, 10.0), [10.0, np.inf])
    assert np.isinf(streets.nearest_light(pieces, x[:0], y[:0], 10.0)).all()


def test_the_length_near_a_light_is_right():
    """A light beside a street of 100 m, 24 m away: the chord of a circle of 30 m is 36 m long."""
    pieces = streets.cut(*lines([(0, 0), (100, 0)], [(24.5, 53.5), (24.5, 90)]), spacing=0.1)
    x, y = np.array([50.0]), np.array([24.0])
    record = streets.nearest_light(pieces, x, y, 30.0)
    near = streets.near_pieces(pieces, record, x, y, 30.0)
    assert np.bincount(pieces.street, pieces.length * near)[0] == pytest.approx(36.0, abs=0.11)
    # the second street only touches the circle if at all; then one piece of it is known
    assert near[pieces.street == 1].sum() == np.isfinite(record[pieces.street == 1]).any()


def test_a_street_whose_very_end_is_near_has_one_known_piece():
    pieces = streets.cut(*lines([(0, 0), (30, 0)]))
    x, y = np.array([-29.0]), np.array([0.0])
    record = streets.nearest_light(pieces, x, y, 29.0)
    assert streets.near_pieces(pieces, record, x, y, 29.0).tolist() == [True] + [False] * 9


def test_dark_is_not_unknown():
    pieces = streets.cut(*lines([(0, 0), (30, 0)], [(0, 500), (30, 500)], [(0, 900), (30, 900)]))
    lux = np.where(pieces.street == 0, 5.0, 0.0)
    record = np.where(pieces.street < 2, 4.0, np.inf)  # a light that is out stands at the second
    working = np.where(pieces.street == 0, 4.0, np.inf)
    found = streets.summarise(pieces, lux, np.isfinite(record), record, working, 3, 1.0)
    assert found.status.tolist() == [streets.LIT, streets.DARK, streets.UNKNOWN]
    assert found.mean[:2].tolist() == [5.0, 0.0] and np.isnan(found.mean[2]) and np.isnan(found.below[2])
    assert found.known.tolist() == [1.0, 1.0, 0.0] and np.isnan(found.uniformity[1])
    assert found.nearest_record.tolist() == [4.0, 4.0, np.inf]
    found = streets.summarise(pieces, lux, np.ones(len(pieces), bool), record, working, 3, 1.0)
    assert found.status.tolist() == [streets.LIT, streets.DARK, streets.DARK] and found.mean[2] == 0


def test_classes():
    mean, minimum = np.array([15.0, 9.9, 5.0, 5.0, 1.0, np.nan]), np.array([3.0, 2.0, 1.0, 0.7, 0.5, np.nan])
    best = streets.best_class(streets.EN_13201, mean, minimum)
    names = [streets.EN_13201[i].name if i >= 0 else i for i in best]
    assert names == ["P1", "P3", "P4", "P5", -1, -2]


def test_the_rp_8_classes_ask_for_a_ratio():
    local_low = streets.RP_8[-1]
    assert (local_low.name, local_low.mean, local_low.ratio) == ("RP-8 local low", 4.0, 6.0)
    met = local_low.met(np.array([4.0, 12.0, 12.0, 3.9]), np.array([0.67, 1.9, 2.0, 3.0]))
    assert met.tolist() == [True, False, True, False]
    assert [c.mean for c in streets.RP_8] == [17, 13, 9, 12, 9, 6, 9, 7, 4]


def test_gaps_run_over_corners_and_keep_their_kind():
    pieces = streets.cut(*lines([(0, 0), (30, 0)], [(30, 0), (60, 0)], [(60, 0), (90, 0)], [(0, 70), (9, 70)]))
    x, _ = pieces.middle
    lux = np.where((pieces.street < 3) & (x > 15) & (x < 66), 0.2, 4.0)
    lux[pieces.street == 3] = 0.0
    known = np.ones(len(pieces), bool)
    gaps = streets.find_gaps(pieces, lux, known, 1.0, 20.0)
    assert gaps.gap.tolist() == [1, 1, 1] and gaps.street.tolist() == [0, 1, 2]
    np.testing.assert_allclose(gaps.length, [15, 30, 6])
    np.testing.assert_allclose(gaps.whole, 51)
    np.testing.assert_allclose(gaps.mean, 0.2)
    # the middle street has no light on record: what is dark does not run on in what is unknown
    known = pieces.street != 1
    gaps = streets.find_gaps(pieces, lux, known, 1.0, 1.0)
    assert gaps.state.tolist() == [streets.DARK, streets.DARK, streets.DARK, streets.UNKNOWN]
    np.testing.assert_allclose(gaps.whole, [15, 9, 6, 30])
    assert gaps.gap.tolist() == [1, 2, 3, 4] and np.isnan(gaps.mean[3])


def test_no_gap():
    pieces = streets.cut(*lines([(0, 0), (30, 0)]))
    gaps = streets.find_gaps(pieces, np.full(len(pieces), 9.0), np.ones(len(pieces), bool), 1.0, 10.0)
    assert len(gaps.gap) == 0
