"""Real cities: the rows of the source read by pandas alone, and the same rows prepared by the tool."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest
from qgis.core import QgsFeature, QgsGeometry, QgsRectangle, QgsVectorLayer

from scripts import demo_data
from tests.algorithms import samples

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("vancouver", "nyc", "memphis", "nottingham", "west_yorkshire")


@dataclass
class City:
    """A city's source and what 'Prepare incident data' made of it.

    Attributes
    ----------
    rows : DataFrame
        One row of the source each: day (datetime64), kind (text), located (bool), part (int).
    files : list of str
        What is prepared, one source file each.
    settings : dict
        How it is prepared.
    areas : str or QgsVectorLayer
        Beats, wards and the like; not all of the incidents are in them.
    periods : dict
        Two periods to compare.
    as_of : str
        Last day of the windows.
    monthly : bool
        The dates say the month only.
    """

    rows: pd.DataFrame
    files: list
    settings: dict
    areas: object
    periods: dict
    as_of: str
    monthly: bool = False
    prepared: list = field(default_factory=list)
    located: str = ""
    unlocated: str = ""

    @property
    def kinds(self) -> dict:
        """Rows of each type."""
        return counts(self.rows)

    @property
    def newest(self) -> pd.DataFrame:
        """Rows of the last file."""
        return self.rows[self.rows.part == len(self.files) - 1]

    @property
    def without_place(self) -> int:
        """Rows without a place."""
        return int((~self.rows.located).sum())

    def between(self, first, last) -> pd.DataFrame:
        """Rows of a period; both days are included."""
        return self.rows[(self.rows.day >= pd.Timestamp(first)) & (self.rows.day <= pd.Timestamp(last))]


def _vancouver(data, folder) -> City:
    files = [data(f"vancouver/vpd_crime_{year}.csv.gz") for year in (2023, 2024)]
    table = pd.concat([pd.read_csv(file).assign(part=i) for i, file in enumerate(files)])
    located = table.X.notna() & table.Y.notna() & ~((table.X == 0) & (table.Y == 0))
    rows = pd.DataFrame({"day": pd.to_datetime(table[["YEAR", "MONTH", "DAY"]]), "kind": table.TYPE,
                         "located": located, "part": table.part}).reset_index(drop=True)
    return City(rows, files, {"CRS": "EPSG:26910"}, f"{data('vancouver/vancouver.gpkg')}|layername=neighbourhoods",
                periods("2023-01-01", "2023-12-31", "2024-01-01", "2024-12-31"), "2024-12-31")


def _nyc(data, folder) -> City:
    file = data("nyc/nyc_vehicle_thefts_2014_2017.csv.gz")
    table = pd.read_csv(file)
    rows = pd.DataFrame({"day": pd.to_datetime(table.date_start).dt.normalize(), "kind": table.location_category,
                         "located": table.longitude.notna() & table.latitude.notna(), "part": 0})
    return City(rows, [file], {"DATE_FIELD": "date_start", "END_DATE_FIELD": "date_end",
                               "TYPE_FIELD": "location_category"},
                f"{data('nyc/nyc_context.gpkg')}|layername=bor",
                periods("2014-01-01", "2014-12-31", "2015-01-01", "2015-12-31"), "2017-12-30")  # fmt: skip


def _memphis(data, folder) -> City:
    package = data("memphis/memphis.gpkg")
    source = QgsVectorLayer(f"{package}|layername=robberies", "robberies", "ogr")
    found = [(f["date"].toString("yyyy-MM-dd"), f["offense_type"], f.hasGeometry()) for f in source.getFeatures()]
    rows = pd.DataFrame(found, columns=["day", "kind", "located"]).assign(part=0)
    rows.day = pd.to_datetime(rows.day)
    return City(rows, [f"{package}|layername=robberies"], {"DATE_FIELD": "date", "TYPE_FIELD": "offense_type"},
                f"{package}|layername=precincts",
                periods("2019-01-01", "2019-06-30", "2019-07-01", "2019-12-31"), "2019-12-31")


def _nottingham(data, folder) -> City:
    kinds = ("burglary", "robbery")
    table = pd.concat([pd.read_csv(data(f"uk_nottingham/nottingham_{kind}.csv.gz"), dtype=str).assign(kind=kind)
                       for kind in kinds])  # fmt: skip
    file = folder / "nottingham.csv"
    table.to_csv(file, index=False)
    rows = pd.DataFrame({"day": pd.to_datetime(table.month), "kind": table.kind,
                         "located": table.longitude.notna() & table.latitude.notna(), "part": 0}).reset_index(drop=True)
    return City(rows, [file], {"DATE_FIELD": "month", "TYPE_FIELD": "kind"},
                str(data("uk_nottingham/nottingham_wards.gpkg")),
                periods("2022-01-01", "2022-06-30", "2022-07-01", "2022-12-31"), "2022-12-31", True)


def _west_yorkshire(data, folder) -> City:
    cache = ROOT / ".cache" / "demo"
    wheel = cache / demo_data.WHEEL
    # the continuous integration tests before it runs the demonstration, which fetches the same file
    if not wheel.exists() and os.environ.get("CI") != "true":
        pytest.skip(f"{demo_data.WHEEL} is not on this machine: make demo fetches it")
    try:
        found = demo_data.extract(demo_data.fetch(cache), folder)
    except (demo_data.NoData, OSError) as error:
        pytest.skip(str(error))
    files = [found[year] for year in (2017, 2018)]
    table = pd.concat([pd.read_csv(file).assign(part=i) for i, file in enumerate(files)])
    rows = pd.DataFrame({"day": pd.to_datetime(table.Month), "kind": table["Crime type"],
                         "located": table.Longitude.notna() & table.Latitude.notna(),
                         "part": table.part}).reset_index(drop=True)  # fmt: skip
    areas = QgsVectorLayer("Polygon?crs=EPSG:4326&field=name:string", "parts", "memory")
    for name, box in (("Leeds", (-1.72, 53.73, -1.40, 53.88)), ("Bradford", (-1.92, 53.74, -1.72, 53.88))):
        feature = QgsFeature(areas.fields())
        feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(*box)))
        feature.setAttributes([name])
        areas.dataProvider().addFeature(feature)
    areas.updateExtents()
    return City(rows, files, {}, areas, periods("2017-07-01", "2017-07-31", "2018-07-01", "2018-07-31"),
                "2018-07-31", True)


def counts(rows: pd.DataFrame) -> dict:
    """Return the rows of each type, those without one as ""."""
    return rows.kind.fillna("").value_counts().to_dict()


def periods(*days) -> dict:
    """Return the parameters of two periods."""
    return dict(zip(("BEFORE_START", "BEFORE_END", "AFTER_START", "AFTER_END"), days))


def make(name: str, data, folder: Path) -> City:
    """Prepare a city as a user does: each file by itself, then the layers merged."""
    from qgis import processing

    city = {"vancouver": _vancouver, "nyc": _nyc, "memphis": _memphis, "nottingham": _nottingham,
            "west_yorkshire": _west_yorkshire}[name](data, folder)  # fmt: skip
    for number, file in enumerate(city.files):
        listener = samples.Listener()
        out = {"OUTPUT": str(folder / f"located_{number}.gpkg"), "UNLOCATED": str(folder / f"unlocated_{number}.gpkg"),
               "REPORT": str(folder / f"prepare_{number}.html")}
        result = processing.run("hotspot:prepareincidents", {"INPUT": str(file), **city.settings, **out},
                                feedback=listener)  # fmt: skip
        city.prepared.append({**result, "LISTENER": listener})
    for role, wanted in (("located", "OUTPUT"), ("unlocated", "UNLOCATED")):
        made = [result[wanted] for result in city.prepared]
        if len(made) > 1:
            merged = {"LAYERS": made, "OUTPUT": str(folder / f"{role}.gpkg")}
            made = [processing.run("native:mergevectorlayers", merged)["OUTPUT"]]
        setattr(city, role, made[0])
    return city


# --- reading what tools leave ------------------------------------------------------------------
def table(layer) -> pd.DataFrame:
    """Return the attributes of a layer or of a GeoPackage of one table, dates as texts."""
    if not isinstance(layer, QgsVectorLayer):
        with closing(sqlite3.connect(layer)) as package:
            name, = package.execute("SELECT table_name FROM gpkg_contents WHERE data_type <> 'aspatial' OR"
                                    " table_name <> 'layer_styles'").fetchall()[0]
            columns = [row[1] for row in package.execute(f'PRAGMA table_info("{name}")') if row[1] != "geom"]
            return pd.read_sql(f'SELECT {", ".join(columns)} FROM "{name}"', package)
    names = layer.fields().names()
    rows = [[None if str(value) == "NULL" else value for value in f.attributes()] for f in layer.getFeatures()]
    return pd.DataFrame(rows, columns=names)


def beside(report: str, name: str) -> pd.DataFrame:
    """Return a table that a report left beside it."""
    path = Path(report)
    return pd.read_csv(path.with_name(f"{path.stem}_{name}.csv"), encoding="utf-8-sig", keep_default_na=False)


def account(result: dict, name: str) -> dict:
    """Return what a run's record says of an input; what is used and what is left out must be all rows."""
    entry = json.loads(result["PROVENANCE"])["inputs"][name]
    assert entry["used"] + sum(part["count"] for part in entry["left_out"]) == entry["rows"]
    assert all(part["reason"] for part in entry["left_out"])
    return entry
