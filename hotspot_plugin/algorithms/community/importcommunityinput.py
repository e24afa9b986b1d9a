"""Import community input: any export of reports into the one form that all tools take."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import numpy as np
from qgis.core import QgsProcessingParameterFile

from ...analysis.errors import InputError
from ...layers import styling
from .. import groups, parameters
from ..base import HotspotAlgorithm
from . import importcommunityinput_help as texts


class ImportCommunityInput(HotspotAlgorithm):
    """Import community input."""

    NAME, GROUP = "importcommunityinput", groups.COMMUNITY
    INPUT, INPUT_FILE, OUTPUT, OUTPUT_AREAS, REFUSED = "INPUT", "INPUT_FILE", "OUTPUT", "OUTPUT_AREAS", "REFUSED"
    REPORT, MAPPING, SAVE_MAPPING, CASE_FILE = "REPORT", "MAPPING", "SAVE_MAPPING", "CASE_FILE"

    def __init__(self) -> None:
        super().__init__()
        self.text_source: Any = None
        self.json_path = ""

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Import community input")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Turns an export of a survey or portal into community input without personal data.")

    def tags(self) -> list:
        return self.tr("import,kobo,kobotoolbox,odk,survey123,open311,georeport,311,csv,excel,geojson,survey,portal,"
                       "personal data,privacy,gdpr,pii,anonymise,exif,photos,duplicates,campaign,residents").split(",")

    def about(self) -> str:
        return texts.about()

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.any_source(self.INPUT, tr("Layer or table"), tr(
            "A layer or table of any kind: CSV, XLSX, GeoJSON, GeoPackage ... For one of several sheets write"
            " path|layername=sheet. CSV and JSON files are read anew by this tool, so that no row is lost."),
            optional=True))
        self.addParameter(p.file(self.INPUT_FILE, tr("Or a file"), tr(
            "A JSON file (Open311 requests.json, answers of KoBoToolbox or ODK, GeoJSON) or a text table, also packed"
            " as .gz"
            " or .zip. Given instead of the layer."), optional=True))
        for name, text, help in texts.field_texts():
            self.addParameter(p.field(name, text, self.INPUT, help, kind="any", optional=True))
        self.addParameter(p.choice("PERSONAL", tr("Personal data"), [tr("Remove them"), tr("Stop, and write"
                                                                                           " nothing")], 0, tr(
            "What to do where personal data are found. Both ways their number is told by column and kind.")))
        self.addParameter(p.choice("DROP", tr("Repeats"), [
            tr("Keep all, count repeats"), tr("Drop repeats of an id"), tr("Drop repeats of voice, place and day"),
            tr("Drop both")], 0, tr("Repeats that are dropped are listed with the row that is kept.")))
        self.addParameter(p.distance("ROUND_M", tr("Round places to"), None, tr(
            "Side of a grid to whose cell centres places are moved, so that no single dwelling can be told. Areas are"
            " snapped to its corners. Empty: not rounded."), minimum=0.0, optional=True))
        for parameter in self._settings():
            self.addParameter(p.advanced(parameter))
        self._results()

    def _settings(self) -> list:
        p, tr = parameters, self.tr
        photos = p.file("PHOTOS", tr("Folder of the photos"), tr(
            "Folder into which the export's photos were downloaded; they are copied without metadata into a folder"
            " beside"
            " the result."), optional=True)
        photos.setBehavior(QgsProcessingParameterFile.Behavior.Folder)
        return [
            *(p.field(name, text, self.INPUT, help, kind="any", optional=True)
              for name, text, help in texts.more_field_texts()),
            p.text("VALUES", tr("Words of the export"), "", tr(
                "Words that are not known, with what they mean, e.g. category: Pothole = traffic; status: Erledigt ="
                " done;"
                " concern: mucho = 4."), optional=True),
            p.text("CONCERN_SCALE", tr("Scale of concern"), "", tr(
                "The numbers of those not worried and of the most worried, e.g. 0-10, or 5-1 where 1 is the worst;"
                " converted"
                " to 1 to 5. Empty: 1 to 5, and other numbers are left empty."), optional=True),
            p.choice("SOURCE", tr("Source of all rows"), [
                tr("As the export shows"), tr("Survey"), tr("Meeting"), tr("Report"), tr("Walk"), tr("Portal")], 0, tr(
                "Where rows do not say their source. As the export shows: portal for Open311, survey for KoBoToolbox,"
                " ODK"
                " and Survey123.")),
            p.file("KEY_FILE", tr("Key of the voices"), tr(
                "File with a long random text that the agency keeps secret, so that a voice has the same token in every"
                " import. Empty: a key is drawn and thrown away."), optional=True),
            photos,
            p.crs("CRS", tr("Coordinate system of X and Y"), tr(
                "Empty: degrees are taken as longitude and latitude (EPSG:4326); anything else must be given."),
                optional=True),
            p.choice("DATE_ORDER", tr("Day and month"), [tr("As the values prove"), tr("Day first"), tr("Month first"),
                     tr("Year first (two digits)")], 0, tr(
                     "How dates such as 03/04/2024 are written. Only needed where no value proves it.")),
            p.flag("FIND_FIELDS", tr("Find columns by their names"), True, tr(
                "Where no column is chosen, columns with usual names are taken, and the log says which.")),
            p.text("FIELD_NAMES", tr("Columns by name"), "", tr(
                "Columns of a file that cannot be picked from a list, e.g. TEXT_FIELD=remarks; DATE_FIELD=day."),
                optional=True),
            p.text("ENCODING", tr("Text encoding"), "", tr(
                "Encoding of a text file, e.g. utf-8 or cp1252. Empty: found out."), optional=True),
            p.file(self.MAPPING, tr("Mapping of last time"), tr(
                "JSON file saved by this tool: columns, settings and words that are not given here are taken from it."),
                tr("JSON files (*.json)"), optional=True),
            p.file(self.CASE_FILE, tr("Case file to add to"), tr(
                "A case file, or a file of 'Create community input layers': the reports are added to it, all or none."
                " Those that are in it already, by their id, are left as they are and counted."),
                tr("GeoPackages (*.gpkg)"), True),
        ]

    def _results(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.output_points(self.OUTPUT, tr("Community input"), tr(
            "Points in the form of community input, with address (of the place), burst, repeats and src_row (row of the"
            " export).")))
        self.addParameter(p.output_polygons(self.OUTPUT_AREAS, tr("Areas of the reports"), tr(
            "The same rows as areas, for exports in which residents drew them."), optional=True))
        refused = p.output_table(self.REFUSED, tr("Rows left out"), tr(
            "Every row, repeat or photo that was left out, with the reason; row number and id only."), optional=True)
        refused.setCreateByDefault(True)
        self.addParameter(refused)
        self.addParameter(p.output_file(self.SAVE_MAPPING, tr("Save the mapping as"), tr(
            "JSON file with the columns, settings and words of this run, to be given as MAPPING next week."),
            tr("JSON files (*.json)")))
        self.addParameter(p.report())
        for name, text, help in (
            ("ROWS_IN", tr("Rows read"), tr("Rows in the export; the sum of the next two.")),
            ("WRITTEN", tr("Reports"), tr("Rows in the result.")),
            ("LEFT_OUT", tr("Rows left out, number"), tr("Rows that are listed with their reason.")),
            ("PERSONAL_FOUND", tr("Personal data"), tr("Cells in which personal data were found and removed.")),
            ("NO_CONSENT", tr("No consent"), tr("Rows of residents who did not agree to be counted.")),
            ("REPEATS_ID", tr("Repeats by id"), tr("Rows whose id a later row has too.")),
            ("REPEATS_VOICE", tr("Repeats by voice"), tr("Rows with voice, place and day of an earlier row.")),
            ("REPEATS_DROPPED", tr("Repeats dropped"), tr("Repeats that were left out, as chosen.")),
            ("VOICES", tr("Voices"), tr("Different voices in the result; 0 where nothing tells them apart.")),
            ("BURSTS", tr("Bursts"), tr("Windows with more reports than chance explains, and texts of one wording.")),
            ("IN_BURSTS", tr("Reports in bursts"), tr("Reports that are part of a burst.")),
            ("DATE_UNKNOWN", tr("Date unknown"), tr("Reports without a readable date.")),
            ("PHOTOS_COPIED", tr("Photos"), tr("Photos copied without metadata.")),
            ("CASE_ADDED", tr("Added to the case file"), tr("Reports added to CASE_FILE; 0 without one.")),
            ("CASE_KNOWN", tr("In the case file already"), tr("Reports left out there because they are in it.")),
        ):
            self.add_number(name, text, help)
        self.add_text("SUMMARY", tr("Summary"), tr("One sentence on what was read and what was left out."))

    def prepareAlgorithm(self, parameters: dict, context: Any, feedback: Any) -> bool:  # noqa: N802
        from ...layers import tables
        from .importcommunityinput_read import json_file

        self.text_source, self.json_path = None, ""
        if parameters.get(self.INPUT) not in (None, ""):
            self.json_path = json_file(self, parameters, self.INPUT, context)
            if not self.json_path:
                self.text_source = tables.find(self, parameters, self.INPUT, context)
        ready = super().prepareAlgorithm(_without_json(parameters), context, feedback)
        if self.json_path:
            self.described[self.INPUT] = {"file": Path(self.json_path).name}
        return ready

    def checkParameterValues(self, parameters: dict, context: Any) -> tuple:  # noqa: N802
        return super().checkParameterValues(_without_json(parameters), context)

    def execute(self, run: Any) -> dict:
        from ...analysis.privacy import personal

        try:
            return self._import(run)
        except InputError as error:
            # a message quotes names and first values, which may be anybody's
            quoted = {key: personal.clean(value)[0] if isinstance(value, str) else value
                      for key, value in error.values.items()}
            raise InputError(error.parameter, error.text, **quoted) from None
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # Python quotes the value that it fails on, and QGIS logs it: only the kind and the place may be told
            frame = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(frame.filename).name}:{frame.lineno}"
            raise RuntimeError(f"{type(error).__name__} at {where}; its message is not shown") from None

    def _import(self, run: Any) -> dict:
        from ..data import prepareincidents_columns as incidents
        from . import importcommunityinput_case as case
        from . import importcommunityinput_photos as photos_module
        from . import importcommunityinput_report as report
        from .importcommunityinput_read import Reader, choose
        from .importcommunityinput_rows import Imported
        from .importcommunityinput_scan import scan

        case.check(run)
        reader = Reader(run, self.text_source, self.json_path)
        export = reader.everything()
        choices = choose(run, reader, export)
        done = Imported(run, export, choices, scan(run, export, choices))
        name = choices.fields.get("PHOTO_FIELD")
        photos = photos_module.copy(run, export.texts(name) if name else None, done.kept)
        done.photo_paths = photos.paths
        columns, kept = done.columns(), done.kept
        run.write_points(self.OUTPUT, done.x[kept], done.y[kept], columns, report.style(done))
        if run.wants(self.OUTPUT_AREAS) or run.has(self.CASE_FILE):
            drawn, index = self._areas(run, export, choices, done)
            if run.wants(self.OUTPUT_AREAS):
                run.write_polygons(self.OUTPUT_AREAS, drawn, {n: c[index] for n, c in columns.items()},
                                   styling.single("Areas", styling.ACCENT, self.tr("Area of a report")))
        added = case.add(run, done, columns, drawn, index) if run.has(self.CASE_FILE) else case.NONE
        run.write_table(self.REFUSED, done.refused(photos))
        incidents.write_mapping(run, choices.mapping(run, done.safe_words()))
        summary = done.summary()
        run.info(summary)
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, report.build(self, run, done, photos))
        return {**done.numbers(), "PHOTOS_COPIED": photos.copied, **added, "SUMMARY": summary}

    def _areas(self, run: Any, export: Any, choices: Any, done: Any) -> tuple:
        """Return the areas that residents drew, and the place of each among the rows kept."""
        from ...layers.areas import POLYGON
        from ...layers.crs import transformation

        shapes = export.shapes or [None] * export.rows
        rows = [k for k in np.flatnonzero(done.kept) if shapes[k] is not None and shapes[k].type() == POLYGON]
        if not rows and run.wants(self.OUTPUT_AREAS):
            run.info(self.tr("The export holds no areas."))
        move = transformation(choices.crs, run.crs, run.context.transformContext(), self.INPUT)
        step = run.number("ROUND_M")
        drawn, which = [], []
        for k in rows:
            shape = shapes[k]
            shape.transform(move)
            shape = shape.snappedToGrid(step, step) if step else shape
            if not shape.isEmpty() and shape.area() > 0:
                drawn.append(shape)
                which.append(k)
        if len(drawn) < len(rows):
            run.warn(self.tr("{count} areas are smaller than ROUND_M and are written as points only.").format(
                count=len(rows) - len(drawn)))
        place = {int(r): i for i, r in enumerate(np.flatnonzero(done.kept))}
        return drawn, np.array([place[int(k)] for k in which], np.int64)


def _without_json(parameters: dict) -> dict:
    """Return the parameters without a layer that is a JSON file of rows, which QGIS cannot open as one."""
    value = parameters.get("INPUT")
    if isinstance(value, str) and value.lower().endswith((".json", ".json.gz")) and Path(value).is_file():
        return {**parameters, "INPUT": None}
    return parameters
