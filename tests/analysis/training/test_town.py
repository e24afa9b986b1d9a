"""A practice town: the same one each time, whole, and with what was planted in it."""
from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.training import crimetypes as ct
from hotspot_plugin.analysis.training import (
    town,
    townexport,
    townincidents,
    townpeople,
    townplaces,
    towntruth,
)
from hotspot_plugin.analysis.training import townplan as tp
from hotspot_plugin.analysis.training.draws import Stream


@pytest.fixture(scope="module")
def small():
    return town.make(1, 2_500, 2)


@pytest.fixture(scope="module")
def city():
    return town.make(3, 20_000, 2)


#: written down with numpy 1.24 and Python 3.11
DIGESTS = {(1, 150, 2): "4eede3a2675fc0f5", (1, 2_500, 2): "2bf6b47bb80d5583"}


@pytest.mark.parametrize("which", list(DIGESTS))
def test_the_same_town_on_every_version(which):
    assert town.digest(town.make(*which)) == DIGESTS[which]


def test_blocks_fill_the_town_without_gap_or_overlap(small):
    plan = small.plan
    edges = [(u, f[(i + 1) % len(f)]) for f in plan.faces for i, u in enumerate(f)]
    assert len(set(edges)) == len(edges)  # no edge is walked twice the same way
    outer = sum(area(plan.xy[ring]) for ring in plan.town_rings)
    assert plan.area.sum() == pytest.approx(outer, rel=1e-9) and (plan.area > 0).mean() > 0.99
    for beat, rings in enumerate(plan.beat_rings):
        assert sum(area(plan.xy[r]) for r in rings) == pytest.approx(plan.area[plan.beat == beat].sum(), rel=1e-6)


def area(ring):
    x, y = ring.T
    return float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2)


def test_streets_are_one_network_but_for_a_few(small):
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    plan = small.plan
    n = len(plan.xy)
    graph = coo_matrix((np.ones(len(plan.street_u)), (plan.street_u, plan.street_v)), (n, n))
    _, part = connected_components(graph, directed=False)
    used = part[plan.street_u]
    assert np.bincount(used).max() / len(used) > 0.95
    assert all(plan.names[line] for line in plan.street_line.tolist() if plan.kinds[line] != tp.PATH)


def test_buildings_stand_clear_of_one_another_and_of_the_street(small):
    from scipy.spatial import cKDTree

    rings = small.fabric.rings
    middle = rings[:, :4].mean(axis=1)
    sides = np.hypot(*(rings[:, 1] - rings[:, 0]).T), np.hypot(*(rings[:, 2] - rings[:, 1]).T)
    inner = np.minimum(*sides) / 2
    pairs = cKDTree(middle).query_pairs(30.0, output_type="ndarray")
    apart = np.hypot(*(middle[pairs[:, 0]] - middle[pairs[:, 1]]).T)
    # circles that fit into both must not overlap
    assert (apart < 0.98 * (inner[pairs[:, 0]] + inner[pairs[:, 1]])).mean() < 0.002
    assert small.fabric.residents.sum() == small.residents
    address = list(zip(small.fabric.street.tolist(), small.fabric.number.tolist()))
    assert len(set(address)) == len(address)


@pytest.mark.parametrize(("per_year", "years"), [(150, 1), (150, 3), (700, 1)])
def test_any_size_is_whole(per_year, years):
    made = town.make(11, per_year, years)
    assert len(made.incidents) == pytest.approx(per_year * years, abs=6 * np.sqrt(per_year * years))
    assert any(s.treated for s in made.spots) and not all(s.treated for s in made.spots)
    assert len(towntruth.table(made).rows) > 100


def test_counts_of_hot_spots_are_those_planted(city):
    inc, years = city.incidents, city.settings.days / 365.25
    for spot in city.spots:
        mine = (inc.origin == townincidents.HOT_SPOT) & (inc.planted == spot.number)
        assert mine.sum() + inc.prevented[spot.number] >= spot.per_year * years - 5 * np.sqrt(spot.per_year * years)
        x, y = city.places.x[inc.place[mine]], city.places.y[inc.place[mine]]
        assert np.hypot(x - spot.x, y - spot.y).max() <= spot.radius
        assert set(np.unique(inc.type[mine]).tolist()) <= set(spot.types)
        hour = inc.moment[mine] % 1440 // 60
        window = [(spot.first + k) % 24 for k in range(spot.hours)]
        assert np.isin(hour, window).mean() > spot.in_window - 0.05


def test_the_effect_is_the_one_planted(city):
    """Counts of the types worked on in the treated circles, a year against a year."""
    settings, inc = city.settings, city.incidents
    inside = np.zeros(len(city.places), bool)
    for places in townincidents.treated_places(city.places, city.spots).values():
        inside[places] = True
    here = inside[inc.place] & np.isin(inc.type, townplaces.WORKED_ON)
    start = int((settings.start - settings.first_day).astype(int)) * 1440
    before, after = (here & (inc.moment < start)).sum(), (here & (inc.moment >= start)).sum()
    ratio, spread = after / before, np.sqrt(1 / after + 1 / before)
    assert abs(np.log(ratio / settings.effect)) < 3 * spread
    assert inc.prevented.sum() == pytest.approx(before * (1 - settings.effect), rel=0.12)
    assert inc.moved.sum() / inc.prevented.sum() == pytest.approx(settings.displaced, abs=0.06)
    displaced = inc.origin == townincidents.DISPLACED
    assert displaced.sum() == inc.moved.sum() and not inside[inc.place[displaced]].any()


