"""Import of what was collected elsewhere, and the map of worries, by one button each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import QgsProcessingUtils, QgsProviderRegistry

from ..analysis.community import inputs
from ..compat import field_kind
from ..reports import formats
from ..translation import tr
from . import caselayers, states
from .communitylayers import shape_of
from .communityreport import attempt, no_case

_KINDS = "*.csv *.txt *.tsv *.xlsx *.ods *.gpkg *.geojson *.json *.shp *.gz *.zip"
#: Fields of a merged layer, and the number of their type in Qt.
_COLUMNS = ((inputs.CATEGORY, 10), (inputs.CONCERN, 6), (inputs.DAY_PART, 10), (inputs.SAID_ON, 14), (inputs.VOICE, 10),
            (inputs.CONSENT, 10), ("row_weight", 6), (inputs.PRACTICE, 1))
#: Field of the answer of our form -> what is asked of the fields of a layer.
_ASKED = {inputs.CATEGORY: "category", inputs.CONCERN: "concern", inputs.SAID_ON: "date"}
_ALIGNED = {"CONCERN_FIELD": inputs.CONCERN, "CATEGORY_FIELD": inputs.CATEGORY, "DATE_FIELD": inputs.SAID_ON,
            "DAY_PART_FIELD": inputs.DAY_PART, "VOICE_FIELD": inputs.VOICE, "WEIGHT_FIELD": "row_weight"}
_PLAIN = {6: (6, "double precision"), 10: (10, "text"), 14: (14, "date"), 1: (1, "boolean")}


class Services:
    """What the page does by running tools."""

    def __init__(self, page: Any) -> None:
        self.page, self.session = page, page.session
        self._notes: list = []

    # --- import --------------------------------------------------------------------------------
    def ask_import(self) -> None:
        """Ask for a file and bring its reports into the case file."""
        session, page = self.session, self.page
        if not session.case_works or not session.health.community:
            page.tell(no_case(session, tr("What is imported goes into the case file. Make one, or open one that is"
                                          " there, then import once more.")))
            return
        path = session.ask_open(tr("Import what residents said"), tr(
            "Tables and layers ({kinds});;All files (*)").format(kinds=_KINDS))
        if path:
            self.bring(path)

    def bring(self, path: str) -> None:
        """Bring the reports of a file into the case file."""
        packed = path.lower().endswith((".gz", ".zip"))
        temporary = QgsProcessingUtils.generateTempFilename
        self.page.run_tool("importcommunityinput", {
            "INPUT_FILE" if packed else "INPUT": path, "PERSONAL": 0, "CASE_FILE": self.session.case,
            "OUTPUT": temporary("import.gpkg"), "REFUSED": temporary("refused.gpkg"),
            "REPORT": self.session.place(tr("Import of {name}").format(name=Path(path).stem), ".html"),
        }, lambda outcome: self._brought(path, outcome), tr("Importing '{name}'…").format(name=Path(path).name),
            lambda outcome: self._not_brought(path, outcome))

    def _not_brought(self, path: str, outcome: Any) -> None:
        """Say in plain words that a file cannot be opened; all else the tool has said."""
        text = unreadable(path, outcome)
        if text:
            self.page.tell_problem(text, tr("Nothing was imported"), lambda: self.bring(path))

    def _brought(self, path: str, outcome: Any) -> None:
        found = outcome.results
        number = {name: int(found.get(name) or 0) for name in (
            "ROWS_IN", "CASE_ADDED", "CASE_KNOWN", "LEFT_OUT", "NO_CONSENT", "PERSONAL_FOUND")}
        told = (
            ("ROWS_IN", tr("1 row was read."), tr("{count} rows were read.")),
            ("CASE_ADDED", tr("1 report was added to the case file."),
             tr("{count} reports were added to the case file.")),
            ("CASE_KNOWN", tr("1 was in it already."), tr("{count} were in it already.")),
            ("LEFT_OUT", tr("1 row was left out; the report says why."),
             tr("{count} rows were left out; the report says why.")),
            ("NO_CONSENT", tr("1 of them because the person did not agree."),
             tr("{count} of them because the person did not agree.")),
            ("PERSONAL_FOUND", tr("Personal data were removed from 1 cell."),
             tr("Personal data were removed from {count} cells.")),
        )
        lines = [one if number[name] == 1 else many.format(count=formats.number(number[name]))
                 for name, one, many in told if number[name] or name in ("ROWS_IN", "CASE_ADDED")]
        doubtful = not number["CASE_ADDED"]
        self.page.tell(states.Card("doubt" if doubtful else "good", tr("Nothing new") if doubtful else tr("Imported"),
                                   "\n".join(lines), self._buttons(found), "card_imported"))
        for table in (inputs.POINT_TABLE, inputs.AREA_TABLE):
            self.session.written(table)

    def _buttons(self, results: dict) -> list:
        report = str(results.get("REPORT") or "")
        buttons = [states.button(tr("Show the report"), lambda: self.session.show_file(report), "show_report",
                                 "/mActionOpenTable.svg")] if report else []
        return [*buttons, states.button(tr("Close"), lambda: self.page.tell(None), "close_card")]

    # --- the map of worries --------------------------------------------------------------------
    def map_concern(self) -> None:
        """Make the map of worries from all layers that hold what residents say."""
        if self.page.is_busy():
            return
        used, notes = once([(layer, what) for layer, what in self.page.layers.with_role("reports")
                            if what.weight > 0 and layer.featureCount() != 0])
        sources = [(layer.id(), what, shape_of(layer)) for layer, what in used]
        session = self.session
        path = session.case if session.case and session.health is not None and session.health.readable and (
            session.health.community) else ""
        shown = set(caselayers.loaded(path)) if path else set()

        def look() -> dict:
            from ..layers import casestore

            if not path:
                return {}
            counts = {table: casestore.count(path, table) for table in (inputs.POINT_TABLE, inputs.AREA_TABLE)}
            try:
                counts["areas"] = casestore.count(path, "areas")
            except casestore.CaseError:  # a case file may be made without areas
                counts["areas"] = 0
            return counts

        def came(found: tuple) -> None:
            counts, error = found
            if error is not None:
                self.page.tell_problem(error.words(), again=self.map_concern)
                return
            if not self.page.is_busy():  # a button may be pressed twice
                self._notes = notes
                self._begin([*self._of_case(path, counts, shown), *sources], path if counts.get("areas") else "")

        session.jobs.start(tr("Counting reports"), attempt(look), came, self.page.tell_problem)

    @staticmethod
    def _of_case(path: str, counts: dict, shown: set) -> list:
        """Return the reports of the case file that are not among the layers of the project."""
        from .communityroles import Guess

        tables = ((inputs.POINT_TABLE, "point"), (inputs.AREA_TABLE, "polygon"))
        fields = {"date": inputs.SAID_ON, "category": inputs.CATEGORY, "concern": inputs.CONCERN}
        return [(f"{path}|layername={table}", Guess("reports", fields), shape) for table, shape in tables
                if counts.get(table) and table not in shown]

    def _begin(self, sources: list, case_areas: str) -> None:
        page = self.page
        if not sources:
            page.tell(states.Card("doubt", tr("Nobody has said anything yet"), tr(
                "Write down reports or import them, or say in the list of layers which of them hold what residents"
                " say."), [states.button(tr("Show the layers"), page.show_layers, "show_layers"),
                           states.button(tr("Close"), lambda: page.tell(None), "close_card")], "card_no_reports"))
            return
        areas = next(((layer, what) for layer, what in page.layers.with_role("areas")), None)
        given: dict = {}
        if areas is not None:
            given["AREAS"] = areas[0].id()
            for asked, name in (("name", "NAME_FIELD"), ("population", "POPULATION_FIELD")):
                if areas[1].fields.get(asked):
                    given[name] = areas[1].fields[asked]
        elif case_areas:
            given["AREAS"] = f"{case_areas}|layername=areas"
        if len(sources) == 1 and sources[0][1].weight == 1:
            what = sources[0][1]
            for asked, name in (("concern", "CONCERN_FIELD"), ("category", "CATEGORY_FIELD"), ("date", "DATE_FIELD")):
                if what.fields.get(asked):
                    given[name] = what.fields[asked]
            self._concern(sources[0][0], given, 1, False)
            return
        mixed = len({shape for *_, shape in sources}) > 1
        self._align(list(sources), [], given, mixed)

    def _align(self, left: list, ready: list, given: dict, mixed: bool) -> None:
        """Bring one layer after the other into the same fields, then join them."""
        page = self.page
        temporary = QgsProcessingUtils.generateTempFilename
        if not left:
            if len(ready) == 1:
                self._concern(ready[0], {**given, **_ALIGNED}, 1, mixed)
                return
            page.run_tool("native:mergevectorlayers", {
                "LAYERS": ready, "CRS": None, "OUTPUT": temporary("reports.gpkg")},
                lambda outcome: self._concern(outcome.results["OUTPUT"], {**given, **_ALIGNED}, len(ready), mixed),
                tr("Joining the reports…"), self._not_read)
            return
        source, what, shape = left[0]
        if "|layername=" not in source and self.session.layer(source) is None:
            self.page.tell_problem(tr("A layer of reports was taken off the map before it was read."), tr(
                "The reports could not be read"), self.map_concern)
            return

        def aligned(outcome: Any) -> None:
            self._align(left[1:], [*ready, outcome.results["OUTPUT"]], given, mixed)

        def refactor(place: Any) -> None:
            page.run_tool("native:refactorfields", {
                "INPUT": place, "FIELDS_MAPPING": self._mapping(source, what, len(ready)),
                "OUTPUT": temporary("aligned.gpkg")}, aligned, tr("Reading the reports…"), self._not_read)

        if mixed and shape != "point":
            page.run_tool("native:pointonsurface", {"INPUT": source, "ALL_PARTS": False, "OUTPUT": temporary(
                "middles.gpkg")}, lambda outcome: refactor(outcome.results["OUTPUT"]), tr("Reading the reports…"),
                self._not_read)
        else:
            refactor(source)

    def _not_read(self, outcome: Any) -> None:
        """Say which work failed in words of this page; the tools of QGIS speak of themselves."""
        if outcome.state == "failed":
            self.page.tell_problem(outcome.text, tr("The reports could not be read"), self.map_concern)

    def _mapping(self, source: str, what: Any, number: int) -> list:
        layer = self.session.layer(source)
        case = "|layername=" in source and layer is None
        names = list(inputs.COLUMNS) if case else layer.fields().names() if layer is not None else []
        out = []
        for name, kind in _COLUMNS:
            field = what.fields.get(_ASKED[name]) if name in _ASKED else name if name in names else None
            text = '"{}"'.format(field.replace('"', '""')) if field else "NULL"
            if name == inputs.VOICE:  # without a token each report is a voice of its own
                text = f"coalesce({text}, '{number}-' || $id)"
            elif name == inputs.CONSENT and not field:
                text = "'count'"
            elif name == "row_weight":
                text = repr(float(what.weight))
            elif name == inputs.PRACTICE and not field:
                practice = case or self._in_case(layer)
                practice = (practice and self.session.health.practice) or self._practice(layer)
                text = "true" if practice else "false"
            elif name == inputs.SAID_ON and field:
                text = self._day(text, layer, field)
            elif name == inputs.CONCERN and field and _is_text(layer, field):
                text = f"try(to_real(regexp_substr({text}, '([0-9]+)')))"
            elif name == inputs.CATEGORY and field:
                text = f"to_string({text})"
            type, spoken = _PLAIN[kind]
            out.append({"expression": text, "name": name, "type": type, "type_name": spoken, "length": 0,
                        "precision": 0})
        return out

    def _day(self, text: str, layer: Any, field: str) -> str:
        """Return the expression of a day; one that is text may be written in several ways, and must not stop all."""
        if not _is_text(layer, field):
            return f"try(to_date({text}))"
        self._notes.append(tr("The days of '{layer}' are text: those written like 2024-12-31 or 31.12.2024 were read,"
                              " others are open.").format(layer=layer.name()))
        ways = (f"try(to_date(left({text}, 10)))", f"try(to_date({text}, 'dd.MM.yyyy'))",
                f"try(to_date({text}, 'd.M.yyyy'))", f"try(to_date(left({text}, 10), 'yyyy/MM/dd'))")
        return f"coalesce({', '.join(ways)})"

    def _in_case(self, layer: Any) -> bool:
        return layer is not None and bool(self.session.case) and self.session.health is not None and (
            caselayers.same_file(layer.source().split("|")[0], self.session.case))

    @staticmethod
    def _practice(layer: Any) -> bool:
        from ..layers import provenance

        return layer is not None and provenance.is_practice(layer)

    def _concern(self, source: str, given: dict, layers: int, mixed: bool) -> None:
        self.page.run_tool("communityconcern", {
            "INPUT": source, **given, "AUDIENCE": 0, "REPORT": self.session.place(tr("Where people are worried"),
                                                                                  ".html"),
            "OUTPUT": "TEMPORARY_OUTPUT"}, lambda outcome: self._mapped(outcome, layers, mixed),
            tr("Looking where people are worried…"))

    def _mapped(self, outcome: Any, layers: int, mixed: bool) -> None:
        found = outcome.results
        lines = [outcome.summary, tr("Nothing is told of fewer than {count} voices.").format(
            count=int(found.get("LEAST_USED") or 5))]
        if layers > 1:
            lines.append(tr("From {count} layers, each with its weight.").format(count=layers))
        if mixed:
            lines.append(tr("Areas that were drawn count where their middle lies."))
        lines += self._notes
        layer = self.session.layer(str(outcome.layers.get("OUTPUT", "")))
        buttons = self._buttons(found)
        if layer is not None:
            id = layer.id()
            self.session.zoom_to(layer.extent(), layer.crs())
            buttons.insert(0, states.button(tr("Show on the map"), lambda: self._zoom(id), "zoom_concern",
                                            "/mActionZoomToLayer.svg"))
        self.page.tell(states.Card("good", tr("Where people are worried"), "\n".join(lines), buttons, "card_concern"))

    def _zoom(self, id: str) -> None:
        layer = self.session.layer(id)
        if layer is not None:
            self.session.zoom_to(layer.extent(), layer.crs())


def unreadable(path: str, outcome: Any) -> str:
    """Return what to do where a run failed because a file cannot be opened, "" where it was something else."""
    if outcome.state != "failed" or path not in outcome.text:
        return ""
    text = tr("'{file}' cannot be read as a table or a map layer. See that it is the right file, and that it opens in"
              " the program that made it; or save it there as CSV and take that.")
    if not Path(path).exists():
        text = tr("'{file}' is no longer there. See that its drive is connected, or choose another file.")
    return text.format(file=Path(path).name)


def once(used: list) -> tuple:
    """Return the layers of reports without those whose rows another one shows, too, and what to tell of it.

    Whoever has a file on the map twice, such as with two looks, must not have every voice counted twice.
    """
    first: dict = {}
    for layer, what in used:
        place = QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source())
        key = (place.get("path"), place.get("layerName") or place.get("layerId")) if place.get("path") else (
            layer.source(),)
        first.setdefault(key, []).append((layer, what))
    out, notes = [], []
    for same in first.values():
        whole = [one for one in same if not one[0].subsetString()]
        by_filter = {one[0].subsetString(): one for one in reversed(same)}
        kept = whole[:1] or list(by_filter.values())
        out += [one for one in used if one in kept]
        name = same[0][0].name()
        if len(kept) < len(same):
            notes.append(tr("'{layer}' is on the map more than once; its reports were counted once.").format(
                layer=name))
        elif len(kept) > 1:
            notes.append(tr("'{layer}' is on the map more than once, with different filters: what both show is counted"
                            " twice.").format(layer=name))
    return out, notes


def _is_text(layer: Any, field: str) -> bool:
    at = layer.fields().indexOf(field) if layer is not None else -1
    return at >= 0 and field_kind(layer.fields()[at]) == "text"
