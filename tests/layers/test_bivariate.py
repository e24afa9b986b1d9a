"""A map of two layers must survive a grey printer and a colour-blind reader."""
from __future__ import annotations

import itertools

import numpy as np
import pytest
from qgis.core import QgsFeature, QgsGeometry, QgsMapRendererParallelJob, QgsMapSettings, QgsRectangle, QgsVectorLayer
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor, QImage

from hotspot_plugin.layers import bivariate


def lightness(colour: str) -> float:
    """Return the lightness L* (CIE 1976) of a colour, 0 black to 100 white: what a grey print keeps of it."""
    parts = [int(colour[i:][:2], 16) / 255.0 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 116.0 * y ** (1 / 3) - 16.0 if y > 0.008856 else 903.3 * y


def test_lightness_is_cie():
    assert lightness("#ffffff") == pytest.approx(100.0, abs=1e-3)
    assert lightness("#000000") == 0.0
    assert lightness("#777777") == pytest.approx(50.03, abs=0.02)


def test_each_class_is_a_step_darker_and_the_middle_ones_are_hatched_otherwise():
    steps = [lightness(look.colour) for look in bivariate.LOOKS]
    assert (np.diff(steps) <= -12.0).all()
    hatches = [(look.hatch, look.dots) for look in bivariate.LOOKS]
    assert len(set(hatches[:1] + hatches[2:4])) == 3


#: Severe red, green and blue blindness on linear light (Machado, Oliveira and Fernandes 2009).
BLIND = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def lab(rgb):
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ rgb / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("kind", BLIND)
def test_colour_blind_readers_tell_the_classes_apart(kind):
    seen = []
    for look in bivariate.LOOKS:
        rgb = np.array([int(look.colour[i:][:2], 16) / 255 for i in (1, 3, 5)])
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        seen.append(lab(np.clip(np.array(BLIND[kind]) @ linear, 0, 1)))
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 11


def test_what_is_drawn_differs_in_grey(qgis_app):
    """The classes as QGIS draws them, hatch and all, in shades of grey."""
    layer = QgsVectorLayer("Polygon?crs=EPSG:32630&field=joint:integer&field=env_low:bool", "x", "memory")
    for code in range(5):
        feature = QgsFeature(layer.fields())
        left = 500_000 + 100 * code
        feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(left, 0, left + 100, 100)))
        feature.setAttributes([code, code == 1])
        layer.dataProvider().addFeature(feature)
    bivariate.classes("x", list("abcde"), "low score").apply(layer)
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(layer.crs())
    settings.setBackgroundColor(QColor("white"))
    settings.setOutputSize(QSize(500, 100))
    settings.setExtent(QgsRectangle(500_000, 0, 500_500, 100))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage().convertToFormat(QImage.Format.Format_Grayscale8)
    grey = np.array([[image.pixelColor(x, y).red() for x in range(500)] for y in range(0, 100, 3)], float)
    # away from the outlines, and from the mark in the middle of the second
    parts = [np.r_[grey[3:-3, 100 * k + 8 : 100 * k + 30].ravel()] for k in range(5)]
    means = np.array([part.mean() for part in parts])
    assert (np.diff(means) < -20).all()
    assert parts[2].std() > 8 and parts[3].std() > 8 and parts[4].std() < 1
    # the mark is there
    assert grey[:, 140:160].std() > grey[:, 108:128].std() + 5
