"""Import community input, run as a user does: messy files, exports of four systems, persons who must not show."""

from __future__ import annotations

import io
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from qgis.core import QgsProcessingException, QgsProcessingUtils, QgsVectorLayer

from hotspot_plugin.algorithms.community import inputwords
from hotspot_plugin.analysis.community import importwords
from tests.algorithms.community import exports
from tests.algorithms.data.test_prepareincidents import MESSY, Log, rows_in

ROOT = Path(__file__).resolve().parents[3]
SHAPES = [(exports.kobo_csv, "csv"), (exports.kobo_json, "json"), (exports.odk_csv, "csv"), (exports.survey123_csv,
                                                                                             "csv"),
          (exports.open311_json, "json")]


def files_below(*folders, but=()):
    return [p for folder in folders for p in Path(folder).rglob("*") if p.is_file() and p not in but]


def nobody_in(texts):
    for where, text in texts:
        for secret in exports.SECRETS:
            assert secret.lower() not in text.lower(), f"{secret} in {where}"


def nobody_in_files(paths):
    nobody_in((p, p.read_bytes().decode(code, "ignore")) for p in paths for code in ("utf-8", "utf-16-le"))


#: one sheet of the workbook is enough here
ONE_SHEET = [case for case in MESSY if "layername=" not in case[0] or "Austin" in case[0]]


@pytest.mark.parametrize(("file", "parameters", "lost"), ONE_SHEET)
def test_every_messy_file_comes_in_by_one_call(shared_data, bring, file, parameters, lost):
    name, _, layer = file.partition("|")
    path = str(shared_data(f"messy_small/{name}")) + (f"|{layer}" if layer else "")
    given = {"INPUT_FILE": path} if ".tab" in file else {"INPUT": path}
    results, kept, left, _ = bring(**given)
    assert results["ROWS_IN"] == rows_in(path) and results["LEFT_OUT"] == lost
    assert results["PERSONAL_FOUND"] == 0
    assert [r["src_row"] for r in kept] == sorted(set(range(1, results["ROWS_IN"] + 1)) - {r["src_row"] for r in left})


@pytest.mark.parametrize(("make", "ending"), SHAPES, ids=lambda m: getattr(m, "__name__", m))
def test_exports_of_each_system_come_in_without_the_persons(bring, tmp_path, make, ending):
    path = make(tmp_path / f"export.{ending}")
    results, kept, left, log = bring(
        path, REPORT=str(tmp_path / "r.html"), SAVE_MAPPING=str(tmp_path / "map.json"))
    assert results["ROWS_IN"] == 12 and results["PERSONAL_FOUND"] > 10
    said = {r["src_row"] - 1: r["said"] for r in kept}
    for row, text in exports.CLEAN.items():
        assert said[row] == text
    assert all("[removed: " in said[k] for k in said if k not in exports.CLEAN)
    assert all(str(r["said_on"]).startswith("2024-05") and r["category"] for r in kept)
    lon, lat = exports.LON, exports.LAT
    first = next(r for r in kept if r["src_row"] == 1)
    assert first["source"] == ("portal" if make is exports.open311_json else "survey")
    # 32630 of the longitude and latitude, by PROJ
    from pyproj import Transformer

    east, north = Transformer.from_crs(4326, 32630, always_xy=True).transform(lon, lat)
    assert first["point"] == pytest.approx((east, north), abs=0.01)
    nobody_in([("log", "\n".join(log.infos + log.warnings)), ("results", json.dumps(results))])
    nobody_in_files(files_below(tmp_path, but=[Path(path)]))
    for kind in ("e-mail address", "phone number", "number plate", "identity number", "bank or card number",
                 "home address",
                 "name of a person", "date of birth", "device or network address", "user name or profile"):
        assert kind in "\n".join(log.warnings)


