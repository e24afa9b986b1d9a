"""The change in spatial pattern as a user runs it."""

from __future__ import annotations

import numpy as np
import processing
import pytest
from qgis.core import QgsFeature, QgsProcessingException, QgsVectorLayer
from scipy import stats

from hotspot_plugin.analysis.evaluation import patternchange as sppt
from tests.algorithms.evaluation.comparing import YEARS, area_layer, incident_layer, many, null, rows_of, vancouver
from tests.algorithms.samples import Listener
from tests.analysis.evaluation.test_patternchange import EARLY, LATE


@pytest.fixture
def run_pattern(provider):
    """Return a function that runs the tool."""

    def run(areas, listener=None, **more):
        given = {"AREAS": areas, "OUTPUT": "memory:", "DRAWS": 199, **more}
        return processing.run("hotspot:patternchange", given, feedback=listener)

    return run


def counted(early=EARLY, late=LATE):
    """Squares with counts in fields."""
    layer = area_layer(len(early))
    layer.dataProvider().addAttributes(QgsVectorLayer("None?field=n1:integer&field=n2:double", "x", "memory").fields())
    layer.updateFields()
    for feature, one, two in zip(list(layer.getFeatures()), early, late):
        layer.dataProvider().changeAttributeValues(
            {feature.id(): {1: None if one is None else int(one), 2: None if two is None else float(two)}})
    return layer


FIELDS = {"BEFORE_FIELD": "n1", "AFTER_FIELD": "n2"}


def test_counts_in_fields(run_pattern):
    result = run_pattern(counted(), **FIELDS, METHOD=1)
    rows = rows_of(result)
    assert (result["BEFORE"], result["AFTER"], result["USED"], result["EMPTY_COUNT"]) == (150, 158, 8, 1)
    assert (result["S"], result["GAINED_COUNT"], result["LOST_COUNT"]) == (0.75, 1, 1)
    assert result["S_ROBUST"] == pytest.approx(5 / 7) and result["P_VALUE"] == pytest.approx(1 / 200)
    first = rows[0]
    assert first["pat_p"] == pytest.approx(4.739490461448172e-08, rel=1e-9)
    assert first["localS"] == -1 and first["pat_class"].startswith("Lost share")
    assert first["prev_share"] == pytest.approx(0.4) and first["diff_high"] < 0
    assert null(rows[4]["localS"]) and null(rows[4]["pat_p"]) and rows[4]["pat_class"].startswith("No incidents")


def test_incidents_give_what_their_counts_give(run_pattern):
    rows = [r for k, n in enumerate(EARLY) for r in many(int(n), 50 + 100 * k, "2023-03-04")]
    rows += [r for k, n in enumerate(LATE) for r in many(int(n), 50 + 100 * k, "2024-03-04")]
    listener = Listener()
    layer = incident_layer(rows + many(60, 5000, "2024-05-05"))
    result = run_pattern(area_layer(8), listener, INCIDENTS=layer, **YEARS)
    same = run_pattern(counted(), **FIELDS)
    for name in ("S", "S_ROBUST", "S_CHANCE", "P_VALUE", "GAINED_COUNT", "LOST_COUNT"):
        assert result[name] == same[name]
    assert result["OUTSIDE"] == 60 and any("lie outside the areas" in text for text in listener.warnings)


def test_resampling_says_what_chance_makes_of_s(run_pattern):
    rng = np.random.default_rng(3)
    early, late = rng.poisson(3, (2, 80))
    result = run_pattern(counted(early, late), **FIELDS, METHOD=5)
    # nothing changed, yet most areas "differ": S means nothing without what chance makes of it
    assert result["S_ROBUST"] < 0.6 and result["S_CHANCE_LOW"] <= result["S_ROBUST"] <= result["S_CHANCE_HIGH"]
    assert result["P_VALUE"] > 0.05 and "no proof that nothing moved" in result["SUMMARY"]
    assert "does not allow for the number of areas" in result["SUMMARY"]
    assert all(null(row["pat_q"]) for row in rows_of(result))


def test_a_missing_count_is_told_and_keeps_its_row(run_pattern):
    listener = Listener()
    late = [None if k == 2 else n for k, n in enumerate(LATE.tolist())]
    result = run_pattern(counted(EARLY, late), listener, **FIELDS)
    rows = rows_of(result)
    assert len(rows) == 8 and result["USED"] == 7 and null(rows[2]["CUR_CNT"]) and null(rows[2]["prev_share"])
    assert any("1 of 8 areas lack a count" in text for text in listener.warnings)


