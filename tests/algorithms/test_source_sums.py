"""On real cities every table adds up to the rows of the source, and rows without a place are counted and told.

What is to be expected is counted by pandas in the source itself (``cities.py``), not in what a tool made of it.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from qgis.core import QgsProcessingException, QgsVectorLayer

from tests.algorithms import cities
from tests.algorithms.cities import account, beside, counts, table
from tests.algorithms.samples import Listener


@pytest.fixture(scope="module", params=cities.NAMES)
def city(request, provider, shared_data, tmp_path_factory):
    return cities.make(request.param, shared_data, tmp_path_factory.mktemp(request.param))


@pytest.fixture
def run(city, run_tool, tmp_path):
    """Run a tool with a report; return its results and what was told."""

    def start(tool, **given):
        listener = Listener()
        given = {name: value for name, value in given.items() if value is not None}
        defaults = {"OUTPUT": str(tmp_path / f"{tool}.gpkg"), "REPORT": str(tmp_path / f"{tool}.html")}
        result = run_tool(tool, {**defaults, **given}, feedback=listener)
        result["TOLD"] = "\n".join([*listener.infos, *listener.warnings])
        return result

    return start


def page(result) -> str:
    """The words of a report, without their markup."""
    return re.sub(r"<[^>]+>", " ", Path(result["REPORT"]).read_text(encoding="utf-8"))


def by_type(result, name="types") -> pd.DataFrame:
    """The table of types of a report, records without one as ""."""
    found = beside(result["REPORT"], name)
    return found.set_index(found.columns[0]).rename(index={"(no type)": "", "without a type": "", "Without a type": ""})


def test_prepare(city):
    """Rows read = located + unlocated; no place at 0, 0; each type has all its rows."""
    for number, made in enumerate(city.prepared):
        rows = city.rows[city.rows.part == number]
        assert (made["ROWS_IN"], made["LOCATED"], made["UNLOCATED_COUNT"], made["MERGED"], made["DROPPED"]) == (
            len(rows), rows.located.sum(), (~rows.located).sum(), 0, 0)
        located, unlocated = table(made["OUTPUT"]), table(made["UNLOCATED"])
        assert sorted([*located.src_row, *unlocated.src_row]) == list(range(1, len(rows) + 1))
        assert set(unlocated.src_row) == set(np.flatnonzero(~rows.located.to_numpy()) + 1)
        assert unlocated.reason.notna().all()
        layer = QgsVectorLayer(made["OUTPUT"], "located", "ogr")
        assert layer.featureCount() == rows.located.sum()
        assert not any(f.geometry().asPoint().x() == 0 for f in layer.getFeatures())
        days = pd.concat([located, unlocated]).sort_values("src_row").dt_from
        exact = 7 if city.monthly else 10
        assert list(days.str[:exact]) == list(rows.day.astype(str).str[:exact])
        of_type = by_type(made)
        assert of_type["Incidents"].to_dict() == counts(rows)
        lost = (~rows.located).groupby(rows.kind.fillna("")).sum().to_dict()
        assert of_type["Without a place"].to_dict() == lost
        lines = beside(made["REPORT"], "rows")["Number"].tolist()
        assert lines[0] == len(rows) == sum(lines[1:])
        if missing := int((~rows.located).sum()):
            assert beside(made["REPORT"], "unlocated")["Incidents"].sum() == missing
            assert f"{missing:,}" in page(made) and "on no map" in page(made)
            assert any("without a" in text.lower() or "no usable place" in text.lower()
                       for text in [*made["LISTENER"].warnings, *made["LISTENER"].infos, made["SUMMARY"]])


def test_check(city, run):
    rows, made = city.newest, city.prepared[-1]
    result = run("checkincidents", INPUT=made["OUTPUT"], UNLOCATED=made["UNLOCATED"], AS_OF="2025-06-30")
    assert result["TOTAL"] + result["UNLOCATED_ROWS"] == len(rows)
    assert result["UNLOCATED_ROWS"] == (~rows.located).sum() and result["ZERO_XY"] == 0
    assert account(result, "INPUT")["used"] == len(table(result["OUTPUT"])) == rows.located.sum()
    of_type = by_type(result)
    assert of_type["Incidents"].to_dict() == counts(rows)
    assert of_type["Without a usable place"].sum() >= (~rows.located).sum()
    assert beside(result["REPORT"], "precision")["Rows"].sum() == result["TOTAL"]


def test_classify(city, run, tmp_path):
    """Both halves of the records: the rows of groups, types and unknown types are those of the source."""
    own = tmp_path / "types.csv"
    rows, made = city.newest, city.prepared[-1]
    kinds = sorted(kind for kind in counts(rows) if kind)
    known = kinds[: max(1, len(kinds) - 1)]
    lines = [f'"{kind}",group {i % 3},{i},no,no,yes,yes' for i, kind in enumerate(known)]
    own.write_text("\n".join(["code,group,harm,sensitive,proactive,public_place,is_crime", *lines]), encoding="utf-8")
    total = pd.Series(dtype=float)
    for role in ("OUTPUT", "UNLOCATED"):
        wanted = rows[rows.located == (role == "OUTPUT")]
        if not len(wanted):
            continue
        result = run("classifyincidents", INPUT=made[role], TABLE=str(own), ALLOW_UNMATCHED=True,
                     UNMATCHED=str(tmp_path / f"{role}.gpkg"))  # fmt: skip
        assert result["ROWS"] == len(table(result["OUTPUT"])) == len(wanted)
        assert result["MATCHED"] == wanted.kind.isin(known).sum()
        assert result["MATCHED"] + result["UNMATCHED_COUNT"] + result["NULL_TYPES"] == len(wanted)
        assert table(result["UNMATCHED"]).n.sum() == result["UNMATCHED_COUNT"]
        if result["MATCHED"]:
            assert beside(result["REPORT"], "groups_table")["Rows"].sum() == result["MATCHED"]
            assert beside(result["REPORT"], "types")["Rows"].sum() == result["MATCHED"]
        groups = table(result["OUTPUT"]).ctype.fillna("").value_counts()
        total = total.add(groups, fill_value=0)
    assert total.astype(int).to_dict() == counts(rows)


def test_count(city, run):
    result = run("countincidents", INCIDENTS=city.located, AREAS=city.areas, TYPE_FIELD="ctype", OVERLAPS=1,
                 REPORT=None)
    areas = table(result["OUTPUT"])
    assert result["TOTAL"] == account(result, "INCIDENTS")["used"] == city.rows.located.sum()
    assert areas.n.sum() + result["OUTSIDE"] == result["TOTAL"] and areas.n.sum() == result["COUNTED"]
    told = dict(re.findall(r"^(\w+) = .*: (\d+)$", result["TOLD"], flags=re.M))
    assert len(told) == city.rows[city.rows.located].kind.nunique(dropna=False)
    assert (areas[list(told)].sum(axis=1) == areas.n).all()
    assert {name: int(areas[name].sum()) for name in told} == {name: int(count) for name, count in told.items()}
    if result["OUTSIDE"]:
        assert f"{result['OUTSIDE']} of {result['TOTAL']} incidents" in result["TOLD"]


def test_hot_spots_and_patrol_zones(city, run, tmp_path):
    """Cells add up to the incidents used; those and what is left out are the located rows."""
    result = run("findhotspots", INPUT=city.located, HOTSPOTS=str(tmp_path / "spots.gpkg"), BOUNDARY=city.areas,
                 CELL_SIZE=500)
    entry = account(result, "INPUT")
    assert entry["rows"] == city.rows.located.sum() and entry["used"] == result["INCIDENTS"]
    assert table(result["OUTPUT"]).n.sum() == result["INCIDENTS"]
    for part in entry["left_out"]:
        assert re.search(rf"{part['count']:,} of [\d,]+ incidents are not used: {re.escape(part['reason'])}",
                         result["TOLD"])
    spots = table(result["HOTSPOTS"])
    assert result["HOTSPOT_COUNT"] == len(spots) > 0
    assert spots.n.sum() / result["INCIDENTS"] == pytest.approx(result["INCIDENT_SHARE"])
    assert list(beside(result["REPORT"], "hotspots")["Incidents"]) == list(spots.n)
    plan = run("patrolzones", INPUT=result["HOTSPOTS"], INCIDENTS=city.located, BOUNDARY=city.areas,
               MERGE_DISTANCE=0)
    zones, entry = table(plan["OUTPUT"]), account(plan, "INCIDENTS")
    assert entry["rows"] == city.rows.located.sum()
    inside = zones.n_inside.sum()
    assert 0 < inside <= result["INCIDENTS"]
    # the share is of the incidents within the boundary, which are those that made the hot spots
    assert inside / plan["INCIDENT_SHARE"] == pytest.approx(result["INCIDENTS"], rel=0.002)


def test_repeat_locations(city, run):
    """Of a year (of all rows where dates say the month): places add up, the whole includes rows without a place."""
    window = 0 if city.monthly else 365
    rows = city.rows if city.monthly else city.between(
        pd.Timestamp(city.as_of) - pd.Timedelta(days=364), city.as_of)
    result = run("repeatlocations", INPUT=city.located, UNLOCATED=city.unlocated, WINDOW=window,
                 AS_OF=None if city.monthly else city.as_of, TOP=0, MIN_COUNT=2)
    assert (result["RECORDED"], result["LOCATED"]) == (len(rows), rows.located.sum())
    assert result["INCIDENTS"] == result["LOCATED"]
    listed, numbers = table(result["OUTPUT"]), beside(result["REPORT"], "numbers")
    every = numbers[numbers.iloc[:, 0] == "all"].iloc[0]
    parts = numbers[numbers.iloc[:, 0] != "all"]
    assert parts["Incidents"].sum() == every["Incidents"] == result["INCIDENTS"]
    assert parts["Places"].sum() == every["Places"] == result["PLACE_COUNT"]
    once = int(parts[parts.iloc[:, 0].astype(str) == "1"]["Incidents"].sum())
    assert listed.n.sum() + once == result["INCIDENTS"] and len(listed) == result["LISTED"]
    records = beside(result["REPORT"], "records").set_index("Records")["Number"]
    assert records.iloc[:-1].sum() == records.iloc[-1] == len(rows)
    assert account(result, "UNLOCATED")["rows"] == city.without_place
    if not rows.located.all():
        assert records.filter(like="no place").sum() == (~rows.located).sum()
        assert f"{(~rows.located).sum():,}" in page(result)


def test_crime_summary(city, run):
    """Each level of lines adds up to the source, in every window; areas + outside + without a place = all."""
    given = {"INPUT": city.located, "UNLOCATED": city.unlocated, "AREAS": city.areas, "AS_OF": city.as_of}
    if city.monthly:
        with pytest.raises(QgsProcessingException, match="month"):
            run("crimesummary", **given)
        return
    result = run("crimesummary", **given)
    lines, end = table(result["OUTPUT"]), pd.Timestamp(city.as_of)
    assert result["RECORDS"] == len(city.rows) and result["ROWS_UNLOCATED"] == city.without_place
    windows = {"n_7": city.between(end - pd.Timedelta(days=6), end),
               "n_28": city.between(end - pd.Timedelta(days=27), end),
               "n_28_prev": city.between(end - pd.Timedelta(days=55), end - pd.Timedelta(days=28)),
               "ytd": city.between(f"{end.year}-01-01", end)}  # fmt: skip
    for level in ("whole", "type", "area", "type in area"):
        some = lines[lines.level == level]
        assert some.n_all.sum() == len(city.rows), level
        for name, rows in windows.items():
            assert some[name].sum() == len(rows), (level, name)
    of_type = lines[lines.level == "type"].set_index("ctype").rename(index={"without a type": ""})
    assert of_type.n_all.to_dict() == city.kinds
    for name, rows in windows.items():
        assert of_type[name].to_dict() == {kind: counts(rows).get(kind, 0) for kind in of_type.index}
    areas = lines[lines.level == "area"].set_index("area")
    assert areas.n_all["Without a place"] == city.without_place
    assert areas.n_all["Outside all areas"] == result["ROWS_OUTSIDE"]
    records = beside(result["REPORT"], "records")["Number"].tolist()
    assert sum(records[:-1]) == records[-1] == len(city.rows)
    for name in ("types", "areas"):
        found = beside(result["REPORT"], name)
        assert found["28 days"].iloc[:-1].sum() == found["28 days"].iloc[-1] == len(windows["n_28"])
        assert found["Year to date"].iloc[:-1].sum() == found["Year to date"].iloc[-1] == len(windows["ytd"])
    assert "Without a place" in page(result)


def test_compare_periods(city, run):
    """The whole counts every row of the source; areas + outside + without a place = all; types add up to all."""
    compared(city, run("compareperiods", AREAS=city.areas, INCIDENTS=city.located, UNLOCATED=city.unlocated,
                       **city.periods))  # fmt: skip
    if len(city.prepared) == 2:
        first, second = city.prepared
        compared(city, run(
            "compareperiods", AREAS=city.areas, INCIDENTS=first["OUTPUT"], UNLOCATED=first["UNLOCATED"],
            AFTER_INCIDENTS=second["OUTPUT"], AFTER_UNLOCATED=second["UNLOCATED"], **city.periods))  # fmt: skip


def compared(city, result) -> None:
    dates = list(city.periods.values())
    before, after = city.between(*dates[:2]), city.between(*dates[2:])
    assert (result["BEFORE"], result["AFTER"]) == (len(before), len(after))
    assert result["LOCATED_BEFORE"] == pytest.approx(before.located.mean())
    assert result["LOCATED_AFTER"] == pytest.approx(after.located.mean())
    areas = table(result["OUTPUT"])
    assert (areas.PREV_CNT.sum(), areas.CUR_CNT.sum()) == (result["AREAS_BEFORE"], result["AREAS_AFTER"])
    without = int((~before.located).sum() + (~after.located).sum())
    assert result["AREAS_BEFORE"] + result["AREAS_AFTER"] + result["OUTSIDE"] + without == len(before) + len(after)
    whole = beside(result["REPORT"], "whole").set_index("Counted").iloc[:, :2]
    assert list(whole.loc["All records"]) == [len(before), len(after)]
    assert list(whole.loc["Records with a place"]) == [before.located.sum(), after.located.sum()]
    assert list(whole.loc["Inside the areas"]) == [result["AREAS_BEFORE"], result["AREAS_AFTER"]]
    if without:
        assert list(whole.loc["Records without a place"]) == [(~before.located).sum(), (~after.located).sum()]
    if len(city.kinds) > 1:
        types = by_type(result).iloc[:, :2]
        assert list(types.sum()) == [len(before), len(after)]
        for kind, pair in types.iterrows():
            assert list(pair) == [counts(rows).get(kind, 0) for rows in (before, after)], kind
    if city.without_place:
        assert "without a place" in page(result).lower()


# --- rows masked as 0, 0 in a layer that was not prepared ------------------------------------------
@pytest.fixture(scope="module")
def masked(shared_data, tmp_path_factory):
    """Vancouver 2024 as a spreadsheet opens it: every row a point, the masked ones at 0, 0."""
    rows = pd.read_csv(shared_data("vancouver/vpd_crime_2024.csv.gz")).fillna({"X": 0, "Y": 0})
    rows["day"] = pd.to_datetime(rows[["YEAR", "MONTH", "DAY"]]).dt.strftime("%Y-%m-%d")
    path = tmp_path_factory.mktemp("masked") / "masked.csv"
    rows[["TYPE", "day", "X", "Y"]].to_csv(path, index=False)
    layer = QgsVectorLayer(f"file://{path}?delimiter=,&xField=X&yField=Y&crs=EPSG:26910", "masked", "delimitedtext")
    assert layer.featureCount() == len(rows) == 33_771
    return layer, rows


@pytest.mark.parametrize("tool", ["countincidents", "kerneldensity", "findhotspots", "repeatlocations",
                                  "crimesummary", "compareperiods"])
def test_masked_rows_are_on_no_map_and_counted_in_the_whole(run_tool, masked, shared_data, tmp_path, tool):
    layer, rows = masked
    hidden, total = int((rows.X == 0).sum()), len(rows)
    areas = f"{shared_data('vancouver/vancouver.gpkg')}|layername=neighbourhoods"
    fields = {"DATE_FIELD": "day", "TYPE_FIELD": "TYPE"}
    given = {
        "countincidents": {"INCIDENTS": layer, "AREAS": areas},
        "kerneldensity": {"INPUT": layer, "BANDWIDTH": 500, "CELL_SIZE": 200, "OUTPUT": str(tmp_path / "kde.tif")},
        "findhotspots": {"INPUT": layer, "HOTSPOTS": "TEMPORARY_OUTPUT", **fields},
        "repeatlocations": {"INPUT": layer, "WINDOW": 0, **fields},
        "crimesummary": {"INPUT": layer, "AREAS": areas, "AS_OF": "2024-12-31", **fields},
        "compareperiods": {"INCIDENTS": layer, "AREAS": areas, **fields,
                           **cities.periods("2024-01-01", "2024-06-30", "2024-07-01", "2024-12-31")},
    }[tool]  # fmt: skip
    listener = Listener()
    result = run_tool(tool, {"OUTPUT": "TEMPORARY_OUTPUT", **given}, feedback=listener)
    told = "\n".join([*listener.infos, *listener.warnings])
    assert re.search(rf"({hidden}|{hidden:,}) of ({total}|{total:,}) (rows|incidents)", told) and "0, 0" in told
    if tool == "countincidents":
        assert result["TOTAL"] == total - hidden and account(result, "INCIDENTS")["rows"] == total
        assert result["COUNTED"] > 0.98 * result["TOTAL"]
    elif tool == "kerneldensity":
        assert account(result, "INPUT")["used"] == total - hidden
    elif tool == "findhotspots":
        assert account(result, "INPUT")["rows"] == total and result["AREA_KM2"] < 250
    elif tool == "repeatlocations":
        assert (result["RECORDED"], result["LOCATED"]) == (total, total - hidden)
        assert max(table(result["OUTPUT"]).n) < 1000
    elif tool == "crimesummary":
        assert (result["RECORDS"], result["ROWS_UNLOCATED"]) == (total, hidden)
    else:
        assert result["BEFORE"] + result["AFTER"] == total
        assert result["AREAS_BEFORE"] + result["AREAS_AFTER"] + result["OUTSIDE"] == total - hidden