def test_values_of_kobo(bring, tmp_path):
    results, kept, left, log = bring(exports.kobo_csv(tmp_path / "k.csv"))
    row = kept[0]
    assert (row["input_id"], row["category"], row["concern"], row["day_part"], row["wish"], row["consent"]) == (
        "1000", "light", 1, "night", "repair", "count")
    # one device sent rows 1 and 2; row 6 did not agree, and its id is not listed
    assert kept[0]["voice_id"] == kept[1]["voice_id"] != kept[2]["voice_id"]
    assert results["VOICES"] == 10 and results["NO_CONSENT"] == 1
    assert left == [{"fid": 1, "src_row": 6, "left_out": "row", "input_id": None,
                     "reason": "did not agree to be counted", "point": None}]
    layer = QgsVectorLayer(str(tmp_path / "out.gpkg"), "out", "ogr")
    kinds = {f.name(): f.typeName() for f in layer.fields()}
    assert kinds["said_on"] == kinds["done_on"] == "Date" and kinds["concern"].startswith("Integer")


def test_odata_of_odk_central_and_the_place_where_the_form_was_opened(bring, tmp_path):
    path = tmp_path / "odata.json"
    path.write_text(json.dumps({"value": [{
        "__id": f"uuid:{k}", "__system": {"submissionDate": "2024-05-03T20:00:00.000Z",
                                          "submitterName": "secretsubmitter"},
        "start_location": {"type": "Point", "coordinates": [9.0, 9.0]},
        "grp": {"spot": {"type": "Point", "coordinates": [-1.15, 52.95, 0]}, "category": "light",
                "description": "dark"},
        "rep@odata.navigationLink": "x"} for k in range(2)]}), encoding="utf-8")
    results, kept, _, log = bring(path)
    assert [(r["input_id"], r["category"], r["said"]) for r in kept] == [("uuid:0", "light", "dark"), ("uuid:1",
                                                                                                       "light", "dark")]
    assert any("GEOPOINT_FIELD" in t and "grp/spot" in t for t in log.infos)
    nobody_in([("log", "\n".join(log.infos + log.warnings)), ("results", json.dumps(results))])


def test_values_of_open311(bring, tmp_path):
    for wrapped in (False, True):
        _, kept, _, log = bring(INPUT_FILE=exports.open311_json(tmp_path / "requests.json", wrapped))
        assert [kept[0][n] for n in ("input_id", "status", "done_on", "category", "address")] == [
            "SR-500", "new", None, "light", "1 OAK ST"]
        # closed: done on the day of the last change; the wall clock stays, 22:15-04:00 is the same day
        assert [kept[1][n] for n in ("status", "done_on", "said_on")] == ["done", "2024-06-02T00:00:00",
                                                                          "2024-05-02T00:00:00"] \
            or [kept[1]["status"], str(kept[1]["done_on"])[:10]] == ["done", "2024-06-02"]
        assert any("Address of a place" in t and "address" in t for t in log.infos)


def test_survey123_labels_and_the_address_of_a_person(bring, tmp_path):
    _, kept, _, log = bring(exports.survey123_csv(tmp_path / "s.csv"))
    assert {(r["category"], r["concern"], r["address"]) for r in kept} == {("damage", 5, None)}
    assert not any("Address of a place" in t for t in log.infos)


def test_excel_of_kobo(bring, tmp_path):
    from osgeo import ogr

    header, table = exports.kobo_rows()
    path = str(tmp_path / "kobo.xlsx")
    source = ogr.GetDriverByName("XLSX").CreateDataSource(path)
    layer = source.CreateLayer("survey")
    for name in header:
        layer.CreateField(ogr.FieldDefn(name, ogr.OFTString))
    for row in table:
        feature = ogr.Feature(layer.GetLayerDefn())
        for k, value in enumerate(row):
            feature.SetField(k, str(value))
        layer.CreateFeature(feature)
    source = layer = feature = None
    results, kept, _, _ = bring(path)
    assert results["WRITTEN"] == 11 and kept[0]["said"] == "Lamp out at 12 Oak St"
    assert results["PERSONAL_FOUND"] == bring(exports.kobo_csv(tmp_path / "k.csv"))[0]["PERSONAL_FOUND"]