@pytest.mark.parametrize("areas, more, name, text", [
    (lambda: counted(), {}, "BEFORE_FIELD", "or give incidents"),
    (lambda: counted(), {"BEFORE_FIELD": "n1", "AFTER_FIELD": "n1"}, "AFTER_FIELD", "chosen twice"),
    (lambda: counted([3, -1], [1, 2]), FIELDS, "BEFORE_FIELD", "negative"),
    (lambda: counted([3, 4], [1.5, 2]), FIELDS, "AFTER_FIELD", "no whole number"),
    (lambda: counted([0, 0], [1, 2]), FIELDS, "BEFORE_FIELD", "no incident at all"),
    (lambda: counted([3], [2]), FIELDS, "AREAS", "one area only"),
])
def test_refusals(run_pattern, areas, more, name, text):
    with pytest.raises(QgsProcessingException, match=text) as caught:
        run_pattern(areas(), **more)
    assert name in str(caught.value)


def test_counts_and_incidents_together_are_refused(run_pattern):
    with pytest.raises(QgsProcessingException, match="Counts are given twice"):
        run_pattern(counted(), INCIDENTS=incident_layer(many(3, 50, "2023-03-04")), **FIELDS)


def test_a_period_outside_all_areas_is_refused(run_pattern):
    rows = many(9, 50, "2023-03-04") + many(9, 5000, "2024-03-04")
    with pytest.raises(QgsProcessingException, match="No incident of .*2024"):
        run_pattern(area_layer(2), INCIDENTS=incident_layer(rows), **YEARS)


def test_the_published_toy_by_its_layers(run_pattern, shared_data):
    """Points outside all areas are dropped, as in R's sppt."""
    folder = shared_data("known/sppt")
    areas = QgsVectorLayer(str(folder / "sppt_areas.sp.gpkg"), "areas", "ogr")
    counts = []
    for number in (1, 2):
        points = QgsVectorLayer(str(folder / f"sppt_points{number}.sp.gpkg"), "points", "ogr")
        where = [f.geometry() for f in points.getFeatures()]
        counts.append([sum(a.geometry().contains(p) for p in where) for a in areas.getFeatures()])
    assert sorted(zip(*counts)) == sorted(zip([2, 2, 2, 1, 0, 1], [2, 1, 2, 2, 1, 1]))
    result = run_pattern(counted(*counts), **FIELDS, METHOD=5)
    assert result["S"] == pytest.approx(0.8333333, abs=1e-7) and result["LOST_COUNT"] == 1


def test_vancouver_by_neighbourhood(run_pattern, shared_data):
    before, after = (vancouver(shared_data(f"vancouver/vpd_crime_{year}.csv.gz")) for year in (2023, 2024))
    areas = f"{shared_data('vancouver/vancouver.gpkg')}|layername={_areas_of(shared_data)}"
    result = run_pattern(areas, INCIDENTS=before, AFTER_INCIDENTS=after, TYPE_FIELD="ctype", **YEARS)
    assert result["USED"] == 22 and result["BEFORE"] + result["AFTER"] + result["OUTSIDE"] + result["UNPLACED"] == 70487
    rows = rows_of(result)
    early, late = (np.array([row[name] for row in rows]) for name in ("PREV_CNT", "CUR_CNT"))
    assert stats.chi2_contingency(np.stack([early, late]))[1] < 1e-6 and result["P_VALUE"] == pytest.approx(1 / 200)
    assert [row["localS"] for row in rows] == sppt.compare(early, late).code.tolist()
    assert sum(row["cur_share"] for row in rows) == pytest.approx(1)


def _areas_of(shared_data):
    layer = QgsVectorLayer(str(shared_data("vancouver/vancouver.gpkg")), "v", "ogr")
    names = [text.split("!!::!!")[1] for text in layer.dataProvider().subLayers()]
    return next(name for name in names if "eighbo" in name or "area" in name)


def test_an_edited_selection_is_taken(run_pattern):
    layer = counted()
    layer.startEditing()
    feature = QgsFeature(layer.fields())
    feature.setGeometry(next(layer.getFeatures()).geometry())
    layer.addFeature(feature)
    listener = Listener()
    assert run_pattern(layer, listener, **FIELDS)["USED"] == 8 and any("lack a count" in w for w in listener.warnings)


def test_when_all_areas_are_similar_the_sentence_is_short(run_pattern):
    summary = run_pattern(counted([40, 50, 60], [41, 52, 58]), **FIELDS)["SUMMARY"]
    assert "No single area gained or lost share beyond chance (areas with incidents: 3)." in summary
    assert "S = 100 %" in summary and "100 % to 100 %" not in summary
