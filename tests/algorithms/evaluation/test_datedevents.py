"""Before, during and after dated events as a user compares them."""

from __future__ import annotations

import csv
import gzip
import time

import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingException,
    QgsProject,
    QgsVectorLayer,
)

from tests.algorithms.evaluation.comparing import EAST, NORTH, incident_layer, null, rows_of
from tests.algorithms.samples import Listener

PLAIN = {"RINGS": "50; 100", "ADJUST": False, "PLACEBOS": 0}


@pytest.fixture
def compare(run_tool):
    """Return a function that runs the tool."""

    def run(events, incidents, listener=None, **more):
        given = {"EVENTS": events, "START_FIELD": "begun", "END_FIELD": "ended", "INCIDENTS": incidents,
                 "OUTPUT": "TEMPORARY_OUTPUT", **PLAIN, **more}
        return run_tool("datedevents", given, feedback=listener or Listener())

    return run


def event_layer(rows, kind="Point", width=0.0):
    """Rows are (x, start, end); lines and areas run north from the point."""
    layer = QgsVectorLayer(f"{kind}?crs=EPSG:32630&field=begun:string&field=ended:string", "outages", "memory")
    features = []
    for x, begun, ended in rows:
        feature = QgsFeature(layer.fields())
        if x is not None:
            shape = QgsGeometry.fromPointXY(QgsPointXY(EAST + x, NORTH + 50))
            if kind == "LineString":
                shape = QgsGeometry.fromPolylineXY([QgsPointXY(EAST + x, NORTH + y) for y in (0, 100)])
            feature.setGeometry(shape if kind != "Polygon" else shape.buffer(5, 8))
        feature.setAttributes([begun, ended])
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    layer.updateExtents()
    return layer


def days(first, count, step=1):
    """Return date texts."""
    import numpy as np

    return [str(np.datetime64(first) + k * step) for k in range(count)]


def incidents(extra=(), hour="T12:00"):
    """One a day on 7 days before, 10 during, 3 after, 20 m from the place; ends that span 2023."""
    before = days("2023-05-05", 7)
    rows = [(20.0, d + hour, "Theft") for d in (*before, *days("2023-06-01", 10), *days("2023-06-12", 3))]
    return incident_layer([*rows, (5000.0, "2023-01-01T00:30", "Theft"), (5000.0, "2023-12-31T23:30", "Theft"), *extra])


EVENT = [(0.0, "2023-06-01", "2023-06-11")]


def test_days_and_counts_by_hand(compare):
    """28 days before less 7 left out; 10 days out, that of the repair left out; 28 days after."""
    result = compare(event_layer(EVENT), incidents())
    during, after = [row for row in rows_of(result) if row["ring_to"] == 50]
    assert (during["n_state"], during["n_ref"], during["days_state"], during["days_ref"]) == (10, 7, 10, 21)
    assert during["de_ratio"] == pytest.approx((10 / 10) / (7 / 21))
    assert after["de_ratio"] == pytest.approx((3 / 28) / (7 / 21)) and after["days_state"] == 28
    assert during["n_expect"] == pytest.approx(10 / 3) and null(during["de_placebo"])
    assert (result["N_BEFORE"], result["N_DURING"], result["N_AFTER"]) == (7, 10, 3)
    assert result["RATIO"] == pytest.approx(3)
    # two rings, of which the outer one has no incident
    assert result["LOOKS"] == 2 and [r["n_state"] for r in rows_of(result) if r["ring_to"] == 100] == [0, 0]
    assert "where the days before lead to expect 3.3" in result["SUMMARY"]


def test_a_finding_of_nothing_is_no_proof_of_nothing(compare):
    calm = incident_layer([(20.0, d + "T12:00", "Theft") for d in days("2023-01-01", 120, 3)])
    words = compare(event_layer(EVENT), calm)["SUMMARY"]
    assert "does not show that the events had no effect" in words and "8 of 10 cases" in words
    assert "could be chance" in words and "95 %" in words and "2023-01-01" in words


def test_lines_and_areas_are_places_too(compare):
    for kind in ("LineString", "Polygon"):
        result = compare(event_layer(EVENT, kind), incidents())
        assert result["RATIO"] == pytest.approx(3)


def test_repeated_overlapping_and_faulty_events_are_counted_and_told(compare):
    rows = [*EVENT, (5.0, "2023-06-03", "2023-06-08"), (0.0, None, "2023-03-01"), (0.0, "2023-03-01", None),
            (0.0, "2023-03-05", "2023-03-01"), (0.0, "2019-03-05", "2019-03-09"), (None, "2023-03-01", "2023-03-02")]
    listener = Listener()
    result = compare(event_layer(rows), incidents(), listener, PLACES="TEMPORARY_OUTPUT")
    assert result["RATIO"] == pytest.approx(3)  # the second outage lies within the first, at the same place
    used = [row["ev_use"] for row in rows_of({"OUTPUT": result["PLACES"]})]
    assert used == ["used", "used", "no start", "no end", "ends before it starts", "outside the days of the incidents",
                    "no place"]
    places = rows_of({"OUTPUT": result["PLACES"]})
    assert places[0]["ev_place"] == places[1]["ev_place"] == 1 and places[0]["ev_during"] == 10
    assert (result["EVENT_COUNT"], result["EVENTS_OUT"], result["PLACE_COUNT"]) == (2, 5, 1)
    assert any("5 of 7 events were left out" in text and "ends before it starts (1)" in text for text in
               listener.warnings)
    running = compare(event_layer([(0.0, "2023-06-01", None)]), incidents(), RUNNING=True)
    assert running["N_DURING"] == 13 and running["N_AFTER"] == 0