def test_a_clean_file_has_nothing_personal_and_passes_the_stop(bring, tmp_path):
    results, kept, _, _ = bring(exports.clean_csv(tmp_path / "clean.csv"), PERSONAL=1)
    assert results["PERSONAL_FOUND"] == 0 and results["WRITTEN"] == 40
    assert not any("[removed" in r["said"] for r in kept)


def test_stop_writes_nothing_and_shows_counts_only(bring, tmp_path):
    path = exports.kobo_csv(tmp_path / "k.csv")
    log = Log()
    with pytest.raises(QgsProcessingException, match="nothing was written.*place/said: phone number") as caught:
        bring(path, log=log, PERSONAL=1, REPORT=str(tmp_path / "r.html"), SAVE_MAPPING=str(tmp_path / "m.json"))
    assert files_below(tmp_path) == [Path(path)]
    nobody_in([("error", str(caught.value)), ("log", "\n".join(log.infos + log.warnings))])


@pytest.mark.parametrize("wrong", [{"DATE_FIELD": "about/your_name"}, {"CATEGORY_FIELD": "about/your_name"},
                                   {"X_FIELD": "phonenumber", "Y_FIELD": "username"}, {"CONCERN_FIELD": "place/said"},
                                   {"STATUS_FIELD": "username"}, {"ID_FIELD": "place/said"},
                                   {"LANG_FIELD": "about/your_name"},
                                   {"ORG_FIELD": "place/said"}])
def test_a_wrongly_chosen_column_shows_nobody(bring, tmp_path, wrong):
    path, log, texts = exports.kobo_csv(tmp_path / "k.csv"), Log(), []
    try:
        results, *_ = bring(path, log=log, FIELD_NAMES="; ".join(f"{a}={b}" for a, b in wrong.items()),
                            REPORT=str(tmp_path / "r.html"), SAVE_MAPPING=str(tmp_path / "m.json"))
        texts.append(("results", json.dumps(results)))
    except QgsProcessingException as error:
        texts.append(("error", str(error)))
    nobody_in([*texts, ("log", "\n".join(log.infos + log.warnings))])
    nobody_in_files(files_below(tmp_path, but=[Path(path)]))


def test_a_file_without_field_names_shows_nobody(bring, tmp_path):
    path, log = tmp_path / "bare.csv", Log()
    path.write_text("ann.secretmail@example.org,07700900456,99 Hiddenlane Road\n" * 3, encoding="utf-8")
    with pytest.raises(QgsProcessingException) as caught:
        bring(path, log=log)
    nobody_in([("error", str(caught.value)), ("log", "\n".join(log.infos + log.warnings))])


