"""Text tables: every row arrives, as text, whatever separator, encoding and packing."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile

import pytest
from qgis.core import QgsProcessingAlgorithm, QgsProcessingContext, QgsProcessingParameterFeatureSource, QgsVectorLayer

from hotspot_plugin.analysis.errors import InputError
from hotspot_plugin.layers import tables

HEADER = ["id", "Straße", "note"]
ROWS = [["0012", "Müllerstraße", 'a "quoted" word'], ["0013", "Ring", "two\nlines"], ["", "", ""],
        ["0014", "NA", "x,;|\t"]]


def write(path, separator=",", encoding="utf-8", before=""):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    writer.writerows([HEADER, *ROWS])
    path.write_bytes((before + text.getvalue()).encode(encoding))
    return str(path)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_separator_and_encoding_are_found_out(tmp_path, separator, encoding):
    table = tables.read_table(write(tmp_path / "a.csv", separator, encoding), "INPUT")
    assert table.separator == separator
    assert table.names == HEADER
    assert [list(row) for row in zip(*table.columns.values())] == ROWS
    assert table.rows == 4
    assert table.lines.tolist() == [2, 4, 5, 6]


def test_only_wanted_columns(tmp_path):
    path = write(tmp_path / "a.csv")
    table = tables.read_table(path, "INPUT", ["note", "nothing"])
    assert list(table.columns) == ["note"] and table.rows == 4
    assert tables.field_names(path, "INPUT") == HEADER


def test_packed_files(tmp_path):
    plain = write(tmp_path / "a.csv")
    packed = tmp_path / "a.tab.gz"
    packed.write_bytes(gzip.compress(open(plain, "rb").read()))
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as target:
        target.write(plain, "deep/a.csv")
        target.writestr("readme.md", "no table")
    for path in (str(packed), str(archive), f"/vsigzip/{packed}", f"/vsizip/{archive}/deep/a.csv"):
        table = tables.read_table(path, "INPUT")
        assert (table.rows, table.names) == (4, HEADER), path
    with zipfile.ZipFile(archive, "a") as target:
        target.write(plain, "b.csv")
    with pytest.raises(InputError, match="holds 2 text tables"):
        tables.read_table(str(archive), "INPUT")


def test_titles_above_the_header_and_the_separator_line(tmp_path):
    table = tables.read_table(write(tmp_path / "a.csv", ";", before="Weekly export\r\n\r\nfor the chief\r\n"), "INPUT")
    assert (table.names, table.rows, table.skipped) == (HEADER, 4, 2)
    table = tables.read_table(write(tmp_path / "b.csv", "|", before="sep=|\r\n"), "INPUT")
    assert (table.names, table.rows) == (HEADER, 4)


def test_ragged_rows_are_kept_and_told(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12,\n\n13,14,15\n")
    table = tables.read_table(str(path), "INPUT")
    assert (table.rows, table.ragged, table.first_ragged) == (5, 2, 3)
    assert table.columns["c"].tolist() == ["3", "", "8", "12", "15"]


def test_repeated_and_missing_names(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("x,x,,x_2\n1,2,3,4\n")
    assert tables.read_table(str(path), "INPUT").names == ["x", "x_2", "field_3", "x_2_2"]


def test_one_column(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("date\n2019-01-01\n2019-01-02\n")
    table = tables.read_table(str(path), "INPUT")
    assert (table.names, table.rows) == (["date"], 2)


def test_refusals(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        tables.read_table(str(tmp_path / "none.csv"), "INPUT")
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(InputError, match="no row of field names"):
        tables.read_table(str(tmp_path / "empty.csv"), "INPUT")
    (tmp_path / "bad.csv.gz").write_bytes(b"\x1f\x8bno")
    with pytest.raises(InputError, match="cannot be read"):
        tables.read_table(str(tmp_path / "bad.csv.gz"), "INPUT")
    path = write(tmp_path / "a.csv", encoding="cp1252")
    with pytest.raises(InputError, match="not written in utf-8"):
        tables.read_table(path, "INPUT", encoding="utf-8")
    with pytest.raises(InputError, match="no text encoding"):
        tables.read_table(path, "INPUT", encoding="klingon")


class Holder(QgsProcessingAlgorithm):
    """Has one source parameter."""

    def initAlgorithm(self, configuration=None):
        self.addParameter(QgsProcessingParameterFeatureSource("INPUT", "in"))

    def name(self):
        return "holder"

    displayName = name

    def createInstance(self):
        return Holder()

    def processAlgorithm(self, parameters, context, feedback):
        return {}


def test_the_file_behind_a_layer(qgis_app, tmp_path):
    path = tmp_path / "a b.csv"
    path.write_text("lon;lat\n1;2\nNA;3\n")
    tool, context = Holder(), QgsProcessingContext()
    tool.initAlgorithm()

    def find(value):
        return tables.find(tool, {"INPUT": value}, "INPUT", context)

    assert find(str(path)).path == str(path)
    uri = path.as_uri() + "?type=csv&delimiter=;&xField=lon&yField=lat&crs=EPSG:4326"
    layer = QgsVectorLayer(uri, "text", "delimitedtext")
    assert layer.isValid() and layer.featureCount() == 1, "QGIS reads the row of NA now?"
    found = find(layer)
    assert (found.path, found.separator, found.x_field, found.y_field, found.crs) == (
        str(path), ";", "lon", "lat", "EPSG:4326")
    assert tables.read_table(found.path, "INPUT", separator=found.separator).rows == 2
    layer.setSubsetString('"lon" = 1')
    assert find(layer) is None
    assert find(QgsVectorLayer("Point?crs=EPSG:4326", "memory", "memory")) is None
