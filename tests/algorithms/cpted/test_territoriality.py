"""Frontage and boundaries as a user runs it: plots by hand, refusals that help, a real town."""

from __future__ import annotations

import numpy as np
import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback

from tests.algorithms.cpted.test_accesscontrol import layer_of, lines, null, rows_of
from tests.algorithms.samples import Listener

PUBLIC_BETWEEN, PRIVATE_BETWEEN, UNKNOWN_BETWEEN = 0, 1, 2


def square(x, y, side=40.0, width=None):
    width = width or side
    return [(x, y), (x + width, y), (x + width, y + side), (x, y + side), (x, y)]


def plots(*shapes, rows, fields=("name:string", "use:string", "owner:string")):
    return layer_of("Polygon", shapes, fields=fields, rows=rows)


@pytest.fixture
def run(run_tool):
    def go(units, listener=None, **more):
        given = {"INPUT": units, "OUTPUT": "TEMPORARY_OUTPUT", **more}
        return run_tool("territoriality", given, feedback=listener or QgsProcessingFeedback())

    return go


@pytest.fixture
def street():
    """A house, a vacant lot beside it, a park behind both; the rest is street."""
    return plots(square(0, 0), square(40, 0), square(0, 40, 40, 80), rows=[
        ["house", "Residential", "P"], ["lot", "Vacant land", "P"], ["park", "Park", "City"]])


def test_fences_along_plots(run, street):
    fences = lines([(0, 1), (40, 1)], [(1, 0), (1, 15)], [(1, 20), (1, 40)], [(60, -50), (60, 50)])
    result = run(street, BARRIERS=fences)
    house, lot, park = rows_of(result)
    assert house["front_m"] == pytest.approx(160) and house["bound_sh"] == pytest.approx(75 / 160)
    # the gap between both pieces on the left; behind and to the right no fence stands, which is one wide gap
    assert house["gaps"] == 2 and house["gap_max"] == pytest.approx(80.0)
    assert lot["bound_sh"] == 0.0 and park["bound_sh"] == 0.0
    assert result["BOUND_SHARE"] == pytest.approx(75 / (160 + 160 + 240))
    assert "trans_sh" not in house and result["TRANSITION_SHARE"] is None


def test_where_public_meets_private(run, street):
    fences = lines([(0, 1), (40, 1)])
    more = {"BARRIERS": fences, "LAND": street, "USE_FIELD": "use", "PUBLIC_VALUES": "park"}
    house, lot, park = rows_of(run(street, **more))
    # street in front and at the left, the park behind; the lot at the right is private too
    assert house["trans_sh"] == pytest.approx(0.75) and house["mark_sh"] == pytest.approx(1 / 3)
    assert lot["trans_sh"] == pytest.approx(0.75) and lot["mark_sh"] == 0.0
    # the park meets private land only at its foot
    assert park["trans_sh"] == pytest.approx(80 / 240) and park["pub_sh"] == 1.0 and house["pub_sh"] == 0.0
    unknown = rows_of(run(street, UNCOVERED=UNKNOWN_BETWEEN, **more))
    assert unknown[0]["trans_sh"] == pytest.approx(0.5) and unknown[2]["trans_sh"] == pytest.approx(1.0)
    private = rows_of(run(street, UNCOVERED=PRIVATE_BETWEEN, **more))
    assert private[0]["trans_sh"] == pytest.approx(0.25) and private[2]["trans_sh"] == pytest.approx(1.0)


def test_public_by_owner(run, street):
    result = run(street, LAND=street, OWNER_FIELD="owner", PUBLIC_VALUES="city")
    assert [row["pub_sh"] for row in rows_of(result)] == [0.0, 0.0, 1.0]
    assert result["OWNER_CLASSES"] == 2 and result["MARKED_SHARE"] is None


def test_vacancy_and_mix_of_areas(run, street):
    block = plots(square(0, 0, 80, 80), square(200, 0), rows=[["block", "", ""], ["far", "", ""]])
    result = run(block, LAND=street, USE_FIELD="use", OWNER_FIELD="owner", VACANT_VALUES="vacant*")
    whole, far = rows_of(result)
    share = np.array([1600, 1600, 3200]) / 6400
    assert whole["use_mix"] == pytest.approx(-(share * np.log(share)).sum() / np.log(3))
    assert whole["own_mix"] == pytest.approx(1.0) and (whole["n_uses"], whole["n_owners"]) == (3, 2)
    assert whole["top_use"] == "Park" and whole["vac_sh"] == pytest.approx(0.25) and whole["vac_n"] == 1
    assert whole["land_sh"] == pytest.approx(1.0) and far["land_sh"] == 0.0
    assert null(far["use_mix"]) and null(far["vac_sh"]) and null(far["top_use"]) and far["vac_n"] == 0
    assert result["VACANT_SHARE"] == pytest.approx(0.25) and result["VACANT_COUNT"] == 1
    assert result["USE_CLASSES"] == 3