def test_nobody_reaches_a_file_of_qgis_process(tmp_path):
    """Results, temporary files, the profile, the record and all that is printed."""
    temp, profile, home = tmp_path / "temp", tmp_path / "profile", tmp_path / "run"
    for folder in (temp, profile):
        folder.mkdir()
    home.mkdir(mode=0o700)
    data = tmp_path / "data"
    data.mkdir()
    values = {**os.environ, "QGIS_CUSTOM_CONFIG_PATH": str(profile), "QGIS_PLUGINPATH": str(ROOT), "TMPDIR": str(temp),
              "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(home), "LC_ALL": "C.UTF-8", "HOME": str(home)}

    def call(*arguments):
        return subprocess.run([str(ROOT / "scripts" / "qgis_process.sh"), *arguments], env=values, capture_output=True,
                              text=True, timeout=180, stdin=subprocess.DEVNULL)

    call("plugins", "enable", "hotspot_plugin")
    path = exports.kobo_csv(data / "k.csv")
    outputs = {"OUTPUT": "out.gpkg", "REFUSED": "refused.csv", "REPORT": "r.html", "SAVE_MAPPING": "m.json"}
    done = call("run", "hotspot:importcommunityinput", "--json", "--", f"INPUT={path}",
                *(f"{name}={tmp_path / file}" for name, file in outputs.items()))
    assert done.returncode == 0, done.stderr
    nobody_in([("stdout", done.stdout), ("stderr", done.stderr)])
    assert (tmp_path / "r.html").exists()
    nobody_in_files(files_below(tmp_path, but=[Path(path)]))


def test_nobody_stays_in_temporary_layers(run_tool, tmp_path):
    temporary = Path(QgsProcessingUtils.tempFolder())
    before = set(files_below(temporary))
    run_tool("importcommunityinput", {
        "INPUT": exports.odk_csv(tmp_path / "o.csv"), "OUTPUT": "TEMPORARY_OUTPUT", "REFUSED": "TEMPORARY_OUTPUT",
        "REPORT": "TEMPORARY_OUTPUT"})
    nobody_in_files(set(files_below(temporary)) - before)


def test_a_mapping_is_saved_and_used_again(bring, tmp_path):
    path = tmp_path / "week1.csv"
    path.write_text("lon;lat;thema;wie;wann_genau\n-1.15;52.95;Schlagloch;8;03.04.2024\n"
                    "-1.14;52.95;Schlagloch;2;20.04.2024\n"
                    "-1.13;52.95;Lampe;10;21.04.2024\n", encoding="utf-8")
    saved = str(tmp_path / "map.json")
    names = "CATEGORY_FIELD=thema; CONCERN_FIELD=wie; DATE_FIELD=wann_genau"
    _, first, _, log = bring(path, FIELD_NAMES=names, VALUES="category: Lampe = light", CONCERN_SCALE="0-10",
                             SAVE_MAPPING=saved)
    assert [r["category"] for r in first] == ["other", "other", "light"] and [r["concern"] for r in first] == [4, 2, 5]
    assert any("Schlagloch" in t for t in log.warnings)
    mapping = json.loads(Path(saved).read_text(encoding="utf-8"))
    assert mapping["words"]["category"]["Schlagloch"] == "other"
    mapping["words"]["category"]["Schlagloch"] = "traffic"
    Path(saved).write_text(json.dumps(mapping), encoding="utf-8")
    _, second, _, _ = bring(path, MAPPING=saved)
    assert [r["category"] for r in second] == ["traffic", "traffic", "light"]
    assert [(r["concern"], r["said_on"]) for r in second] == [(r["concern"], r["said_on"]) for r in first]


def test_repeats_are_counted_and_dropped_only_as_chosen(bring, tmp_path):
    path = tmp_path / "r.csv"
    path.write_text(
        "id,device_id,date,lon,lat,category,status\n1,A,2024-05-13,-1.15,52.95,light,open\n"
        "1,A,2024-05-13,-1.15,52.95,light,closed\n2,A,2024-05-13,-1.15,52.95,noise,open\n"
        "3,A,2024-05-14,-1.15,52.95,light,open\n4,B,2024-05-13,-1.15,52.95,light,open\n", encoding="utf-8")
    results, kept, left, _ = bring(path)
    assert (results["REPEATS_ID"], results["REPEATS_VOICE"], results["REPEATS_DROPPED"]) == (1, 1, 0) and len(kept) == 5
    assert [r["repeats"] for r in kept] == ["id", None, "voice", None, None]
    _, kept, left, _ = bring(path, DROP=1)
    assert [r["src_row"] for r in kept] == [2, 3, 4, 5]
    assert left[0]["reason"] == "repeats the id of row 2, which is kept" and left[0]["left_out"] == "repeat"
    assert [r["src_row"] for r in bring(path, DROP=2)[1]] == [1, 2, 4, 5]
    assert [r["src_row"] for r in bring(path, DROP=3)[1]] == [2, 4, 5]
    plain = tmp_path / "plain.csv"
    plain.write_text("lon,lat\n-1.15,52.95\n-1.15,52.95\n", encoding="utf-8")
    for drop in (1, 2):
        with pytest.raises(QgsProcessingException, match="only be dropped"):
            bring(plain, DROP=drop)


def test_a_campaign_is_flagged_and_stays(bring, tmp_path):
    path = tmp_path / "c.csv"
    lines = ["date,lon,lat,category,organisation"]
    lines += [f"2024-{k // 28 + 1:02d}-{k % 28 + 1:02d},{-1.15 + k * 0.003},52.95,light," for k in range(168)]
    lines += [f"2024-03-{10 + k % 2},{-1.15 + k * 0.003},52.97,noise,Street watch" for k in range(12)]
    path.write_text("\n".join(lines), encoding="utf-8")
    results, kept, _, log = bring(path, REPORT=str(tmp_path / "r.html"))
    assert results["WRITTEN"] == 180 and results["BURSTS"] >= 1
    flagged = [r["src_row"] for r in kept if r["burst"] and "category" in r["burst"]]
    assert flagged == list(range(169, 181))
    assert any("campaign" in t for t in log.warnings)


def test_voices_match_between_imports_with_a_key_only(bring, tmp_path):
    path, key = exports.kobo_csv(tmp_path / "k.csv"), tmp_path / "key.txt"
    key.write_text("a long random text of an agency")
    tokens = [[r["voice_id"] for r in bring(path, **given)[1]] for given in (
        {"KEY_FILE": str(key)}, {"KEY_FILE": str(key)}, {}, {})]
    assert tokens[0] == tokens[1] != tokens[2] != tokens[3]
    key.write_text("short")
    with pytest.raises(QgsProcessingException, match="at least 16"):
        bring(path, KEY_FILE=str(key))


def test_places_are_rounded_if_asked(bring, tmp_path):
    exact = bring(exports.clean_csv(tmp_path / "c.csv"))[1]
    rounded = bring(tmp_path / "c.csv", ROUND_M=100)[1]
    for one, other in zip(exact, rounded):
        assert max(abs(a - b) for a, b in zip(one["point"], other["point"])) <= 50.001
        assert all(v % 100 == pytest.approx(50) for v in other["point"])


def test_a_mixed_geojson_keeps_points_areas_and_rows_without_a_place(bring, tmp_path):
    def feature(k, geometry):
        return {"type": "Feature", "geometry": geometry, "properties": {"id": str(k), "category": "light",
                                                                        "said": "dark"}}

    ring = [[-1.15, 52.95], [-1.14, 52.95], [-1.14, 52.96], [-1.15, 52.96], [-1.15, 52.95]]
    path = tmp_path / "mixed.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [
        feature(1, {"type": "Point", "coordinates": [-1.15, 52.95]}), feature(2, {"type": "Polygon",
                                                                                  "coordinates": [ring]}),
        feature(3, None), feature(4, {"type": "Point", "coordinates": [0, 0]})]}), encoding="utf-8")
    results, kept, left, _ = bring(path, OUTPUT_AREAS=str(tmp_path / "areas.gpkg"))
    assert [r["input_id"] for r in kept] == ["1", "2"]
    assert [(r["input_id"], r["reason"]) for r in left] == [("3", "no place on the map"), ("4", "coordinates 0, 0")]
    areas = QgsVectorLayer(str(tmp_path / "areas.gpkg"), "areas", "ogr")
    (area,) = areas.getFeatures()
    assert area["input_id"] == "2" and area.geometry().contains(
        QgsVectorLayer(str(tmp_path / "out.gpkg"), "o", "ogr").getFeature(2).geometry())


