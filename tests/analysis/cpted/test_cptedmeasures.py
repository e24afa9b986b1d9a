"""Measures, their overlaps, and the best set within a budget."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hotspot_plugin.analysis.cpted import catalogue
from hotspot_plugin.analysis.cpted import cptedmeasures as measures
from hotspot_plugin.analysis.errors import Cancelled, InputError


def line(**more):
    return {**dict.fromkeys(catalogue.COLUMNS, ""), "measure": "light", "principle": "natural surveillance",
            "crimes": "*", **more}


def parse(*rows):
    names = list(catalogue.COLUMNS)
    return catalogue.parse(names, {n: [r[n] for r in rows] for n in names}, range(2, len(rows) + 2), "c.csv")


def test_overlapping_effects_are_never_added():
    # 0.2 of all, then 0.3 of the rest: 1 - 0.8 * 0.7 = 0.44, and not 0.5
    assert measures.together(np.array([100.0]), np.array([[0.2], [0.3]])) == pytest.approx(44.0)
    sets = measures.bundles(np.array([0, 1]))
    gained = measures.prevented(np.array([100.0]), np.array([[0.2], [0.3]]), sets)
    assert sorted(gained) == pytest.approx([20.0, 30.0, 44.0])


def test_one_of_a_family_at_a_place():
    sets = measures.bundles(np.array([0, 0, 1]))
    assert len(sets) == 5 and not (sets[:, 0] & sets[:, 1]).any()


@pytest.mark.parametrize("seed", range(8))
def test_the_best_set_is_that_of_trying_all(seed):
    rng = np.random.default_rng(seed)
    n, m, c = 3, 3, 4
    harm, effects = rng.gamma(1.0, 10.0, (n, c)), rng.uniform(0, 0.4, (m, c)) * (rng.random((m, c)) < 0.7)
    place, measure = (a.ravel() for a in np.meshgrid(np.arange(n), np.arange(m), indexing="ij"))
    cost, families = rng.integers(1, 10, n * m).astype(float), np.array([0, 0, 1])
    budget = float(cost.sum() * rng.uniform(0.2, 0.7))
    best = 0.0
    for taken in itertools.product((False, True), repeat=n * m):
        chosen = np.array(taken)
        both = any((chosen & (place == i) & (measure < 2)).sum() > 1 for i in range(n))
        if both or cost[chosen].sum() > budget:
            continue
        best = max(best, sum(measures.together(harm[i], effects[measure[chosen & (place == i)]]) for i in range(n)))
    plan = measures.Planner(harm, effects, place, measure, cost, families).plan(budget)
    assert plan.gap == 0 and plan.value == pytest.approx(best)
    assert plan.cost <= budget and cost[plan.chosen].sum() == pytest.approx(plan.cost)
    assert measures.outcome(harm, effects, place, measure, plan.chosen).sum() == pytest.approx(best)


def test_a_city_of_a_thousand_places_is_exact():
    rng = np.random.default_rng(1)
    n, m = 1000, 10
    harm, effects = rng.gamma(0.5, 6.0, (n, 12)), rng.uniform(0.05, 0.3, (m, 12)) * (rng.random((m, 12)) < 0.4)
    place, measure = np.repeat(np.arange(n), m), np.tile(np.arange(m), n)
    cost = rng.uniform(500, 20_000, m)[measure] * rng.integers(1, 6, n)[place]
    planner = measures.Planner(harm, effects, place, measure, cost, np.arange(m))
    plan = planner.plan(1e6)
    assert plan.gap == 0 and plan.cost <= 1e6 and plan.chosen.sum() > 50
    more = planner.curve(np.array([2.5e5, 5e5, 1e6]))
    assert (np.diff(more) > 0).all() and more[2] == pytest.approx(plan.value)


def test_of_many_measures_those_that_prevent_most_for_their_cost():
    m = 12
    effects = np.linspace(0.01, 0.12, m)[:, None]
    planner = measures.Planner(np.array([[100.0]]), effects, np.zeros(m, int), np.arange(m), np.ones(m), np.arange(m))
    plan = planner.plan(100.0)
    assert plan.cut == 1 and not plan.chosen[:2].any() and plan.chosen[2:].all()


def test_planning_can_be_stopped():
    def stop(_):
        raise Cancelled()

    with pytest.raises(Cancelled):
        measures.Planner(np.ones((1, 1)), np.full((1, 1), 0.5), np.zeros(1, int), np.zeros(1, int), np.ones(1),
                         np.zeros(1, int), stop)


def test_hours_types_and_doors():
    found = parse(
        line(crimes="robbery", hours="night", effect_low="0.1", effect_high="0.3", source="A"),
        line(measure="guard", effect_low="0.05", effect_high="0.1", source="B"),
        {**line(measure="guard", crimes="burglary", effect_low="0.2", effect_high="0.2", source="C"), "principle": ""},
    )
    share = measures.shares(found, ["Robbery", "Burglary", "Shoplifting"], np.array([False, True, True]))
    # by night only; what has no hour may have been by day
    assert share.low[0, 0].tolist() == [0.0, 0.1, 0.0] and share.about[0, 0].tolist() == [False, True, False]
    assert share.high[0, 0, 1] == 0.3
    # the line that names the type goes before the one for all, and alone counts for what is indoors
    assert (share.low[1, 1] == 0.2).all() and (share.low[1, 0] == 0.05).all() and not share.about[1, 2].any()


def test_quantities_are_whole_and_by_rule():
    found = parse(line(amount="3", per="100 m"), line(measure="lot", per="vac_n"), line(measure="site"))
    out = measures.quantities(found, np.array([40.0, 210.0]), np.ones(2), {"vac_n": np.array([np.nan, 2.0])})
    assert out[:, 0].tolist() == [2, 7] and np.isnan(out[0, 1]) and out[1, 1] == 2 and out[:, 2].tolist() == [1, 1]


@pytest.mark.parametrize("change, words", [
    ({"measure": "Better light"}, "no name of a measure"),
    ({"principle": "luck"}, "no principle"),
    ({"crimes": ""}, "no crime type"),
    ({"hours": "dusk"}, "hours are any, day or night"),
    ({"effect_low": "0.1"}, "both or not at all"),
    ({"effect_low": "0.5", "effect_high": "0.2", "source": "A"}, "low at most high"),
    ({"effect_low": "14", "effect_high": "21", "source": "A"}, "a share such as 0.14"),
    ({"effect_low": "0.1", "effect_high": "0.2"}, "needs its published source"),
    ({"amount": "-1"}, "amount must be above 0"),
    ({"amount": "many"}, "is no number"),
    ({"restrictive": "perhaps"}, "restrictive is yes or no"),
])
def test_a_faulty_line_is_named(change, words):
    with pytest.raises(InputError) as caught:
        parse(line(measure="good"), line(**change))
    assert words in caught.value.text.format(**caught.value.values) and caught.value.values["line"] == 3


def test_a_measure_stands_once():
    with pytest.raises(InputError, match="there twice"):
        parse(line(), line())
    with pytest.raises(InputError, match="no column"):
        catalogue.parse(["measure"], {"measure": ["x"]}, [2], "c.csv")


@pytest.mark.parametrize("row, words", [
    (("x", "1", "2"), "has no measure"), (("light", "3", "2"), "must be numbers"), (("light", "a", "2"), "must be"),
    (("light", "", ""), "holds no cost"),
])
def test_costs_that_cannot_be(row, words):
    with pytest.raises(InputError, match=words):
        catalogue.parse_costs(["measure", "cost_low", "cost_high"],
                              dict(zip(("measure", "cost_low", "cost_high"), ([v] for v in row))), [2], "k.csv",
                              parse(line()))