def test_streets_have_two_sides(run, street):
    road = lines([(0, -10), (80, -10)])
    fences = lines([(0, -1), (40, -1)])
    result = run(road, BARRIERS=fences, LAND=street, USE_FIELD="use", PUBLIC_VALUES="park", VACANT_VALUES="vacant land",
                 DISTANCE=15)
    row = rows_of(result)[0]
    assert row["front_m"] == pytest.approx(160)
    assert (row["bound_l"], row["bound_r"], row["bound_sh"]) == pytest.approx((0.5, 0.0, 0.25))
    # plots on the left only; on the right is no land, hence public
    assert row["trans_sh"] == pytest.approx(0.5) and row["mark_sh"] == pytest.approx(0.5)
    assert row["vac_sh"] == pytest.approx(0.5) and row["land_sh"] == pytest.approx(0.5)
    assert row["use_mix"] == pytest.approx(1.0) and row["n_uses"] == 2


def test_vacant_places_of_their_own(run, street):
    points = layer_of("Point", [[(10, 10)], [(20, 20)], [(500, 500)]])
    result = run(street, VACANT=points)
    assert [row["vac_n"] for row in rows_of(result)] == [2, 0, 0]
    assert result["VACANT_COUNT"] == 2 and result["VACANT_SHARE"] is None
    result = run(street, VACANT=plots(square(20, 0, 40, 40), rows=[["", "", ""]]))
    house, lot, park = rows_of(result)
    assert house["vac_sh"] == pytest.approx(0.5) and lot["vac_sh"] == pytest.approx(0.5) and park["vac_sh"] == 0.0
    assert (house["vac_n"], lot["vac_n"]) == (1, 1) and result["VACANT_COUNT"] == 1
    road = rows_of(run(lines([(0, -10), (80, -10)]), VACANT=layer_of("Point", [[(10, 2)], [(10, 30)]])))[0]
    assert road["vac_n"] == 1


def test_slivers_are_no_use(run):
    land = plots(square(0, 0), square(39.99, 0), rows=[["", "A", ""], ["", "B", ""]])
    first = rows_of(run(plots(square(0, 0), rows=[["", "", ""]]), LAND=land, USE_FIELD="use"))[0]
    assert first["n_uses"] == 1 and null(first["use_mix"])


def test_doubts_are_told(run, street):
    listener = Listener()
    block = plots(square(0, 0, 80, 80), square(200, 0), square(300, 0), rows=[["", "", ""]] * 3)
    over = plots(square(0, 0, 80, 80), square(0, 0, 80, 80), rows=[["", "A", ""], ["", None, ""]])
    run(block, listener, LAND=over, USE_FIELD="use", DISTANCE=None)
    told = " ".join(listener.warnings)
    assert "is not known" in told and "lie over one another" in told and "Only one use" in told
    assert any("DISTANCE is empty: 3" in text for text in listener.infos)
    assert any("1 of 2 pieces of land have no use" in text for text in listener.infos)


def test_refusals_name_the_remedy(run, street):
    for given, words in (
        ({}, r"BARRIERS.*nothing to measure"),
        ({"LAND": street}, r"USE_FIELD.*Choose one"),
        ({"BARRIERS": lines([(0, 0), (9, 9)]), "VACANT_VALUES": "x"}, r"VACANT_VALUES.*Choose the layer of land"),
        ({"LAND": street, "USE_FIELD": "use", "PUBLIC_VALUES": "church"}, r"PUBLIC_VALUES.*The values are: Park"),
        ({"LAND": street, "USE_FIELD": "use", "VACANT_VALUES": "vacant*", "VACANT": street}, r"VACANT.*given twice"),
        ({"BARRIERS": lines([(0, 0), (9, 9)]), "DISTANCE": 0}, r"DISTANCE.*above 0"),
    ):
        with pytest.raises(QgsProcessingException, match=words):
            run(street, **given)


def test_cambridge(run, shared_data, tmp_path):
    path = shared_data("cambridge_ma/cambridge_ma.gpkg")
    result = run(f"{path}|layername=blocks_2020", DISTANCE=12, BARRIERS=f"{path}|layername=fences",
                 MORE_BARRIERS=f"{path}|layername=walls", LAND=f"{path}|layername=zoning", USE_FIELD="ZONE_TYPE",
                 PUBLIC_VALUES="OS", REPORT=str(tmp_path / "r.html"))
    rows = rows_of(result)
    assert len(rows) == 1044 and 0.2 < result["BOUND_SHARE"] < 0.4 and result["KNOWN_SHARE"] > 0.98
    assert 0.05 < result["TRANSITION_SHARE"] < 0.2 and result["USE_CLASSES"] > 50
    assert all(0 <= row["bound_sh"] <= 1 for row in rows)
    assert "Public land meets private land" in (tmp_path / "r.html").read_text(encoding="utf-8")