def test_an_event_near_by_at_the_same_time_does_not_count_unless_asked(compare):
    # it may have begun in the week before its report, from the 6th on
    rows = [*EVENT, (80.0, "2023-06-13", "2023-06-15")]
    away = compare(event_layer(rows), incidents())
    assert away["N_DURING"] == 5
    every = compare(event_layer(rows), incidents(), NEAR_EVENTS=0)
    assert every["N_DURING"] == 10


def test_a_change_that_stays_has_no_during(compare):
    result = compare(event_layer(EVENT), incidents(), END_FIELD=None)
    rows = rows_of(result)
    # the day of the start is left out: 9 days of ten, then three more, in 28
    assert {row["de_state"] for row in rows} == {"after"} and rows[0]["n_state"] == 12
    assert rows[0]["de_ratio"] == pytest.approx((12 / 28) / (7 / 21)) and result["N_DURING"] == 0


def test_night_belongs_to_the_date_of_its_evening(compare):
    late = [(20.0, "2023-06-01T02:00", "Theft"), (20.0, "2023-06-11T02:00", "Theft"), (20.0, "2023-05-20", "Theft")]
    listener = Listener()
    result = compare(event_layer(EVENT), incidents(late, "T22:00"), listener, DAYPART=3, REPORT="TEMPORARY_OUTPUT")
    night = [row for row in rows_of(result) if row["de_part"] == "night" and row["ring_to"] == 50][0]
    # 02:00 of the 1st is the night of May, still before; 02:00 of the 11th is the last dark night
    assert night["n_state"] == 11
    assert {row["de_part"] for row in rows_of(result)} == {"night", "day"}
    with open(result["REPORT"], encoding="utf-8") as file:
        page = file.read()
    assert "1 incidents without a time of day" in page and "Ring by ring" in page and "How to read this" in page


@pytest.mark.parametrize("changes, words", [
    ({"RINGS": "100; 50"}, "rising order"), ({"RINGS": "near"}, "rising order"),
    ({"LEAD": 28}, "All 28 days before are left out"), ({"END_FIELD": "begun"}, "same field"),
    ({"events": [(900.0, "2023-06-01", "2023-06-11")]}, "No incident lies within 100 m of any event"),
    ({"events": [(0.0, "2023-06-11", "2023-06-01")]}, "exchanged"),
    ({"events": [(0.0, "2023-06-01", None)]}, "No event has an end"),
    ({"events": [(0.0, "1999-06-01", "1999-06-11")]}, "No event lies in the time of the incidents"),
    ({"events": [(0.0, "soon", "later")]}, "No event has a start that can be read"),
    ({"incidents": [(20.0, "2023-06", "Theft")] * 9}, "to the day"),
    ({"incidents": [(20.0, "2023-06-02", "Theft")] * 9, "DAYPART": 1}, "no incident|No incident of .* time of day"),
    ({"incidents": [(20.0, "2023-06-02T10:00", "Theft")] * 9}, "span 1 days"),
])
def test_what_cannot_be_compared_is_refused_with_the_remedy(compare, changes, words):
    changes = dict(changes)
    events = event_layer(changes.pop("events", EVENT))
    layer = incident_layer(changes.pop("incidents")) if "incidents" in changes else incidents()
    with pytest.raises(QgsProcessingException, match=words):
        compare(events, layer, **changes)


def test_a_cancelled_run_stops(compare):
    listener = Listener()
    listener.cancel()
    with pytest.raises(QgsProcessingException):
        compare(event_layer(EVENT), incidents(), listener)


def chicago(path, x, y, crs, columns):
    """Rows of a compressed table as points in metres."""
    layer = QgsVectorLayer("Point?crs=EPSG:26916&" + "&".join(f"field={c}:string" for c in columns.values()), path.stem,
                           "memory")
    to = QgsCoordinateTransform(QgsCoordinateReferenceSystem(crs), layer.crs(), QgsProject.instance())
    features = []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            feature = QgsFeature(layer.fields())
            feature.setGeometry(QgsGeometry.fromPointXY(to.transform(float(row[x]), float(row[y]))))
            feature.setAttributes([row[c] for c in columns])
            features.append(feature)
    layer.dataProvider().addFeatures(features)
    layer.updateExtents()
    return layer


def test_chicago(compare, shared_data):
    """10,266 outages and 28,053 assaults; within 15 s; the figures of docs/chicago-lights.md."""
    lights = chicago(shared_data("chicago/alley_lights_out_2012-04_2013-07.csv.gz"), "x_coord", "y_coord", "EPSG:3435",
                     {"Created Date": "begun", "Completed Date": "ended"})
    assaults = chicago(shared_data("chicago/aggravated_assaults_2012_2013.csv.gz"), "longitude", "latitude",
                       "EPSG:4326", {"date": "dt_from"})
    begun = time.process_time()
    result = compare(lights, assaults, RINGS="50; 100; 150; 250", ADJUST=True)
    assert time.process_time() - begun < 15
    assert result["EVENT_COUNT"] + result["EVENTS_OUT"] == 10_266 and result["LOOKS"] == 8
    assert result["CLEAR"] == 0 and result["LOW"] < result["RATIO"] < result["HIGH"]
    assert 0.6 < result["RATIO"] < 0.95 and "could" in result["SUMMARY"]
