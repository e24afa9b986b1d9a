"""The map is drawn without a desktop and in a thread, and its legend leaves nothing out."""

from __future__ import annotations

import numpy as np
import pytest
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsLayerTree,
    QgsLayerTreeModel,
    QgsRasterLayer,
    QgsRectangle,
    QgsTask,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor, QImage

from hotspot_plugin.layers import styling, writing
from hotspot_plugin.reports import maps

COLOURS = ["#b2182b", "#ef8a62", "#fddbc7", "#d9d9d9", "#67a9cf", "#2166ac"]


def squares(colours=COLOURS, name="Change", crs="EPSG:32630", label="class {}", shown=None):
    layer = QgsVectorLayer(f"Polygon?crs={crs}&field=k:integer", name, "memory")
    features = []
    for index in range(len(colours) if shown is None else shown):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(1000 * index, 0, 1000 * index + 900, 4000)))
        feature.setAttributes([index])
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    layer.updateExtents()
    entries = [(index, colour, label.format(index)) for index, colour in enumerate(colours)]
    styling.categories("style", "k", entries).apply(layer)
    return layer


def image_of(png: bytes) -> QImage:
    image = QImage()
    assert image.loadFromData(png, "PNG")
    return image


def columns_with(image: QImage, colour: str) -> list:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    bits = image.constBits()
    bits.setsize(image.sizeInBytes())
    pixels = np.frombuffer(bits, np.uint32).reshape(image.height(), image.width())
    return np.flatnonzero((pixels == QColor(colour).rgb()).any(axis=0)).tolist()


def test_map_and_legend_show_every_class_side_by_side(qgis_app):
    image = image_of(maps.map_png([squares()], "A title", credit="Source"))
    assert image.width() == 1200 and 400 < image.height() <= 900
    found = [set(columns_with(image, colour)) for colour in COLOURS]
    legend = set.intersection(*found)  # the squares of the map lie side by side, those of the legend below each other
    assert len(legend) > 10 and max(legend) < 1190
    for columns in found:
        in_map = {column for column in columns if column < min(legend) - 3}  # edges of squares are blurred
        assert len(in_map) > 10, "in the map"
        assert max(in_map) < min(legend) - 10, "the legend lies beside the map"


def test_a_legend_with_many_and_long_entries_leaves_nothing_out(qgis_app):
    colours = [QColor.fromHsv(5 * i, 200, 200).name() for i in range(60)]
    layer = squares(colours, label="class {} with a description that goes on and on, far beyond the column", shown=3)
    image = image_of(maps.map_png([layer], "A title"))
    assert image.height() > 900  # the page grew
    for colour in colours:
        assert columns_with(image, colour), colour
    edge = [image.pixel(x, y) for x in range(1195, 1200) for y in range(image.height())]
    assert set(edge) == {QColor("white").rgb()}


def test_a_map_without_legend_uses_the_whole_width(qgis_app):
    image = image_of(maps.map_png([squares()], "", legend=False, width=800, height=400))
    assert max(columns_with(image, "#b9c2cd")) > 740


def test_the_picture_is_as_high_as_the_place_needs(qgis_app):
    heights = []
    for wide, high in ((1000, 9000), (9000, 3000), (9000, 10)):
        layer = QgsVectorLayer("Polygon?crs=EPSG:32630&field=k:integer", "one", "memory")
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(0, 0, wide, high)))
        layer.dataProvider().addFeatures([feature])
        layer.updateExtents()
        heights.append(image_of(maps.map_png([layer], "Title")).height())
    assert heights[0] == 900 and 900 > heights[1] >= heights[2] > 400


def test_a_part_can_be_shown(qgis_app):
    part = QgsRectangle(2100, 500, 2800, 1200)  # within the third square
    image = image_of(maps.map_png([squares()], "A title", legend=False, extent=part))
    assert columns_with(image, COLOURS[2])
    assert not columns_with(image, COLOURS[0])


def test_layers_of_different_systems_and_an_empty_one(qgis_app):
    empty = QgsVectorLayer("Polygon?crs=EPSG:4326&field=k:integer", "none", "memory")
    assert image_of(maps.map_png([squares(), empty], "Title")).width() == 1200
    assert image_of(maps.map_png([empty], "Title")).width() == 1200


def test_a_single_point_has_room_around_it(qgis_app):
    layer = QgsVectorLayer("Point?crs=EPSG:32630", "p", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromWkt("POINT(100 100)"))
    layer.dataProvider().addFeatures([feature])
    layer.updateExtents()
    assert image_of(maps.map_png([layer], "Title")).width() == 1200


def test_nothing_to_draw_is_refused():
    with pytest.raises(ValueError, match="at least one layer"):
        maps.map_png([None], "Title")


def test_the_map_is_drawn_in_a_background_thread(qgis_app):
    layer, result = squares(), []

    class Draw(QgsTask):
        def run(self):
            result.append(maps.map_png([layer], "In a thread"))
            return True

    task = Draw("map")
    QgsApplication.taskManager().addTask(task)
    assert task.waitForFinished(30000)
    assert image_of(result[0]).width() == 1200


@pytest.mark.parametrize(("metres", "length"), [(1234, 1000), (999, 500), (250, 200), (0.3, 0.2), (5e6, 5e6)])
def test_round_length(metres, length):
    assert maps._round_length(metres) == pytest.approx(length)


def test_the_legend_of_a_raster_shows_its_classes_and_not_the_band(qgis_app, tmp_path):
    path = str(tmp_path / "density.tif")
    crs = QgsCoordinateReferenceSystem("EPSG:32630")
    writing.write_raster(path, np.arange(12.0).reshape(3, 4), 0.0, 30.0, 10.0, crs, "Density")
    layer = QgsRasterLayer(path, "Density")
    styling.raster_classes("d", [(4.0, "#ffffb2", "little"), (20.0, "#bd0026", "much")]).apply(layer)
    root = QgsLayerTree()
    node = root.addLayer(layer)
    model = QgsLayerTreeModel(root)
    entries = model.layerLegendNodes(node)
    assert len(entries) == 3
    assert [str(entries[i].data(0)) for i in maps._worth_showing(layer, entries)] == ["little", "much"]
