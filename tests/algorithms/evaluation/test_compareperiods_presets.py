"""Periods that the tool sets itself, and areas that were chosen for their many incidents."""

from __future__ import annotations

import numpy as np
import pytest
from qgis.core import (
    QgsProcessingException,
)

from tests.algorithms.evaluation.comparing import (
    MONTHS,
    YEARS,
    area_layer,
    incident_layer,
    many,
    rows_of,
    vancouver,
)
from tests.algorithms.samples import Listener

# --- presets ---------------------------------------------------------------------------------
NO_DATES = dict.fromkeys(MONTHS)


def daily(first, last, count=2, x=50):
    """So many incidents on each day, both included, one of them shortly before midnight."""
    days = np.arange(np.datetime64(first, "D"), np.datetime64(last, "D") + 1)
    return [(x, f"{day}T{hour}", "Theft") for day in days for hour in ("08:10", "23:50")[-count:]]


@pytest.mark.parametrize(
    ("preset", "last", "more", "days", "said"),
    [
        (1, "2024-03-31", {}, (28, 28), "2024-03-04 to 2024-03-31 (28 days) with 2024-02-05 to 2024-03-03"),
        (2, "2024-02-29", {}, (28, 28), "2024-02-02 to 2024-02-29 (28 days) with 2023-02-01 to 2023-02-28"),
        (3, "2024-03-31", {}, (56, 7), "2024-03-25 to 2024-03-31 (7 days) with 2024-01-29 to 2024-03-24"),
        (4, "2024-02-29", {}, (59, 60), "2024-01-01 to 2024-02-29 (60 days) with 2023-01-01 to 2023-02-28"),
        (5, "2024-03-31", {}, (365, 366), "2023-04-01 to 2024-03-31 (366 days) with 2022-04-01 to 2023-03-31"),
        (5, "2024-03-31", {"FISCAL_START": 10}, (182, 183),
         "2023-10-01 to 2024-03-31 (183 days) with 2022-10-01 to 2023-03-31"),
    ],
)
def test_presets_count_their_days(compare, preset, last, more, days, said):
    told = Listener()
    result = compare(incident_layer(daily("2022-01-01", "2024-04-30")), listener=told, PRESET=preset, AS_OF=last,
                     **NO_DATES, **more)
    assert (result["BEFORE"], result["AFTER"]) == (2 * days[0], 2 * days[1])
    assert result["PERC"] == pytest.approx(0.0, abs=1e-9)  # a day: leap days and unequal lengths make no change
    assert any(said in text for text in told.infos)
    assert ("a mean of 14.0 a week" in result["SUMMARY"]) == (preset == 3)
    assert any("seasons" in text for text in told.warnings) == (preset in (1, 3))
    assert any("have 56 and 7 days" in text for text in told.warnings) == (preset == 3)


def test_a_preset_is_what_its_dates_are(compare):
    layer = incident_layer(daily("2023-01-01", "2024-04-30") + many(30, 150, "2024-03-20"))
    one = compare(layer, PRESET=2, AS_OF="2024-03-31", **NO_DATES)
    two = compare(layer, BEFORE_START="2023-03-04", BEFORE_END="2023-03-31", AFTER_START="2024-03-04",
                  AFTER_END="2024-03-31")
    for name in set(one) - {"OUTPUT", "PROVENANCE"}:
        assert one[name] == two[name], name
    assert rows_of(one) == rows_of(two)


def test_without_as_of_the_last_complete_day_ends_the_period(compare):
    told = Listener()
    rows = daily("2024-01-01", "2024-06-29") + [(50, "2042-06-30T00:10", "Theft")]
    result = compare(incident_layer(rows), listener=told, PRESET=1, **NO_DATES)
    assert any("Last complete day of the data: 2024-06-29" in text for text in told.infos)
    assert (result["BEFORE"], result["AFTER"]) == (56, 56)
    # where the later period has a layer of its own, that one tells
    told = Listener()
    compare(incident_layer(daily("2023-01-01", "2023-12-31")), listener=told, PRESET=4, **NO_DATES,
            AFTER_INCIDENTS=incident_layer(daily("2024-01-01", "2024-05-31"), "later"))
    assert any("with 2023-01-01 to 2023-05-31" in text for text in told.infos)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"PRESET": 1}, r"\(BEFORE_START\).*not clear which hold.*PRESET to 0"),
        ({"PRESET": 4, **NO_DATES, "AFTER_END": "2024-03-31"}, r"\(AFTER_END\).*AFTER_END.*Leave the four dates empty"),
        ({"AS_OF": "2024-03-31"}, r"\(AS_OF\).*Leave it empty"),
        ({"AFTER_START": None}, r"\(AFTER_START\).*missing.*PRESET"),
        ({**NO_DATES}, r"\(BEFORE_START\).*missing"),
        ({"PRESET": 2, **NO_DATES, "AS_OF": "2023-03-31"}, r"\(PRESET\).*2022-03-04 and 2022-03-31.*run from"),
        ({"PRESET": 1, **NO_DATES, "AS_OF": "2030-01-01"}, r"No incident.*run from"),
        ({"PRESET": 1, **NO_DATES, "AS_OF": "soon"}, r"\(AS_OF\).*not a date|AS_OF"),
        ({"PRESET": 5, **NO_DATES, "FISCAL_START": 13}, "FISCAL_START"),
        ({"PRESET": 1, **NO_DATES, "DATE_FIELD": "ctype"}, r"\(DATE_FIELD\).*date"),
    ],
)
def test_presets_refuse_what_contradicts(compare, change, words):
    with pytest.raises(QgsProcessingException, match=words):
        compare(incident_layer(daily("2023-03-01", "2024-03-31")), **change)


