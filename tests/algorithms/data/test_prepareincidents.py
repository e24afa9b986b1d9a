"""Prepare incident data, run as a user does, on what agencies really publish."""

from __future__ import annotations

import csv
import gzip
import json

import pandas as pd
import pytest
from qgis.core import (
    QgsFeature,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsVectorLayer,
)

#: file, parameters, rows without a place (counted with awk, or in pandas for the sheets)
MESSY = [
    ("bronx_shootings.csv", {}, 0),
    ("cincinnati_burglary.csv.gz", {}, 426),
    ("kansas_city_frauds.csv.gz", {}, 0),
    ("medellin_homicides.csv", {}, 81),
    ("northumbria_asb.tab.gz", {}, 0),
    ("san_francisco_robbery.csv", {}, 0),
    ("tempe_opioid_calls.csv", {}, 0),
    ("aggravated_assaults.xlsx|layername=Austin", {}, 0),
    ("aggravated_assaults.xlsx|layername=Fort Worth", {}, 0),
    ("aggravated_assaults.xlsx|layername=Seattle", {}, 0),
    ("cdmx_car_jacking.gpkg", {}, 152),
]
SHEETS = {"Austin": 8696, "Fort Worth": 1577, "Seattle": 2529}


class Log(QgsProcessingFeedback):
    """Keeps what is told."""

    def __init__(self, stop_at=None):
        super().__init__()
        self.infos, self.warnings, self.stop_at = [], [], stop_at
        self.progressChanged.connect(self.look)

    def look(self, value):
        if self.stop_at is not None and value >= self.stop_at:
            self.cancel()

    def pushInfo(self, text):  # noqa: N802
        self.infos.append(text.replace("\xa0", " "))

    def pushWarning(self, text):  # noqa: N802
        self.warnings.append(text.replace("\xa0", " "))


@pytest.fixture
def prepare(run_tool, tmp_path):
    """Run the tool; return its results, its two layers as lists of dicts, and the log."""

    def run(log=None, **parameters):
        log = log or Log()
        outputs = {"OUTPUT": str(tmp_path / "out.gpkg"), "UNLOCATED": str(tmp_path / "unlocated.gpkg")}
        results = run_tool("prepareincidents", {**outputs, **parameters}, feedback=log)
        return results, rows(results["OUTPUT"]), rows(results["UNLOCATED"]), log

    return run


def rows(path):
    layer = QgsVectorLayer(str(path), "rows", "ogr")
    assert layer.isValid()
    names = layer.fields().names()
    out = []
    for feature in layer.getFeatures():
        values = [v.toString("yyyy-MM-ddTHH:mm:ss") if hasattr(v, "toString") else v for v in feature.attributes()]
        row = {n: None if v is None or str(v) == "NULL" else v for n, v in zip(names, values)}
        place = feature.geometry().asPoint() if feature.hasGeometry() else None
        row["point"] = (place.x(), place.y()) if place else None
        out.append(row)
    return out


def rows_in(path):
    """Count the rows of a file without any of our code."""
    name = str(path)
    if ".xlsx" in name:
        return SHEETS[name.rsplit("=", 1)[1]]
    if name.endswith(".gpkg"):
        return QgsVectorLayer(name, "count", "ogr").featureCount()
    separator = ";" if "medellin" in name else "\t" if ".tab" in name else ","
    with (gzip.open if name.endswith(".gz") else open)(name, "rt", encoding="utf-8") as lines:
        return sum(1 for _ in csv.reader(lines, delimiter=separator)) - 1


#: Files with an incident number can be merged by it, so both ways are tried on them.
WITH_ID = ("bronx", "cincinnati", "kansas", "francisco")
MESSY_WAYS = [(*case, 0) for case in MESSY] + [(*case, 2) for case in MESSY if any(k in case[0] for k in WITH_ID)]