def test_photos_are_copied_without_metadata_and_others_are_listed(bring, tmp_path):
    image = pytest.importorskip("PIL.Image")
    folder = tmp_path / "media"
    folder.mkdir()
    tags = image.Exif()
    tags[0x0112], tags[0x010F] = 6, "Quillfeather"
    out = io.BytesIO()
    image.new("RGB", (30, 20), "red").save(out, "JPEG", exif=tags.tobytes())
    (folder / "Quillfeather_0.jpg").write_bytes(out.getvalue())
    (folder / "Quillfeather_1.jpg").write_bytes(b"\0\0\0\x18ftypheic" + b"Quillfeather")
    path = exports.kobo_csv(tmp_path / "k.csv")
    results, kept, left, log = bring(path, PHOTOS=str(folder))
    assert results["PHOTOS_COPIED"] == 1 and kept[0]["photo"] == "out_photos/photo_000001.jpg"
    assert image.open(tmp_path / kept[0]["photo"]).getexif()[0x0112] == 6
    reasons = {r["src_row"]: r["reason"] for r in left if r["left_out"] == "photo"}
    assert "format that cannot be cleaned" in reasons[2] and "not found" in reasons[3]
    nobody_in([("log", "\n".join(log.infos + log.warnings))])
    nobody_in_files(files_below(tmp_path, but=[Path(path), *folder.iterdir()]))