def test_presets_of_monthly_dates(compare):
    months = np.arange("2023-01", "2024-04", dtype="datetime64[M]")
    layer = incident_layer([(50, str(month), "Theft") for month in months for _ in range(20)])
    result = compare(layer, PRESET=4, AS_OF="2024-03-10", **NO_DATES)
    assert (result["BEFORE"], result["AFTER"]) == (40, 40)  # January and February
    with pytest.raises(QgsProcessingException, match=r"\(PRESET\).*no more than the month"):
        compare(layer, PRESET=1, **NO_DATES)


def test_the_sentence_of_chosen_areas_claims_no_fall_in_noise(compare, tmp_path):
    """The 20 busiest of 400 places in a year of noise, compared with themselves in the next."""
    rng = np.random.default_rng(11)
    positions = {year: rng.uniform(0, 40_000, 4000) for year in (2023, 2024)}
    rows = [(float(x), f"{year}-{1 + i % 12:02d}-{1 + i % 28:02d}T08:10", "Theft")
            for year, values in positions.items() for i, x in enumerate(values)]
    counts = np.bincount((positions[2023] // 100).astype(int), minlength=400)
    beats = area_layer(400)
    chosen = set(np.argsort(-counts, kind="stable")[:20] + 1)
    beats.dataProvider().deleteFeatures([f.id() for f in beats.getFeatures() if f.id() not in chosen])
    beats.updateExtents()
    report = tmp_path / "chosen.html"
    incidents = incident_layer(rows)
    plain = compare(incidents, beats, SELECTED_ON=1, **YEARS)
    guarded = compare(incidents, beats, SELECTED_ON=2, REPORT=str(report), **YEARS)
    assert "; more than chance)" in plain["SUMMARY"] and plain["AREAS_P"] < 0.001
    assert "No change is shown: regression to the mean and chance explain it." in guarded["SUMMARY"]
    assert guarded["AREAS_P"] > 0.05 and guarded["MORE_COUNT"] == guarded["FEWER_COUNT"] == 0
    assert guarded["AREAS_BEFORE"] == plain["AREAS_BEFORE"] == pytest.approx(plain["AREAS_EXPECTED"] * 365 / 366)
    assert guarded["AREAS_EXPECTED"] == pytest.approx(200, rel=0.05)
    assert "Allowing for regression to the mean" in report.read_text(encoding="utf-8")
    assert (tmp_path / "chosen_expected.csv").exists()
    # a fall beyond that is told
    fewer = [row for i, row in enumerate(rows) if row[1][:4] == "2023" or i % 3 == 0]
    assert "fewer than regression to the mean and chance explain" in compare(
        incident_layer(fewer), beats, SELECTED_ON=2, **YEARS)["SUMMARY"]


def test_areas_chosen_on_days_of_the_later_period_are_warned_of(run_tool, compare, tmp_path):
    rng = np.random.default_rng(3)
    rows = [(float(x), f"{year}-03-{1 + i % 31:02d}T08:10", "Theft") for year in (2023, 2024)
            for i, x in enumerate(rng.uniform(0, 10_000, 400))]
    layer = incident_layer(rows + many(60, 50, "2024-03-07"))
    path = str(tmp_path / "hot.gpkg")
    run_tool("findhotspots", {"INPUT": layer, "DATE_FIELD": "dt_from", "AS_OF": "2024-03-31", "WINDOW": 31,
                              "CELL_SIZE": 150, "OUTPUT": "TEMPORARY_OUTPUT", "HOTSPOTS": path})
    listener = Listener()
    compare(layer, path, listener=listener)
    assert any("a rise in them is to be expected" in text for text in listener.warnings)


def test_vancouver_presets_on_2024(run_tool, shared_data):
    layers = {year: vancouver(shared_data(f"vancouver/vpd_crime_{year}.csv.gz")) for year in (2023, 2024)}
    areas = f"{shared_data('vancouver/vancouver.gpkg')}|layername=neighbourhoods"

    def rows_between(first, last):
        count = 0
        for layer in layers.values():
            count += sum(first <= feature["dt_from"][:10] <= last for feature in layer.getFeatures())
        return count

    common = {"AREAS": areas, "NAME_FIELD": "name", "OUTPUT": "TEMPORARY_OUTPUT"}
    told = Listener()
    year = run_tool("compareperiods", {**common, "INCIDENTS": layers[2023], "AFTER_INCIDENTS": layers[2024],
                                       "PRESET": 4}, feedback=told)
    assert any("Last complete day of the data: 2024-12-31" in text for text in told.infos)
    assert (year["BEFORE"], year["AFTER"]) == (36_716, 33_771)  # masked rows count in the city's lines
    leap = run_tool("compareperiods", {**common, "INCIDENTS": layers[2023], "AFTER_INCIDENTS": layers[2024],
                                       "PRESET": 4, "AS_OF": "2024-02-29"})
    assert (leap["BEFORE"], leap["AFTER"]) == (rows_between("2023-01-01", "2023-02-28"),
                                               rows_between("2024-01-01", "2024-02-29"))
    week = run_tool("compareperiods", {**common, "INCIDENTS": layers[2024], "PRESET": 3, "AS_OF": "2024-06-30"})
    assert (week["BEFORE"], week["AFTER"]) == (rows_between("2024-04-29", "2024-06-23"),
                                               rows_between("2024-06-24", "2024-06-30"))
    assert week["AREAS_BEFORE"] < week["BEFORE"] and "a week" in week["SUMMARY"]
