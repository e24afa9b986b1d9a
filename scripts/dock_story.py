"""A first day with the dock, told by clicks: practice data, real data, and what can go wrong.

Each chapter looks at what really came of it: the layers in the project, the rows in the case file, the sentences.
"""

from __future__ import annotations

import csv
import random
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

from qgis.core import QgsFeature, QgsGeometry, QgsPointXY, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QPoint, QSize
from qgis.PyQt.QtWidgets import QListView
from qgis.utils import iface

from scripts.hand import Hand

NARROW = 320
LOCK = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN EXCLUSIVE'); " \
       "print('held', flush=True); sys.stdin.read()"


class Story:
    """Tells chapters; ``told`` holds what was seen.

    Parameters
    ----------
    hand : Hand
    out : Path
        Folder of the pictures.
    data : Path
        Folder of real data; chapters that need it are left out where it is absent.
    narrow : bool
        Keep the dock at 320 pixels.
    """

    def __init__(self, hand: Hand, out: Path, data: Path, narrow: bool = False, pictures: bool = True) -> None:
        self.hand, self.out, self.data, self.narrow, self.pictures = hand, out, data, narrow, pictures
        self.told: dict = {"pictures": []}

    # --- pictures ------------------------------------------------------------------------------
    def see(self, name: str, top: bool = True, whole: bool = True) -> None:
        """Take the window, and the dock at 320 pixels."""
        if not self.pictures:
            return
        hand = self.hand
        page = hand.dock.stack.currentWidget()
        at = page.verticalScrollBar().value() if hasattr(page, "verticalScrollBar") else 0
        if top and at:
            page.verticalScrollBar().setValue(0)
        if whole and not self.narrow:
            hand.still()
            hand.picture(self.out / f"{name}.png")
        wide = hand.dock.width()
        hand.wide(NARROW)
        hand.settle(0.15)
        self.told.setdefault("widths", {})[name] = hand.dock.width()
        hand.picture(self.out / f"{name}-320.png", hand.dock)
        if not self.narrow:
            hand.wide(wide)
            hand.settle(0.1)
        if top and at:
            page.verticalScrollBar().setValue(at)
        self.told["pictures"].append(name)

    def tall(self, name: str) -> None:
        """Take the whole page at 320 pixels, as if the screen were as high as it is long."""
        if not self.pictures:
            return
        hand = self.hand
        wide = hand.dock.width()
        hand.wide(NARROW)
        hand.settle(0.2)
        page = hand.dock.stack.currentWidget()
        inner = page.widget()
        size = QSize(page.viewport().width(), max(inner.heightForWidth(page.viewport().width()), inner.height()))
        hand.picture(self.out / f"{name}-page.png", inner)
        self.told.setdefault("sizes", {})[name] = [size.width(), size.height()]
        if not self.narrow:
            hand.wide(wide)

    # --- chapters ------------------------------------------------------------------------------
    def opening(self) -> None:
        """Open the dock, and measure it."""
        hand = self.hand
        hand.begin()
        self.told["opened"] = self._open()
        if self.narrow:
            hand.wide(NARROW)
        self.see("start-empty")

    def _open(self) -> dict:
        """Click the button in the toolbar; return the milliseconds of work and of the clock."""
        hand = self.hand
        work, clock = time.process_time(), time.monotonic()
        hand.toolbar()
        hand.wait(lambda: hand.dock is not None and hand.dock.isVisible(), 5, "the dock")
        return {"process": round(1000 * (time.process_time() - work)),
                "clock": round(1000 * (time.monotonic() - clock))}

    def first_map(self) -> None:
        """From an empty project to hot spots."""
        hand = self.hand
        hand.click("open_practice")
        if self.pictures:
            hand.picture(self.out / "working-320.png", hand.dock)
        hand.wait(lambda: hand.shows("find_hotspots_now"), 90, "the practice town")
        hand.still()
        self.see("practice-ready")
        before = set(QgsProject.instance().mapLayers())
        hand.click("find_hotspots_now")
        hand.wait(lambda: hand.shows("card_hotspots"), 90, "hot spots")
        self.told["hot spots"] = hand.so_far()
        self.told["hot spot layers"] = [
            {"name": layer.name(), "valid": layer.isValid(), "features": layer.featureCount(),
             "renderer": layer.renderer().type()}
            for layer in _layers() if layer.id() not in before and isinstance(layer, QgsVectorLayer)]
        self.see("hotspots")

    def compare(self, name: str = "compare", spans: tuple = ((0.1, 0.4), (0.6, 0.9))) -> None:
        """Two periods, drawn over the weeks."""
        hand = self.hand
        hand.begin()
        hand.click("next_compare")
        self.drag_periods(name, spans)
        hand.click("compare", what="'Compare'")
        hand.wait(lambda: hand.shows("result") or hand.shows("card_problem"), 120, "the comparison")
        self.told[name] = {**hand.so_far(), "sentence": hand.texts(hand.find("result"))}
        hand.still()
        self.see(f"{name}-result", top=False)
        self.tall(f"{name}-result")

    def drag_periods(self, name: str, spans: tuple) -> None:
        """Draw both periods by the mouse, over the histogram."""
        hand = self.hand
        chart = hand.wait(lambda: hand.shows("weeks") and hand.find("weeks"), 60, "the weeks")
        hand.wait(lambda: len(chart.counts) > 0, 60, "the weeks to be counted")
        hand.settle(0.2)
        self.see(f"{name}-weeks")
        chosen = []
        for which, (first, last) in zip(("before", "after"), spans):
            left, wide = chart.scale.left, chart.scale.width
            start, end = self._free(chart, which, left + first * wide, left + last * wide)
            hand.drag(chart, start, end, f"over the weeks {which}")
            hand.settle(0.1)
            chosen.append([[day.toString("yyyy-MM-dd") for day in days] if days else None
                           for days in (chart.before(), chart.after())])
        self.told[f"{name} periods"] = chosen

    @staticmethod
    def _free(chart: Any, which: str, first: float, last: float) -> tuple:
        """Return where to press and let go: over bare weeks, where there are some, else the outer edge of the period.

        With two periods there the nearer one is drawn anew, so the later one is drawn from its end.
        """
        y = round(chart.height() * 0.5)
        period = ("before", "after").index(which)
        start, end = (first, last) if period == 0 else (last, first)
        spans = [[chart.edge_x(k, edge) for edge in (0, 1)] for k in (0, 1) if chart.periods[k] is not None]
        if any(low - 8 <= start <= high + 8 for low, high in spans) and chart.periods[period] is not None:
            # a hand presses beside the edge, inside the period
            return QPoint(round(chart.edge_x(period, period)) + (3, -3)[period], y), QPoint(round(start), y)
        return QPoint(round(start), y), QPoint(round(end), y)

    def evaluate(self) -> None:
        """The questions that follow a comparison."""
        hand = self.hand
        steps = [one for one in hand.dock.findChildren(object) if type(one).__name__ == "Step" and one.isVisible()]
        self.told["questions"] = len(steps)
        if not steps:
            return
        hand.dock.stack.currentWidget().ensureWidgetVisible(steps[-1])
        hand.settle(0.1)
        self.see("evaluate", top=False)

    def trying(self) -> None:
        """The same questions of hot spots that were just found."""
        from scripts.dock_questions import Questions

        Questions(self).ask_of_hot_spots()

    def questions(self) -> None:
        """The same questions where something was done indeed, each by its own button."""
        from scripts.dock_questions import Questions

        Questions(self).ask()

    def report(self) -> None:
        """What a resident says, written down."""
        hand = self.hand
        hand.begin()
        hand.click("report_concern")
        hand.wait(lambda: hand.shows("card_picking"), 10, "'Click on the map'")
        self.see("report-pick")
        hand.map_click(iface.mapCanvas().extent().center())
        hand.wait(lambda: hand.shows("report_form"), 10, "the form")
        hand.settle(0.3)
        self.see("report-form", top=False)
        for name in ("category", "concern"):
            picks = hand.find(name)
            buttons = [one for one in picks.group.buttons() if one.isVisible()]
            hand.click(buttons[1])
        hand.click("save_count")
        hand.wait(lambda: hand.shows("card_saved"), 20, "the report to be saved")
        self.told["report"] = {**hand.so_far(), "rows": self.rows("input_points")}
        hand.settle(0.5)
        self.see("report-saved")

    def rows(self, table: str) -> list:
        """Return the rows of the case file."""
        from hotspot_plugin.layers import casestore

        return [{key: value for key, value in row.items() if value is None or isinstance(value, (str, int, float))}
                for row in casestore.rows(self.hand.dock.session.case, table)]

    def answer(self) -> None:
        """Choose the newest report, and acknowledge it."""
        hand = self.hand
        hand.begin()
        view = hand.wait(lambda: hand.shows("newest") and hand.find("newest", kind=QListView), 20, "the list")
        hand.wait(lambda: view.model().rowCount() > 0, 20, "reports in the list")
        view.scrollTo(view.model().index(0, 0))
        hand.click(view.viewport(), view.visualRect(view.model().index(0, 0)).center(), "the newest report")
        box = hand.wait(lambda: hand.shows("response") and hand.find("response"), 10, "the answer")
        hand.type("The lamp is ordered.", box)
        self.see("answer", top=False)
        hand.click("become_acknowledged")
        hand.wait(lambda: hand.shows("card_written") or hand.shows("card_problem"), 20, "the answer to be written")
        self.told["answer"] = {**hand.so_far(), "rows": self.rows("input_points")}

    def problems(self, name: str = "problems") -> None:
        """Hot spots become problems, one is opened, and the meeting sheet is made."""
        hand = self.hand
        hand.tab("problems")
        hand.begin()
        hand.wait(lambda: hand.shows("take_over"), 20, "the register")
        hand.settle(0.3)
        self.see(f"{name}-empty")
        hand.click("take_over")
        hand.wait(lambda: hand.shows("start_take_over"), 10, "the form")
        self.see(f"{name}-take")
        hand.click("start_take_over")
        hand.wait(lambda: hand.shows("card_taken"), 90, "the problems")
        self.told[name] = {**hand.so_far(), "rows": self.rows("problems")}
        hand.still()
        self.see(f"{name}-list")
        view = hand.find("register")
        hand.click(view.viewport(), view.visualRect(view.model().index(0, 0)).center(), "the first problem")
        hand.settle(0.6)
        hand.click("open_problem")
        hand.wait(lambda: hand.shows("back"), 20, "the problem")
        hand.settle(0.6)
        self.see(f"{name}-one")
        self.tall(f"{name}-one")
        hand.click("back")
        hand.wait(lambda: hand.shows("meeting_sheet"), 10, "the register")
        hand.click("meeting_sheet")
        hand.wait(lambda: hand.shows("make_sheet"), 10, "the sheet's form")
        self.see("sheet-form")
        shown: list = []
        hand.dock.session.show_file = shown.append
        hand.click("make_sheet")
        hand.wait(lambda: not hand.dock.session.runner.running(), 120, "the sheet")
        hand.settle(0.5)
        self.see("sheet-done")
        case = Path(hand.dock.session.case)
        self.told["sheet"] = sorted(one.name for one in case.parent.rglob("*") if one.suffix in (".html", ".pdf"))

    def real(self) -> None:
        """Vancouver's crimes, from the export as the city publishes it."""
        hand, source = self.hand, self.data / "vancouver" / "vpd_crime_2023.csv.gz"
        if not source.exists():
            self.told["real"] = "not on this machine"
            return
        self.new_project()
        session = hand.dock.session
        session.ask_open = lambda *_: str(source)
        hand.tab("start")
        hand.begin()
        hand.click("add_file")
        hand.wait(lambda: hand.shows("clean_up"), 10, "the question")
        self.see("real-table", whole=False)
        hand.click("clean_up")
        hand.wait(lambda: hand.shows("find_hotspots_now") or hand.shows("card_problem"), 120, "the incidents")
        self.told["real refused"] = hand.texts(hand.dock.stack.currentWidget())
        self.see("real-refused", whole=False)  # coordinates in metres: which system they are in must be said
        session.show_file = lambda *_: None
        self._prepared(source)
        hand.click(self._close(), count=False)
        hand.begin()
        hand.click("find_hotspots")
        hand.wait(lambda: hand.shows("card_hotspots") or hand.shows("card_problem"), 120, "the hot spots")
        self.told["real"] = {**hand.so_far(), "text": hand.texts()}
        hand.still(40)
        self.see("real-hotspots")
        self.compare("real-compare", ((0.15, 0.45), (0.55, 0.85)))

    def _prepared(self, source: Path) -> None:
        """Prepare the export as the dialog of the tool does, with the system of its coordinates."""
        import processing

        made = processing.run("hotspot:prepareincidents", {
            "INPUT_FILE": str(source), "CRS": "EPSG:26910", "OUTPUT": str(self.out / "vancouver.gpkg"),
            "REPORT": str(self.out / "vancouver.html")})["OUTPUT"]
        layer = QgsVectorLayer(str(made), "Crimes, Vancouver 2023", "ogr")
        layer.loadNamedStyle(str(made))
        QgsProject.instance().addMapLayer(layer)
        QgsProject.instance().setCrs(layer.crs())
        self.hand.settle(0.4)
        self.hand.dock.session.zoom_to(layer.extent(), layer.crs())

    def _close(self) -> Any:
        """Return the button that closes the card of the page shown."""
        return self.hand.find("close_card", self.hand.dock.stack.currentWidget())

    def bring(self) -> None:
        """A case file made, and an export of what residents wrote brought in."""
        hand, session = self.hand, self.hand.dock.session
        case = self.out / "vancouver-case.gpkg"
        case.unlink(missing_ok=True)
        session.ask_save = lambda *_: str(case)
        hand.tab("community")
        self.see("community-nocase")
        hand.tab("start")
        hand.click("make_case")
        hand.wait(lambda: session.case_works, 60, "the case file")
        hand.settle(0.3)
        export = self._export()
        session.ask_open = lambda *_: str(export)
        hand.tab("community")
        hand.settle(0.6)
        self.see("community-empty")
        hand.click("import")
        hand.wait(lambda: hand.shows("card_imported") or hand.shows("card_problem"), 90, "the import")
        hand.settle(0.8)
        self.told["imported"] = {"text": hand.texts(hand.dock.stack.currentWidget()),
                                 "rows": len(self.rows("input_points"))}
        self.see("community-imported")
        hand.click("map_concern")
        hand.wait(lambda: not session.runner.running() and not hand.shows("card_working"), 90, "the map of worries")
        hand.wait(lambda: hand.shows("card_concern"), 20, "the map of worries")
        hand.still()
        self.told["worries"] = hand.texts(hand.find("card_concern"))
        self.see("community-map")

    def _export(self) -> Path:
        """Write an export of 120 invented reports around the hot spots of the map."""
        path, dice = self.out / "web-form.csv", random.Random(7)
        box = iface.mapCanvas().extent()
        from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform

        change = QgsCoordinateTransform(iface.mapCanvas().mapSettings().destinationCrs(),
                                        QgsCoordinateReferenceSystem("EPSG:4326"), QgsProject.instance())
        with open(path, "w", newline="", encoding="utf-8") as file:
            write = csv.writer(file)
            write.writerow(["longitude", "latitude", "date", "category", "concern", "comment", "consent"])
            for k in range(120):
                at = change.transform(QgsPointXY(box.center().x() + dice.gauss(0, box.width() / 9),
                                                 box.center().y() + dice.gauss(0, box.height() / 9)))
                write.writerow([f"{at.x():.6f}", f"{at.y():.6f}", f"2023-{1 + k % 12:02d}-{1 + k % 28:02d}",
                                ("theft", "drugs", "violence", "traffic", "lighting")[k % 5], 1 + k % 4,
                                ("Bikes vanish here", "Dark at the steps", "Loud at night", "Cars go too fast")[k % 4],
                                "yes"])
        return path

    def trouble(self) -> None:
        """What goes wrong looks friendly: too few incidents, no case file, a locked one."""
        hand = self.hand
        case = hand.dock.session.case
        self.new_project()
        for page in ("community", "compare", "problems"):
            hand.tab(page)
            hand.settle(0.2)
            self.see(f"{page}-nothing")
        layer = QgsVectorLayer("Point?crs=EPSG:32630&field=kind:string", "Two incidents", "memory")
        for k in range(2):
            feature = QgsFeature(layer.fields())
            feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(500000 + 9 * k, 5900000)))
            layer.dataProvider().addFeatures([feature])
        QgsProject.instance().addMapLayer(layer)
        hand.tab("start")
        hand.settle(0.3)
        hand.click("find_hotspots")
        hand.wait(lambda: hand.shows("card_problem"), 60, "the refusal")
        self.told["problem"] = hand.texts(hand.find("card_problem"))
        self.see("problem", whole=False)
        if not case:
            return
        copy = self.out / "locked-case.gpkg"
        shutil.copy(case, copy)
        holder = subprocess.Popen([shutil.which("python3"), "-c", LOCK, str(copy)], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True)
        try:
            holder.stdout.readline()
            clock = time.monotonic()
            hand.dock.session.use_case(str(copy))
            hand.wait(lambda: hand.dock.session.health is not None, 10, "the health of a locked file")
            self.told["locked"] = {"state": hand.dock.session.health.state,
                                   "seconds": round(time.monotonic() - clock, 2)}
            for page in ("community", "problems"):
                hand.tab(page)
                hand.settle(0.5)
                self.told["locked"][page] = hand.texts(hand.dock.stack.currentWidget())
                self.see(f"{page}-locked", whole=False)
        finally:
            holder.communicate("")
        hand.dock.session.use_case("")

    def new_project(self) -> None:
        """Begin an empty project."""
        iface.newProject(False)
        self.hand.settle(0.4)


def _layers() -> list:
    return list(QgsProject.instance().mapLayers().values())
