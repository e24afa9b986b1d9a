"""Agency settings: what all tools take as their defaults, in one file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from qgis.core import QgsProcessingContext, QgsProject

from ...analysis.errors import InputError
from .. import agency, groups, parameters
from ..base import HotspotAlgorithm

#: Setting of each parameter.
KEYS = {
    "AGENCY": "agency", "SHIFTS": "shifts", "DAY_START": "day_start", "WEEK_START": "week_start",
    "FISCAL_START": "fiscal_start", "BEATS": "beats_layer", "BEATS_FIELD": "beats_field", "TYPE_TABLE": "type_table",
    "DROP_PLACES": "drop_layer", "DROP_NAMES": "drop_names", "MIN_PUBLIC": "min_public",
    "MIN_INTERNAL": "min_internal", "UNITS": "units", "LANGUAGES": "languages",
}


class AgencySettings(HotspotAlgorithm):
    """Agency settings."""

    NAME, GROUP = "agencysettings", groups.DATA
    INPUT, OUTPUT, USE = "INPUT", "OUTPUT", "USE"

    def __init__(self) -> None:
        super().__init__()
        self.used = ""

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Agency settings")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Shifts, fiscal year, beats, limits, units: settled once in a file, used by every tool.")

    def tags(self) -> list:
        return self.tr("settings,defaults,configuration,shifts,beats,fiscal year,units,feet,acres,suppression,"
                       "options,preferences,json").split(",")

    def about(self) -> str:
        return self.tr(
            "<p>Writes a file with what your agency settles once for all. Every tool takes from it what is left empty,"
            " and says so in its log; what you give to a tool always comes first.</p>"
            "<p><b>How a tool finds it.</b> Every tool has the parameter 'Agency settings' (SETTINGS) among its"
            " advanced ones: <code>qgis_process run hotspot:crimesummary --SETTINGS=agency.json …</code>. Without it,"
            " the file that the open project names is used: that is the project's variable"
            " <code>crime_hotspots_settings</code> (Project properties, Variables), which this tool sets when you"
            " tick 'Use it in this project'.</p>"
            "<p><b>The file</b> is a short text in JSON that you can read, change, copy and keep with your data."
            " Layers and tables are kept relative to its folder, so that the folder can move. A setting that is not"
            " known is refused, so that a misspelt limit cannot go unnoticed.</p>"
            "<p><b>Limits of small numbers.</b> MIN_PUBLIC is the smallest count that 'Prepare data for publication'"
            " shows (10 without settings); MIN_INTERNAL the fewest residents' voices that any tool shows inside the"
            " agency (5). <b>Units</b> change sentences and reports alone: fields and parameters stay metric, so that"
            " models work everywhere.</p>"
            "<p>The file holds no password and nothing of a person.</p>")

    def declare(self) -> None:
        from ...analysis.agency import UNITS, WEEKDAYS

        p, tr = parameters, self.tr
        keep = tr("as in the settings to begin with, else none")
        self.addParameter(p.file(self.INPUT, tr("Settings to begin with"), tr(
            "A file that this tool has made: its settings are kept where nothing is given below."),
            tr("JSON files (*.json)"), optional=True))
        self.addParameter(p.text("AGENCY", tr("Name of the agency"), "", tr("As reports should show it."), True))
        self.addParameter(p.text("SHIFTS", tr("Shifts"), "", tr("Such as 06-14, 14-22, 22-06."), True))
        self.addParameter(p.integer("DAY_START", tr("Hour at which the day begins"), None, tr(
            "0 to 23. With 6, what happened at 2 in the night counts to the day before."), 0, 23, True))
        weekdays = [tr("Monday"), tr("Tuesday"), tr("Wednesday"), tr("Thursday"), tr("Friday"), tr("Saturday"),
                    tr("Sunday")]
        self.addParameter(p.choice("WEEK_START", tr("First day of the week"), [keep, *weekdays], 0, tr(
            "Order of the days in charts and tables.")))
        self.addParameter(p.integer("FISCAL_START", tr("First month of the fiscal year"), None, tr(
            "1 to 12; 4 is April."), 1, 12, True))
        self.addParameter(p.areas("BEATS", tr("Beats"), tr(
            "Areas for tables and comparisons: beats, districts, neighbourhoods. A layer of a file."), True))
        self.addParameter(p.field("BEATS_FIELD", tr("Name of the beats"), "BEATS", tr("Field with their names."),
                                  "any", True))
        self.addParameter(p.file("TYPE_TABLE", tr("Table of types"), tr(
            "CSV file for 'Group and weigh crime types'."), tr("Text tables (*.csv *.tsv *.txt)"), optional=True))
        self.addParameter(p.areas_or_points("DROP_PLACES", tr("Places to leave out"), tr(
            "Stations, hospitals, default places of the geocoder: no place where it happened. A layer of a file."),
            True))
        self.addParameter(p.text("DROP_NAMES", tr("Names to leave out"), "", tr(
            "Addresses or names of such places, separated by semicolons; * stands for any letters."), True))
        self.addParameter(p.integer("MIN_PUBLIC", tr("Smallest count for the public"), None, tr(
            "Smaller counts are withheld from what is published; 10 is usual."), 1, 1000, True))
        self.addParameter(p.integer("MIN_INTERNAL", tr("Fewest voices inside the agency"), None, tr(
            "What fewer residents said is not shown by place; 5 is usual."), 1, 1000, True))
        self.addParameter(p.choice("UNITS", tr("Units of reports"), [
            keep, tr("Metric (metres, hectares)"), tr("US (feet, miles, acres)")], 0, tr(
            "Units of sentences and reports; fields stay metric.")))
        self.addParameter(p.text("LANGUAGES", tr("Languages of handouts"), "", tr(
            "Codes, the main one first, such as en, es."), True))
        self.addParameter(p.flag(self.USE, tr("Use it in this project"), True, tr(
            "Lets the tools of the open project take their defaults from the file. Save the project to keep it.")))
        self.addParameter(p.output_file(self.OUTPUT, tr("Settings"), tr("The file of settings (JSON)."),
                                        tr("JSON files (*.json)"), optional=False))
        self.add_number("SETTLED", tr("Number of settings"), tr("Settings that the file holds."))
        self.add_text("SUMMARY", tr("Summary"), tr("What is settled, in a sentence."))
        self.choices = {"WEEK_START": ("", *WEEKDAYS), "UNITS": ("", *UNITS)}

    def prepareAlgorithm(self, parameters: dict, context: Any, feedback: Any) -> bool:  # noqa: N802
        ready = super().prepareAlgorithm(parameters, context, feedback)
        self.project = context.project() or QgsProject.instance()
        return ready

    def execute(self, run: Any) -> dict:
        from ...analysis.agency import PLACES, from_json, make

        run.progress(0.0)
        path = run.file(self.OUTPUT)
        values = {}
        if run.has(self.INPUT):
            source = Path(run.file(self.INPUT))
            try:
                text = source.read_text(encoding="utf-8-sig")
            except (OSError, UnicodeDecodeError) as error:
                raise InputError(self.INPUT, "'{file}' cannot be read. Choose a file that this tool has made.",
                                 file=source.name) from error
            values = from_json(text, self.INPUT, source.name).settled()
            for key in PLACES:
                if key in values:
                    values[key] = _moved(values[key], source.parent, Path(path).parent)
        values.update(self._given(run, Path(path).resolve().parent))
        run.progress(0.8)
        settings = make(json.loads(json.dumps(values)), self.OUTPUT, Path(path).name)
        try:
            _replace(path, settings.to_json())
        except OSError as error:
            raise InputError(self.OUTPUT, "The settings cannot be written ({error}). Choose a folder that you may"
                             " write to.", error=error.strerror or error) from error
        run.outputs[self.OUTPUT] = path
        self.used = path if run.flag(self.USE) else ""
        told = settings.settled()
        if not told:
            run.warn(self.tr("Nothing is settled: the file is empty, and all tools keep their own defaults."))
        summary = self.tr("{count} settings: {names}.").format(
            count=len(told), names="; ".join(f"{key} {_word(value)}" for key, value in told.items()))
        run.info(summary)
        return {"SETTLED": len(told), "SUMMARY": summary}

    def _given(self, run: Any, folder: Path) -> dict:
        out: dict = {}
        for name, key in KEYS.items():
            if name in self.choices:
                value = self.choices[name][run.choice(name)]
            elif name in ("BEATS", "DROP_PLACES"):
                value = self._layer(run, name, folder)
            elif name == "TYPE_TABLE":
                value = _relative(run.file(name), folder) if run.has(name) else ""
            elif name == "LANGUAGES":
                value = [code.strip() for code in run.text(name).replace(";", ",").split(",") if code.strip()]
            elif name == "BEATS_FIELD":
                value = run.field(name, of="BEATS")
            elif name in ("DAY_START", "FISCAL_START", "MIN_PUBLIC", "MIN_INTERNAL"):
                value = run.integer(name)
            else:
                value = run.text(name).strip()
            if value not in (None, "", []):
                out[key] = value
        return out

    def _layer(self, run: Any, name: str, folder: Path) -> str:
        if not run.has(name):
            return ""
        place = self.kept_in.get(name)
        if place is None or not place.file or not Path(place.file).exists():
            raise InputError(name, "The settings can only name a layer that is kept in a file. Export it to a"
                             " GeoPackage, and choose that.")
        # the layer is read, so that its name and content are on record and an unusable one is refused now
        layer = run.areas(name)
        if not len(layer):
            raise InputError(name, "'{layer}' has no place that can be used. Choose a layer with features.",
                             layer=layer.name)
        table = f"|layername={place.table}" if place.table else ""
        return _relative(place.file, folder) + table

    def postProcessAlgorithm(self, context: QgsProcessingContext, feedback: Any) -> dict:  # noqa: N802
        # the project belongs to the main thread, which this runs in
        if self.used:
            agency.use_in_project(self.used, self.project)
            feedback.pushInfo(self.tr("The project takes its settings from this file (variable {name}).").format(
                name=agency.VARIABLE))
        return {}


def _word(value: Any) -> str:
    return ", ".join(value) if isinstance(value, (list, tuple)) else str(value)


def _relative(path: str, folder: Path) -> str:
    """Return a path relative to the settings' folder where it can be, with slashes on every system."""
    try:
        return Path(os.path.relpath(Path(path).resolve(), folder)).as_posix()
    except ValueError:  # another drive
        return Path(path).resolve().as_posix()


def _moved(value: str, old: Path, new: Path) -> str:
    path, bar, table = value.partition("|")
    return _relative(str(old / path), new.resolve()) + bar + table


def _replace(path: str, text: str) -> None:
    """Write a file as a whole: readers see the old one or the new one."""
    part = Path(f"{path}.part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)