@pytest.mark.parametrize(("file", "parameters", "lost", "rows_per"), MESSY_WAYS)
def test_every_row_of_every_messy_file_is_accounted_for(shared_data, prepare, file, parameters, lost, rows_per):
    path = shared_data("messy_small/" + file.split("|")[0])
    source = str(path) + ("|" + file.split("|")[1] if "|" in file else "")
    given = "INPUT_FILE" if ".tab" in file else "INPUT"
    results, located, unlocated, log = prepare(**{given: source}, ROWS_PER=rows_per, **parameters)
    assert results["ROWS_IN"] == rows_in(source)
    assert (len(located), len(unlocated)) == (results["LOCATED"], results["UNLOCATED_COUNT"])
    assert results["ROWS_IN"] == len(located) + len(unlocated) + results["MERGED"] + results["DROPPED"]
    assert sum(r["n_rows"] for r in located + unlocated) == results["ROWS_IN"]
    assert all(r["reason"] for r in unlocated) and all(r["point"] for r in located)
    if rows_per == 0:
        assert len(unlocated) == lost
        assert sorted(r["src_row"] for r in located + unlocated) == list(range(1, results["ROWS_IN"] + 1))
    record = json.loads(results["PROVENANCE"])
    assert record["inputs"]["INPUT"]["rows"] == results["ROWS_IN"]
    assert len(record["inputs"]["INPUT"]["sha256"]) == 64


def test_decimal_commas_and_semicolons(shared_data, prepare):
    path = str(shared_data("messy_small/medellin_homicides.csv"))
    _, located, unlocated, log = prepare(INPUT=path, TYPE_FIELD="modalidad")
    assert located[0]["dt_from"] == "2019-04-23T12:30:00"
    assert located[0]["ctype"] == "Ahorcamiento o estrangulamiento"
    # -75.569854, 6.25722555 in UTM 18N by pyproj 3.4
    assert located[0]["point"] == pytest.approx((436963.75, 691673.14), abs=0.02)
    assert {r["reason"] for r in unlocated} == {"no coordinates"}
    assert any("offsets from UTC (+00:00)" in text for text in log.infos)


def test_sheets_are_told(shared_data, prepare):
    *_, log = prepare(INPUT=str(shared_data("messy_small/aggravated_assaults.xlsx")))
    assert any("3 tables (Austin, Fort Worth, Seattle)" in text for text in log.warnings)


def test_month_only_dates(shared_data, prepare):
    for name in ("uk_nottingham/nottingham_burglary.csv.gz", "messy_small/northumbria_asb.tab.gz"):
        results, located, _, log = prepare(INPUT_FILE=str(shared_data(name)))
        assert {r["dt_prec"] for r in located} == {"month"}
        assert not any(r["time_ok"] for r in located)
        assert results["TIME_UNKNOWN"] == results["ROWS_IN"]
        assert results["MERGED"] == 0, "rows without a number are never merged"


@pytest.mark.parametrize(("year", "masked", "empty"), [(2023, 4070, 0), (2024, 3769, 10)])
def test_vancouver_loses_all_violence(shared_data, prepare, year, masked, empty):
    """11.1 % of the rows have X = Y = 0: offences against the person, 7,814 in both years, and homicide."""
    path = shared_data(f"vancouver/vpd_crime_{year}.csv.gz")
    table = pd.read_csv(path)
    assert (table["X"] == 0).sum() == masked
    violent = int((table["TYPE"] == "Offence Against a Person").sum())
    results, located, unlocated, log = prepare(INPUT=str(path), CRS="EPSG:26910")
    reasons = [r["reason"] for r in unlocated]
    assert (reasons.count("coordinates 0, 0"), reasons.count("no coordinates")) == (masked, empty)
    assert results["UNLOCATED_COUNT"] == masked + empty
    assert any(f"100 % of 'Offence Against a Person' ({violent:,} of {violent:,})" in text for text in log.warnings)
    assert any("100 % of 'Homicide'" in text for text in log.warnings)
    assert any("exactly 00:00" in text for text in log.warnings)
    hidden = [r for r in unlocated if r["reason"] == "coordinates 0, 0"]
    assert not any(r["time_ok"] for r in hidden), "masked rows all say 00:00"
    assert {r["dt_prec"] for r in located} == {"minute"}
    first = table.iloc[0]
    stamp = f"{first.YEAR}-{first.MONTH:02d}-{first.DAY:02d}T{first.HOUR:02d}:{first.MINUTE:02d}:00"
    assert located[0]["dt_from"] == stamp
    assert located[0]["point"] == pytest.approx((first.X, first.Y), abs=1e-6)
    assert not any(r["place_key"] for r in hidden), "OFFSET TO PROTECT PRIVACY is no place"


def test_vancouver_needs_its_crs(shared_data, prepare):
    with pytest.raises(QgsProcessingException, match="are not degrees.*Choose CRS"):
        prepare(INPUT=str(shared_data("vancouver/vpd_crime_2023.csv.gz")))