def test_practice_travels_and_missing_words_are_told(bring, tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("lon,lat,category,practice\n-1.15,52.95,quux,true\n-1.15,52.95,quux,true\n", encoding="utf-8")
    _, kept, _, log = bring(path)
    assert [r["practice"] for r in kept] == [True, True] and [r["category"] for r in kept] == ["other", "other"]
    assert any("made for practice" in t for t in log.warnings) and any("quux" in t for t in log.warnings)


@pytest.mark.parametrize(("text", "given", "message"), [
    ("a,b\n1,2\n", {}, "no coordinate columns were found"),
    ("lon,lat\n", {}, "There are no rows"),
    ("lon,lat,c\n1,2,3\n", {"VALUES": "c = d"}, "VALUES"),
    ("lon,lat,c\n1,2,3\n", {"CONCERN_SCALE": "much"}, "CONCERN_SCALE"),
    ("lon,lat,c\n1,2,3\n", {"FIELD_NAMES": "TEXT_FIELD=said"}, "no field 'said'"),
    ("lon,lat,c\n1,2,3\n", {"PHOTO_FIELD": "c", "PHOTOS": "/nowhere/at/all"}, "no such folder"),
])
def test_refusals(bring, tmp_path, text, given, message):
    path = tmp_path / "x.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(QgsProcessingException, match=message):
        bring(path, **given)


@pytest.mark.parametrize("text", ["{", "{}", '"hello"', "[1, 2]"])
def test_json_that_holds_no_rows_is_refused(bring, tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(QgsProcessingException, match="no JSON file|no list of rows"):
        bring(INPUT_FILE=str(path))


@pytest.mark.parametrize("stop_at", [10, 45, 70])
def test_a_cancelled_run_stops_and_leaves_nothing(bring, tmp_path, stop_at):
    with pytest.raises(QgsProcessingException, match="cancelled"):
        bring(exports.kobo_csv(tmp_path / "k.csv"), log=Log(stop_at))
    assert not (tmp_path / "out.gpkg").exists()


def test_the_words_of_our_own_form_are_understood():
    for name, words in (("category", inputwords.categories()), ("concern", inputwords.concerns()),
                        ("day_part", inputwords.day_parts()), ("source", inputwords.sources()),
                        ("wish", inputwords.wishes()), ("status", inputwords.statuses()),
                        ("consent", inputwords.consents())):
        theirs = np.array(list(words.values()), object)
        assert importwords.map_column(name, theirs).values.tolist() == [str(value) for value in words], name


def test_an_error_of_python_shows_no_value(bring, tmp_path, monkeypatch):
    from hotspot_plugin.algorithms.community import importcommunityinput_scan

    def fail(*_):
        raise ValueError(exports.SECRETS[0])

    monkeypatch.setattr(importcommunityinput_scan, "scan", fail)
    with pytest.raises(Exception) as caught:
        bring(exports.kobo_csv(tmp_path / "k.csv"))
    nobody_in([("error", str(caught.value))])
