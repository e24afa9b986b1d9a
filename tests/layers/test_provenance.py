"""The record tells all that is needed to repeat a run, and nothing about the person who ran it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from qgis.core import QgsCoordinateReferenceSystem

from hotspot_plugin.layers import provenance


@pytest.mark.parametrize("text, expected", [
    ("/home/anna/my data/x.csv", "x.csv"),
    ("/x.csv", "x.csv"),
    ("file:///home/anna/my%20data/x.csv?type=csv&xField=x", "x.csv?type=csv&xField=x"),
    ("file:///C:/Users/anna/x.csv?type=csv", "x.csv?type=csv"),
    ("C:\\Users\\anna\\My Documents\\y.csv", "y.csv"),
    ("D:\\y.csv", "y.csv"),
    ("C:/Users/anna/z.gpkg|layername=t", "z.gpkg|layername=t"),
    ("\\\\server\\anna\\z.gpkg", "z.gpkg"),
    ("//server/anna/z.gpkg", "z.gpkg"),
    ("~anna/x.gpkg", "x.gpkg"),
    ("/home/anna", ""),
    ("/vsizip//home/anna/a.zip/b.shp", "b.shp"),
    ("/vsizip/{/home/anna/a.zip}/b.shp", "b.shp"),
    ("ogr:dbname='/home/anna/a.gpkg' table=\"t\" (geom)", "ogr:dbname='a.gpkg' table=\"t\" (geom)"),
    ("see https://doi.org/10.1000/x and /home/anna/x", "see https://doi.org/10.1000/x and x"),
    ("https://anna:geheim@host/a/b.gpkg", "https://host/a/b.gpkg"),
    ("postgresql://anna:geheim@db.host/crime", "postgresql://db.host/crime"),
    ("dbname='crime' user='anna b' password='a\\'b geheim' table=\"public\".\"inc\"",
     "dbname='crime' user=… password=… table=\"public\".\"inc\""),
    ("password='ge''heim' sslmode=disable", "password=… sslmode=disable"),
    ("MSSQL:server=srv;UID=anna;PWD=geheim;", "MSSQL:server=srv;UID=…;PWD=…;"),
    ("https://host/wfs?token=geheim&api_key=geheim", "https://host/wfs?token=…&api_key=…"),
    ("/vsis3/bucket/x.gpkg?AWS_SECRET_ACCESS_KEY=geheim", "x.gpkg?AWS_SECRET_ACCESS_KEY=…"),
    ('{"password": "geheim", "n": 1}', '{"password=…, "n": 1}'),
])
def test_folders_and_credentials_go(text, expected):
    assert provenance.clean(text) == expected


@pytest.mark.parametrize("text", [
    "rates per km/h and n/a, 12/31/2019 and 2019/01/02, a/b", "Robbery/Theft", "Burglary and / or theft",
    "\"type\" IN ('Theft/Robbery', 'Other') AND n > 3/4", "Date/Time", "memory:", "place_key = 'A'", "EPSG:32630",
    "12:30 to 14:00", "https://www.police.uk/pu/your-area/",
])
def test_settings_that_only_look_like_paths_stay(text):
    assert provenance.clean(text) == text


def test_the_record_is_json_whatever_is_in_it():
    text = provenance.record(
        "hotspot:x", "1", {"A": np.float64(1.5), "B": float("inf"), "C": [np.nan, "/home/anna/x.csv"]},
        {"INPUT": {"layer": "/home/anna/x.gpkg"}}, "EPSG:32630", {"N": np.int64(3), "NAN": np.nan}, ["Größe"], [])
    made = json.loads(text)
    assert made["parameters"] == {"A": 1.5, "B": None, "C": [None, "x.csv"]}
    assert made["inputs"]["INPUT"]["layer"] == "x.gpkg" and made["results"] == {"N": 3, "NAN": None}
    assert "Größe" in text


class Carrier:
    """Stands for a layer."""

    def __init__(self, metadata):
        self._metadata = metadata

    def metadata(self):
        return self._metadata


def test_it_is_found_among_other_history():
    crs = QgsCoordinateReferenceSystem("EPSG:32630")
    metadata = provenance.metadata("Title", "", json.dumps({"tool": "hotspot:x"}), crs)
    metadata.addHistoryItem("edited by hand")
    metadata.addHistoryItem("[1]")
    assert provenance.read(Carrier(metadata)) == {"tool": "hotspot:x"}
    assert provenance.read(Carrier(provenance.metadata("T", "", "none", crs))) == {}