def test_no_effect_leaves_all(small):
    same = town.make(1, 2_500, 2, effect=1.0)
    assert same.incidents.prevented.sum() == 0 and len(same.incidents) > len(small.incidents)


def test_burglaries_come_near_burglaries(city):
    """The Knox ratio within 100 m and 7 days, against the exact expectation when times are shuffled."""
    from scipy.spatial import cKDTree

    inc = city.incidents
    mine = (inc.type == ct.BURGLARY) & np.isin(inc.origin, (townincidents.BACKGROUND, townincidents.NEAR_REPEAT))
    xy = np.column_stack([city.places.x[inc.place[mine]], city.places.y[inc.place[mine]]])
    day = inc.moment[mine] / 1440
    near = cKDTree(xy).query_pairs(100.0, output_type="ndarray")
    close = np.abs(day[near[:, 0]] - day[near[:, 1]]) < 7
    ordered = np.sort(day)
    soon = (np.searchsorted(ordered, ordered + 7) - np.arange(len(day)) - 1).sum()
    expected = len(near) * soon / (len(day) * (len(day) - 1) / 2)
    assert close.sum() / expected > 1.5
    follower = np.flatnonzero(inc.origin == townincidents.NEAR_REPEAT)
    parent = inc.planted[follower]
    assert (inc.type[parent] == ct.BURGLARY).all()
    later = inc.moment[follower] // 1440 - inc.moment[parent] // 1440
    assert later.min() >= 0 and later.max() <= 15


def test_records_have_sound_times(small):
    inc = small.incidents
    assert (inc.begin <= inc.moment).all() and (inc.moment <= inc.end).all() and (inc.end < inc.report).all()
    assert (np.diff(inc.report) >= 0).all()
    hidden = inc.end > inc.begin
    assert 0.2 < hidden.mean() < 0.4 and not hidden[inc.type == ct.DISORDER].any()


def test_a_few_places_have_most(city):
    count = np.sort(np.bincount(city.incidents.place, minlength=len(city.places)))[::-1]
    half = np.searchsorted(np.cumsum(count), count.sum() / 2) / len(count)
    assert 0.01 < half < 0.12


def test_people_say_what_was_planted(city):
    people = city.people
    kinds = {a.kind for a in people.areas}
    assert kinds == {townpeople.MATCHED, townpeople.FEARED, townpeople.UNHEARD, townpeople.CAMPAIGN}
    campaign = next(a for a in people.areas if a.kind == townpeople.CAMPAIGN)
    loud = people.reports["org"] != ""
    assert loud.sum() == campaign.reports and len(set(people.reports["voice_id"][loud])) == campaign.voices
    days = people.reports["said_on"][loud]
    assert (days.max() - days.min()).astype(int) <= 14
    survey = people.survey
    treated = people.treated[[city.plan.beat_names.index(a) for a in survey["area"]]]
    for question, gain in townpeople.GAINS.items():
        answers, weight = survey[question], survey["weight"]
        known = answers != townpeople.NO_ANSWER
        means = [np.average(answers[known & treated & (survey["wave"] == w)],
                            weights=weight[known & treated & (survey["wave"] == w)]) for w in ("before", "after")]
        assert means[1] - means[0] == pytest.approx(gain, abs=0.3)


def test_the_export_has_the_faults_that_are_told(small):
    export = townexport.make(Stream(1, "export"), small)
    inc = small.incidents
    repeats = export.faults["repeat_id"] | export.faults["repeat_noid"]
    assert len(export) == len(inc) - len(export.late) + repeats.sum()
    violence = inc.type[export.of] == ct.VIOLENCE
    gone = export.faults["noplace"]
    assert gone[violence].mean() > 0.15 > 0.08 > gone[~violence].mean()
    assert np.isnan(export.x[gone]).all() and (export.begin[export.faults["midnight"]] % 1440 == 0).all()
    recoded = export.faults["recoded"]
    assert (export.type[recoded] == ct.ORDER).all() and (inc.type[export.of[recoded]] == ct.DISORDER).all()
    told = townexport.spoiled(export)
    assert sum("midnight" in text for text in told) == export.faults["midnight"].sum()
    assert set(townexport.FAULTS) - {"late"} == set(export.faults)


def test_every_truth_is_a_value_or_a_text(small):
    columns = towntruth.table(small).columns()
    has_value = np.isfinite(columns["value"])
    assert (has_value ^ (columns["text"] != "")).all()
    about = set(columns["what"].tolist())
    assert {"hot spot", "repeat location", "near repeat", "intervention", "survey area", "type"} <= about