def test_from_and_to(shared_data, prepare):
    results, located, _, _ = prepare(INPUT=str(shared_data("nyc/nyc_vehicle_thefts_2014_2017.csv.gz")))
    assert results["LOCATED"] == 35746
    assert sum(r["dt_to"] is None for r in located) == 2852
    assert located[0]["dt_from"] == "2013-12-31T10:00:00" and located[0]["dt_to"] == "2014-01-01T16:30:00"


def test_feet_and_month_names(shared_data, prepare):
    _, located, _, _ = prepare(
        INPUT=str(shared_data("chicago/alley_lights_out_2012-04_2013-07.csv.gz")), X_FIELD="x_coord", Y_FIELD="y_coord",
        CRS="EPSG:3435", DATE_FIELD="Created Date", END_DATE_FIELD="Completed Date", ID_FIELD="Service Request No")
    assert located[0]["dt_from"] == "2012-04-01T00:00:00" and located[0]["dt_prec"] == "day"
    assert 4_600_000 < located[0]["point"][1] < 4_700_000


def test_memphis_layer_keeps_its_local_clock(shared_data, prepare):
    _, located, _, _ = prepare(INPUT=str(shared_data("memphis/memphis.gpkg")) + "|layername=robberies")
    assert located[0]["dt_from"] == "2019-01-01T01:30:00"


POLICE_UK = """Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,Crime type,Context
,2016-07,West Yorkshire Police,West Yorkshire Police,-1.7, 53.8,On or near High Street,E1,Anti-social behaviour,
a1,2016-07,West Yorkshire Police,West Yorkshire Police,-1.70,53.80,On or near High Street,E1,Burglary,
a2,2016-07,West Yorkshire Police,West Yorkshire Police,-1.50,53.70,On or near High Street,E1,Robbery,
a3,2016-07,West Yorkshire Police,West Yorkshire Police,,,No Location,,Robbery,
a4,2016-07,West Yorkshire Police,West Yorkshire Police,-1.51,53.71,On or near Mill Lane,E1,Vehicle crime,
"""


