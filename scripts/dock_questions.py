"""The five questions after a comparison, each asked by its own button, on a town in which the answers are known."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtWidgets import QLabel, QListWidget, QToolButton

NARROW = 320
#: step, its button, and the seconds that its tools may take
STEPS = (("done", "evaluate_done", 20), ("compared", "evaluate_compare", 120), ("moved", "evaluate_moved", 120),
         ("sure", "evaluate_sure", 180), ("residents", "evaluate_residents", 120), ("report", "evaluate_report", 120))


class Questions:
    """Asks; ``story.told`` holds what each step said ("answers", "first answers"), and what was planted ("truth")."""

    def __init__(self, story: Any) -> None:
        self.story, self.hand = story, story.hand
        self.shown: list = []
        self.found: dict = {}
        self.pictures = ""

    def ask(self) -> None:
        """Compare a year with the year before where something was done, and ask all that follows."""
        hand, told = self.hand, self.story.told
        told["truth"] = truth()
        areas = planted().name()
        hand.settle(0.6)  # the list of layers comes to know them
        hand.tab("compare")
        hand.begin()
        hand.choose("areas", areas)
        self._a_year()
        told["answers"] = self._all("questions")
        told["answers"]["actions"] = hand.so_far()
        for step in self._steps().steps:
            if not step.is_open():
                hand.click(step.head, what=f"the heading '{step.title}'")
        self.story.tall("questions")

    def ask_of_hot_spots(self) -> None:
        """Ask of hot spots that were found with what happened later, too: it is refused until that is set right."""
        hand, told = self.hand, self.story.told
        hand.tab("compare")
        hand.begin()
        hand.click("take_hotspots")
        self._a_year()
        self._compare("trying")
        told["first areas"] = hand.texts(self._steps().steps[0])  # nobody takes for granted that all were treated
        hand.choose("done_areas", "Hot spots")
        self._press("done", "evaluate_done", 20)
        self._press("compared", "evaluate_compare", 120, "compared refused")
        told["first candidates"] = hand.find("compared_from").currentText()
        hand.choose("done_chosen", "Not for what happened")
        for name, button, seconds in STEPS[:4]:
            self._press(name, button, seconds)
        told["first answers"] = self.found

    def _a_year(self) -> None:
        """Choose a whole year and the one before, once the weeks are counted."""
        self.hand.wait(lambda: self.hand.find("preset").isEnabled(), 60, "the weeks to be counted")
        self.hand.choose("preset", "Year to date")

    def _all(self, pictures: str) -> dict:
        """Compare, and press the button of one step after the other; return what each said."""
        self._compare(pictures)
        for name, button, seconds in STEPS:
            getattr(self, f"_before_{name}", lambda: None)()
            self._press(name, button, seconds)
        return self.found

    def _compare(self, pictures: str) -> None:
        hand, session = self.hand, self.hand.dock.session
        session.show_file = self.shown.append
        self.pictures, self.found, before = pictures, {}, self._steps().question
        hand.wait(lambda: not session.jobs.running(), 20, "the areas to be read")
        hand.click("compare", what="'Compare'")
        hand.wait(lambda: self._steps().question and self._steps().question is not before, 120, "the comparison")
        hand.wait(lambda: not session.jobs.running(), 20, "the roles of the areas")

    # --- what the user says ----------------------------------------------------------------
    def _before_done(self) -> None:
        hand = self.hand
        hand.choose("done_chosen", "Because much happened")
        hand.type("Patrols and lights", hand.find("done_measure"))

    def _before_residents(self) -> None:
        """Ask about the night, and say which areas were reached; 9 is no answer."""
        hand = self.hand
        self._press("residents", "evaluate_residents", 60, "residents unasked")
        hand.type("9", hand.find("said_missing"))
        self._tick(hand.find("said_questions", kind=QListWidget), {"safe_night", "trust"})
        self._tick(hand.find("said_areas", kind=QListWidget), set(self.story.told["truth"]["survey areas"]))

    def _tick(self, box: QListWidget, wanted: set) -> None:
        """Click the boxes until those that are wanted are ticked, and no others."""
        for row in range(box.count()):
            item = box.item(row)
            if (item.checkState() == Qt.CheckState.Checked) != (item.text() in wanted):
                box.scrollToItem(item)
                self.hand.settle(0.05)
                line = box.visualItemRect(item)
                mirrored = box.layoutDirection() == Qt.LayoutDirection.RightToLeft
                side = line.right() - line.height() // 2 if mirrored else line.left() + line.height() // 2
                self.hand.click(box.viewport(), QPoint(side, line.center().y()), f"the box of '{item.text()}'")

    # --- what the step says ----------------------------------------------------------------
    def _steps(self) -> Any:
        return self.hand.dock.page("compare").steps

    def _press(self, name: str, button: str, seconds: float, told: str = "") -> None:
        """Press the button of a step, wait for its card, read it, and open all that it offers to open."""
        hand = self.hand
        step = next(one for one in self._steps().steps if one.objectName() == f"step_{name}")
        hand.click(hand.find(button, step), what=f"'{step.title}'")
        hand.wait(lambda: step.state in ("answered", "could not be answered"), seconds, f"an answer to '{step.title}'")
        hand.wait(lambda: not self.hand.dock.session.runner.running(), 20)
        hand.settle(0.2)
        card = step.answer.itemAt(0).widget()
        found = {"state": step.state, "card": card.objectName(), "headline": card.title.text(),
                 "text": card.text.text(), "doubt": "", "words": [], "reports": [], "outcomes": {}}
        doubts = card.findChildren(QLabel, f"step_{name}_doubt")
        found["doubt"] = doubts[0].text() if doubts else ""
        self._look(step, told or name)
        number = 0
        while step.findChildren(QToolButton, f"step_{name}_words_{number}"):
            hand.click(hand.find(f"step_{name}_words_{number}", step))
            found["words"].append(hand.find(f"step_{name}_words_{number}_text", step).text())
            number += 1
        before = len(self.shown) - (name == "report")  # the report has opened by itself
        number = 0
        while card.findChildren(object, f"step_{name}_more_{number}"):
            hand.click(hand.find(f"step_{name}_more_{number}", step))
            number += 1
        found["reports"] = [[Path(path).name, Path(path).stat().st_size] for path in self.shown[before:]]
        which = self._steps().steps.index(step)
        if not told:
            for one in self._steps().outcomes.get(which, []):
                found["outcomes"][one.tool] = {key: value for key, value in one.results.items()
                                               if isinstance(value, (int, float)) or key == "AGREEMENT"}
        self.found[told or name] = found

    def _look(self, step: Any, name: str) -> None:
        """Take the step as it is at 320 pixels."""
        if not self.story.pictures:
            return
        wide = self.hand.dock.width()
        self.hand.wide(NARROW)
        self.hand.settle(0.15)
        self.hand.picture(self.story.out / f"{self.pictures}-{name.replace(' ', '-')}.png", step)
        if not self.story.narrow:
            self.hand.wide(wide)
        self.hand.settle(0.1)


def planted() -> QgsVectorLayer:
    """Return where something was done in the practice town, as the team would have drawn it; with the survey beside it.

    Layers that the project does not show yet come into it.
    """
    project = QgsProject.instance()
    path = next(layer for layer in project.mapLayers().values()
                if layer.source().endswith("layername=incidents")).source().split("|")[0]
    layers = {}
    for table, name, only in (("truth_places", "Where we worked", "\"what\" in ('hot spot', 'ring')"),
                              ("survey", "Survey of residents", "")):
        source = f"{path}|layername={table}" + (f"|subset={only}" if only else "")
        layers[table] = next((one for one in project.mapLayers().values() if one.name() == name or (
            not only and one.source() == source)), None)
        if layers[table] is None:
            layers[table] = QgsVectorLayer(source, name, "ogr")
            project.addMapLayer(layers[table])
    return layers["truth_places"]


def truth() -> dict:
    """Return what was planted, from the town's own table."""
    path = planted().source().split("|")[0]
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        rows = database.execute("select what, number, name, parameter, value, text from truth").fetchall()
    finally:
        database.close()
    spots: dict = {}
    for what, number, _, parameter, value, text in rows:
        if what == "hot spot":
            spots.setdefault(number, {})[parameter] = text or value
    done = [spot for spot in spots.values() if spot["role"] == "treated"]
    out: dict = {"treated": len(done), "others": len(spots) - len(done)}
    for name in ("inside before", "inside after", "prevented", "displaced"):
        out[name] = sum(spot[name] for spot in done)
    out["survey areas"] = [name for what, _, name, parameter, value, _ in rows
                           if what == "survey area" and parameter == "treated" and value == 1]
    out.update({parameter: value for what, _, _, parameter, value, _ in rows if what == "survey"})
    return out
