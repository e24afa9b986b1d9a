"""Objects of Qt in tools that run in the background."""

from __future__ import annotations

import gc
import threading
import time

import numpy as np
from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsProject
from qgis.PyQt.QtCore import QCoreApplication, QEvent, Qt

from hotspot_plugin.layers import writing
from hotspot_plugin.qobjects import keep, kept
from hotspot_plugin.reports import maps
from hotspot_plugin.reports.handout import Page, Sheet
from hotspot_plugin.reports.handout_pdf import Maker


def in_thread(work) -> list:
    """Run ``work`` in a thread while the main thread handles events; return what it raised."""
    raised: list = []

    def run() -> None:
        try:
            with kept():
                work()
        except Exception as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    while thread.is_alive():
        QCoreApplication.processEvents()
        time.sleep(0.0005)
    thread.join()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QCoreApplication.processEvents()
    return raised


def test_kept_objects_die_in_the_main_thread_the_last_first(qgis_app):
    ended: list = []

    def work() -> None:
        for name in ("first", "last"):
            keep(QgsProject()).destroyed.connect(
                lambda *_, name=name: ended.append((name, threading.current_thread())),
                Qt.ConnectionType.DirectConnection)

    assert in_thread(work) == []
    assert ended == [("last", threading.main_thread()), ("first", threading.main_thread())]


def test_garbage_of_the_main_thread_is_not_collected_in_another(qgis_app):
    ended: list = []

    class Mark:
        def __init__(self) -> None:
            self.itself = self

        def __del__(self) -> None:
            ended.append(threading.current_thread())

    def work() -> None:
        Mark()
        with kept():  # one within another
            assert not gc.isenabled()
        rows = [[k] for k in range(200_000)]
        assert not gc.isenabled() and not ended and rows

    gc.collect()
    Mark()
    assert in_thread(work) == []
    assert gc.isenabled()
    gc.collect()
    assert ended == [threading.main_thread()] * 2
    gc.disable()
    try:
        in_thread(lambda: None)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_nothing_is_kept_where_nobody_waits_for_it(qgis_app):
    project = keep(QgsProject())
    with kept():
        assert keep(project) is project
    assert project.thread() == QCoreApplication.instance().thread()


def test_one_tool_within_another_keeps_its_own(qgis_app):
    def work() -> None:
        outer = keep(QgsProject())
        with kept():
            inner = keep(QgsProject())
        main = QCoreApplication.instance().thread()
        assert inner.thread() == main
        assert outer.thread() != main

    assert in_thread(work) == []


def test_layers_and_maps_made_one_after_the_other_are_never_taken_for_dead(qgis_app):
    """Without keeping them, one layer in a hundred or so is lost."""
    utm = QgsCoordinateReferenceSystem("EPSG:32630")
    shapes = [QgsGeometry.fromWkt("Point (500000 5900000)"), QgsGeometry.fromWkt("Point (500900 5900500)")]

    def layers() -> None:
        for number in range(3000):
            writing.memory_layer("Point", "Places", utm, shapes, {"n": np.array([1, 2])})
            if number % 300 == 0:
                maps.map_png([writing.memory_layer("Point", "Places", utm, shapes)], "Places", width=300, height=200)

    assert in_thread(layers) == []


def test_pages_of_a_pdf_measured_again_and_again(qgis_app):
    page = Page("en", False, "Police", "Old Town", "Spring", ["Draft"], [], b"", "", "", None, ["Small print."],
                "Call us", "")
    sheet = Sheet("Old Town", "old_town", [page])

    def work() -> None:
        for _ in range(300):
            maker = Maker("A4", "Old Town")
            assert maker.fit(sheet)
            maker.height(page)

    assert in_thread(work) == []