def write(tmp_path, text, name="in.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return str(path)


def test_police_uk_months_and_types(prepare, tmp_path):
    results, located, unlocated, log = prepare(
        INPUT=write(tmp_path, POLICE_UK), TYPES="burglary; Robbery; Vehicle crime; Piracy")
    assert [results[k] for k in ("ROWS_IN", "LOCATED", "UNLOCATED_COUNT", "DROPPED", "MERGED")] == [5, 3, 1, 1, 0]
    assert [r["inc_id"] for r in located] == ["a1", "a2", "a4"]
    assert {r["dt_prec"] for r in located} == {"month"}
    assert [r["place_key"].split(" @")[0] for r in located] == ["ON OR NEAR HIGH STREET"] * 2 + ["ON OR NEAR MILL LANE"]
    assert located[0]["place_key"] != located[1]["place_key"], "two streets of one name"
    assert unlocated[0]["src_row"] == 4 and unlocated[0]["reason"] == "no coordinates"
    assert any("do not occur: Piracy" in text for text in log.warnings)
    summary = results["SUMMARY"].replace("\xa0", " ")
    assert summary.startswith("5 rows of in.csv gave 3 located incidents (75.0 %), 1 without a usable place")


def test_merging_by_seriousness(prepare, tmp_path):
    text = "id,type,lon,lat,date\n1,Theft,-1.5,53.8,2020-01-02\n1,Robbery,,,2020-01-02\n2,Theft,-1.6,53.8,2020-01-03\n"
    results, located, _, _ = prepare(INPUT=write(tmp_path, text), ROWS_PER=1, SEVERITY="Robbery; Theft")
    assert [(r["inc_id"], r["ctype"], r["n_rows"], r["src_row"]) for r in located] == [
        ("1", "Robbery", 2, 2), ("2", "Theft", 1, 3)]
    assert results["MERGED"] == 1
    with pytest.raises(QgsProcessingException, match="SEVERITY"):
        prepare(INPUT=write(tmp_path, text), ROWS_PER=1)
    with pytest.raises(QgsProcessingException, match="ID_FIELD"):
        prepare(INPUT=write(tmp_path, text.replace("id,", "thing,")), ROWS_PER=2)


def test_open_order_of_dates_is_asked_for(prepare, tmp_path):
    path = write(tmp_path, "lon,lat,date\n-1.5,53.8,03/04/2020\n-1.5,53.8,05/06/2020\n")
    with pytest.raises(QgsProcessingException, match="DATE_ORDER.*2 values.*03/04/2020"):
        prepare(INPUT=path)
    _, located, _, _ = prepare(INPUT=path, DATE_ORDER=1)
    assert [r["dt_from"][:10] for r in located] == ["2020-04-03", "2020-06-05"]
    _, located, _, _ = prepare(INPUT=path, DATE_ORDER=2)
    assert [r["dt_from"][:10] for r in located] == ["2020-03-04", "2020-05-06"]


def test_one_date_field_proves_the_order_of_the_other(prepare, tmp_path):
    path = write(tmp_path, "lon,lat,date_start,date_end\n-1.5,53.8,03/04/2020,13/04/2020\n")
    _, located, _, log = prepare(INPUT=path)
    assert located[0]["dt_from"][:10] == "2020-04-03"
    assert any("another date field proves" in text for text in log.infos)


def test_date_and_time_fields(prepare, tmp_path):
    text = "lon,lat,date,time\n-1.5,53.8,13.4.2020,1430\n-1.5,53.8,14.4.2020,905\n-1.5,53.8,1.5.2020,\n"
    path = write(tmp_path, text)
    results, located, _, log = prepare(INPUT=path)
    assert [(r["dt_from"], r["dt_prec"]) for r in located] == [
        ("2020-04-13T14:30:00", "minute"), ("2020-04-14T09:05:00", "minute"), ("2020-05-01T00:00:00", "day")]
    assert results["TIME_UNKNOWN"] == 1


def test_mapping_round_trip(prepare, tmp_path):
    """Week one proves the order of dates; week two, all below 13, is read by its mapping."""
    text = "Länge;Breite;wann;was\n-1,5;53,8;25.12.2020;Raub\n;;24.12.2020;Raub\n"
    first = write(tmp_path, text, "one.csv", "cp1252")
    saved = str(tmp_path / "map.json")
    fields = {"X_FIELD": "Länge", "Y_FIELD": "Breite", "DATE_FIELD": "wann", "TYPE_FIELD": "was"}
    results, located, unlocated, _ = prepare(INPUT=first, **fields, SAVE_MAPPING=saved)
    assert (len(located), len(unlocated), results["SAVE_MAPPING"]) == (1, 1, saved)
    content = json.loads(open(saved, encoding="utf-8").read())
    assert content["fields"] == fields and content["settings"]["DATE_ORDER"] == "dmy"
    second = write(tmp_path, "Länge;Breite;wann;was\n-1,5;53,8;02.01.2021;Raub\n", "two.csv", "cp1252")
    _, located, _, _ = prepare(INPUT=second, MAPPING=saved, FIND_FIELDS=False)
    assert located[0]["dt_from"][:10] == "2021-01-02" and located[0]["ctype"] == "Raub"
    third = write(tmp_path, "lon;Breite;wann;was\n-1,5;53,8;02.01.2021;Raub\n", "three.csv")
    with pytest.raises(QgsProcessingException, match="X_FIELD.*no field 'Länge'"):
        prepare(INPUT=third, MAPPING=saved)
    _, located, _, _ = prepare(INPUT=third, MAPPING=saved, X_FIELD="lon")
    assert len(located) == 1
    with pytest.raises(QgsProcessingException, match="MAPPING.*no mapping written by this tool"):
        prepare(INPUT=second, MAPPING=write(tmp_path, "{}", "other.json"))


def test_fields_by_name_for_a_file(prepare, tmp_path):
    path = write(tmp_path, "a\tb\tc\n-1.5\t53.8\t2020-01-02\n", "odd.tab")
    with pytest.raises(QgsProcessingException, match="X_FIELD.*among: a, b, c"):
        prepare(INPUT_FILE=path)
    _, located, _, _ = prepare(INPUT_FILE=path, FIELD_NAMES="X_FIELD=a; Y_FIELD=b; DATE_FIELD=c")
    assert located[0]["dt_from"] == "2020-01-02T00:00:00"


def test_delimited_text_layers_lose_no_row(prepare, tmp_path):
    path = write(tmp_path, "lon,lat,date\n-1.5,53.8,2020-01-02\nNA,NA,2020-01-03\n")
    layer = QgsVectorLayer(f"file://{path}?type=csv&xField=lon&yField=lat&crs=EPSG:4326", "csv", "delimitedtext")
    assert layer.featureCount() == 1
    results, located, unlocated, _ = prepare(INPUT=layer)
    assert (results["ROWS_IN"], len(located), len(unlocated)) == (2, 1, 1)


def test_a_selection_is_respected(prepare, tmp_path):
    layer = QgsVectorLayer(write(tmp_path, POLICE_UK), "csv", "ogr")
    layer.selectByIds([2, 3])
    source = QgsProcessingFeatureSourceDefinition(layer.source(), selectedFeaturesOnly=True)
    from qgis.core import QgsProject

    QgsProject.instance().addMapLayer(layer)
    try:
        results, *_ = prepare(INPUT=QgsProcessingFeatureSourceDefinition(layer.id(), True))
    finally:
        QgsProject.instance().removeMapLayer(layer.id())
    assert source is not None and results["ROWS_IN"] == 2


def test_points_without_place_and_kept_fields(prepare):
    layer = QgsVectorLayer("Point?crs=EPSG:32630&field=date:string&field=beat:string&field=n:integer", "p", "memory")
    feature = QgsFeature(layer.fields())
    feature.setAttributes(["2020-01-02", "07", 3])
    layer.dataProvider().addFeatures([feature])
    results, located, unlocated, log = prepare(INPUT=layer, KEEP_FIELDS=["beat", "n"])
    assert unlocated[0]["reason"] == "no place on the map"
    assert (unlocated[0]["beat"], unlocated[0]["n"]) == ("07", 3)
    assert any("No incident has a usable place" in text for text in log.warnings)


@pytest.mark.parametrize(("parameters", "message"), [
    ({}, "INPUT.*Nothing to read"),
    ({"INPUT": "CSV", "INPUT_FILE": "CSV"}, "both given"),
    ({"INPUT_FILE": "nothing.csv"}, "INPUT_FILE.*cannot be read"),
    ({"INPUT_FILE": "x.xlsx"}, "no text table"),
    ({"INPUT": "CSV", "X_FIELD": "lon"}, "Y_FIELD.*without"),
    ({"INPUT": "CSV", "DATE_FIELD": "Dat"}, "no field 'Dat'.*Did you mean 'date'"),
    ({"INPUT": "CSV", "DATE_FIELD": "what"}, "DATE_FIELD.*No value of 'what' is a date"),
    ({"INPUT": "CSV", "TYPES": "Arson"}, "no TYPE_FIELD"),
    ({"INPUT": "CSV", "TYPE_FIELD": "what", "TYPES": "Arson"}, "TYPES.*None of the types Arson occurs"),
    ({"INPUT": "CSV", "UNKNOWN_TIMES": "noon"}, "UNKNOWN_TIMES.*no clock time"),
    ({"INPUT": "CSV", "FIELD_NAMES": "LON=x"}, "FIELD_NAMES"),
    ({"INPUT": "CSV", "X_FIELD": "lat", "Y_FIELD": "lon"}, "swapped"),
])
def test_refusals_name_the_parameter_and_the_remedy(prepare, tmp_path, parameters, message):
    path = write(tmp_path, "lon,lat,date,what\n-112.5,33.8,2020-01-02,Theft\n")
    given = {k: path if v == "CSV" else v for k, v in parameters.items()}
    with pytest.raises(QgsProcessingException, match=message):
        prepare(**given)


def test_no_rows_is_refused(prepare, tmp_path):
    with pytest.raises(QgsProcessingException, match="no rows"):
        prepare(INPUT=write(tmp_path, "lon,lat,date\n"))


def test_report_shows_rows_and_numbers_but_no_address(shared_data, prepare, tmp_path):
    report = tmp_path / "report.html"
    prepare(INPUT=str(shared_data("vancouver/vpd_crime_2023.csv.gz")), CRS="EPSG:26910", REPORT=str(report))
    text = report.read_text(encoding="utf-8")
    assert "36,716" in text and "4,070" in text and "2,959" in text
    assert "PACIFIC ST" not in text and "OFFSET TO PROTECT" not in text
    assert "src=\"data:image/png" in text and "http://" not in text.replace("http://www.w3.org", "")


@pytest.mark.parametrize("stop_at", [0, 20, 92])
def test_a_cancelled_run_stops(shared_data, prepare, stop_at):
    with pytest.raises(QgsProcessingException, match="cancelled"):
        prepare(log=Log(stop_at), INPUT_FILE=str(shared_data("messy_small/northumbria_asb.tab.gz")))
