"""Ranks, lists, concentration and make-up of repeat locations, on numbers that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.errors import Cancelled
from hotspot_plugin.analysis.hotspots import repeatlocations as analysis

NAT = np.datetime64("NaT", "ms")


def ranked(now, before, least=3, top=20, only_known=True):
    """Places 0, 1, ... with so many incidents now and before."""
    place = np.concatenate([np.repeat(np.arange(len(now)), now), np.repeat(np.arange(len(now)), before)])
    flag = np.arange(len(place)) < sum(now)
    return analysis.rank_places(place, flag, len(now), np.arange(len(now)), least, top, only_known)


def test_equal_numbers_share_a_rank_and_the_next_is_left_out():
    assert analysis.ranks(np.array([5, 9, 5, 0, 1])).tolist() == [2, 1, 2, 0, 4]


def test_the_list_holds_all_places_of_its_last_rank():
    found = ranked([9, 5, 5, 5, 4, 2], [0, 1, 7, 1, 0, 9], top=2)
    assert found.listed.tolist() == [0, 2, 1, 3]  # of equal ones, who had more before, then the order given
    assert found.rank[found.listed].tolist() == [1, 2, 2, 2]
    assert found.rank_before.tolist() == [0, 3, 2, 3, 0, 1]
    assert ranked([9, 5, 2], [0, 0, 0], top=0).listed.tolist() == [0, 1]
    assert ranked([1, 1], [0, 0]).listed.tolist() == []


def test_p_values_are_of_the_upper_tail_and_corrected():
    found = ranked([30] + [2] * 60 + [1] * 60, [0] * 121)
    assert found.p[0] < 1e-12 and found.q[0] < 1e-9 and found.q[1] > 0.05
    whole = ranked([3, 0, 0, 0], [0, 0, 0, 0], only_known=False)
    assert whole.chance.rate == 0.75 and whole.p[1] == 1.0
    assert whole.p[0] == pytest.approx(1 - np.exp(-0.75) * (1 + 0.75 + 0.75**2 / 2))


def test_places_known_only_from_before_are_no_places_of_the_window():
    found = ranked([3, 0, 2], [1, 5, 0])
    assert found.chance.places == 2 and np.isnan(found.p[1]) and found.with_incidents == 2
    assert analysis.concentration(found, 3, 20).places == 2


def test_concentration():
    found = ranked([50, 20, 10, 10, 5, 5], [40, 1, 30, 0, 0, 0])
    facts = analysis.concentration(found, 10, 2)
    assert facts.share_top == pytest.approx(0.7) and facts.half == 1 and facts.repeat == 4
    assert facts.repeat_share == pytest.approx(0.9)
    assert (facts.still, facts.still_of) == (1, 2)
    assert facts.share_top_chance < 0.45 and facts.gini > facts.gini_chance
    assert analysis.concentration(found, 10, 0).top == 6


def test_no_evidence_where_all_is_chance():
    rng = np.random.default_rng(3)
    beyond = 0
    for _ in range(200):
        counts = rng.poisson(2.0, 400)
        beyond += analysis.concentration(ranked(counts, np.zeros(400, int)), 3, 20).beyond > 0
    assert beyond <= 0.07 * 200  # a false discovery rate of 5 %


def test_makeup_of_the_listed_places():
    found = ranked([4, 3, 1], [0, 0, 0])
    place = np.array([0, 0, 0, 0, 1, 1, 1, 2])
    moments = np.array(["2024-01-01T01", "2024-01-01T05", "2024-02-01", NAT, "2024-03-03", "2024-03-04", "2024-03-05",
                        "2024-01-01"], "M8[ms]")
    kind = np.array([2, 1, 1, 2, 0, -1, 0, 1])
    made = analysis.makeup(found, place, moments, kind, np.array([0, 0, 1, -1, 5, 5, 5, 6]))
    assert made.days.tolist() == [2, 3] and made.months.tolist() == [2, 1]
    assert made.latest.astype(str).tolist() == ["2024-02-01", "2024-03-05"]
    assert made.types.value.tolist() == [1, 0] and made.types.times.tolist() == [2, 2]  # of equal ones the first
    assert made.types.kinds.tolist() == [2, 1] and made.addresses.tolist() == [2, 1]
    none = analysis.makeup(found, place, None, None, None)
    assert none.days.tolist() == [0, 0] and none.types is None and np.isnat(none.latest).all()


def test_a_default_place_has_all_types_as_everywhere_and_a_shop_has_one():
    overall = np.array([400, 300, 200, 100])
    default, shop = np.repeat([0, 1, 2, 3], [16, 12, 8, 4]), np.zeros(40, int)
    few = np.array([0, 1, 2])
    owner = np.repeat([0, 1, 2], [40, 40, 3])
    found = analysis.like_a_default(owner, np.concatenate([default, shop, few]), 3, overall)
    assert found.tolist() == [True, False, False]


def test_a_changed_geocoder_is_seen_in_the_addresses():
    address = np.repeat([0, 1, 2, 3], 12)
    now = np.tile(np.repeat([True, False], 6), 4)
    place = np.where(now, address, address + 10)
    place[address == 3] = 3
    assert analysis.moved(address, place, now) == (0.75, 4)
    share, number = analysis.moved(np.full(5, -1), np.zeros(5, int), np.ones(5, bool))
    assert np.isnan(share) and number == 0


def test_makeup_can_be_cancelled():
    def stop(fraction):
        raise Cancelled()

    with pytest.raises(Cancelled):
        analysis.makeup(ranked([4], [0]), np.zeros(4, int), None, None, None, stop)
