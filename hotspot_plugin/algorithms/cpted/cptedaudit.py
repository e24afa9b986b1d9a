"""Create CPTED audit form: a GeoPackage with which places are audited on foot."""

from __future__ import annotations

from typing import Any

from .. import groups, parameters
from ..base import HotspotAlgorithm
from .cptedaudit_help import about


class CptedAudit(HotspotAlgorithm):
    """Create CPTED audit form."""

    NAME, GROUP = "cptedaudit", groups.CPTED
    PLACE_TYPE, INPUT, NAME_FIELD, ID_FIELD = "PLACE_TYPE", "INPUT", "NAME_FIELD", "ID_FIELD"
    FORM_FILE, CRS, DOUBLE_SHARE, SEED = "FORM_FILE", "CRS", "DOUBLE_SHARE", "SEED"
    OUTPUT, COPY, REPORT = "OUTPUT", "COPY", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Create CPTED audit form")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Makes a GeoPackage and a project for QField in which people audit places on foot.")

    def tags(self) -> list:
        return self.tr("cpted,audit,safety audit,walk,checklist,survey,form,qfield,field work,exploratory walk,"
                       "natural surveillance,maintenance,territoriality,inter-rater").split(",")

    def about(self) -> str:
        return about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.choice(self.PLACE_TYPE, tr("Kind of place"), [
            tr("A form of my own"), tr("Residential street"), tr("Shopping street"), tr("Park"), tr("Car park"),
            tr("Transit stop")], 1, tr("Which form is used: its items fit this kind of place.")))
        self.addParameter(p.shapes(self.INPUT, tr("Places to audit"), tr(
            "Streets, areas or points that are to be audited. Empty: an empty layer, in which they are drawn."), True))
        self.addParameter(p.field(self.NAME_FIELD, tr("Name of the places"), self.INPUT, tr(
            "Field by which auditors know the place. Empty: name, if there is one, else their number."), "any", True))
        self.addParameter(p.field(self.ID_FIELD, tr("Key of the places"), self.INPUT, tr(
            "Field with a key of your own, each once, that joins results to your data. Empty: a key is made that stays"
            " the same for the same layer."), "any", True))
        self.addParameter(p.file(self.FORM_FILE, tr("Form file"), tr(
            "CSV file with the columns principle, item, question, zero, one, two and when (any, day or night). To"
            " begin, save a copy of a form that comes with the plugin (COPY)."),
            tr("Text tables (*.csv *.tsv *.txt)"), optional=True))
        self.addParameter(p.number(self.DOUBLE_SHARE, tr("Share for two auditors"), 0.2, tr(
            "Share (0 to 1) of the places, drawn at random, that two people shall audit independently."), 0.0, 1.0))
        self.addParameter(p.advanced(p.crs(self.CRS, tr("Coordinate system of an empty layer"), tr(
            "Only where no places are given. Empty: EPSG:4326. With places the file is in their metric system."),
            True)))
        self.addParameter(p.seed())
        self.addParameter(p.output_file(self.OUTPUT, tr("Audit file"), tr(
            "GeoPackage with the layers places and audits, their forms and the project; a .qgs file of the same name is"
            " written beside it for QField. An existing file is not replaced."), tr("GeoPackages (*.gpkg)"), False))
        self.addParameter(p.output_file(self.COPY, tr("Copy of the form"), tr(
            "Saves the items used as a CSV file, to be changed and shared."), tr("Text tables (*.csv)")))
        self.addParameter(p.report(tr("The form on paper, as a web page (HTML) to print.")))
        for name, text, help in (
            ("PLACES", tr("Number of places"), tr("Places put into the file.")),
            ("ITEMS", tr("Number of items"), tr("Items of the form.")),
            ("DOUBLE", tr("Places for two auditors"), tr("Places marked to be audited by two people.")),
            ("VISITS", tr("Visits"), tr("By day and by night, and by two people where marked.")),
        ):
            self.add_number(name, text, help)
        self.add_text("PROJECT", tr("Project file"), tr("Name of the project that lies beside the audit file."))
        self.add_text("SUMMARY", tr("Summary"), tr("A sentence to read out."))

    def execute(self, run: Any) -> dict:
        from . import cptedaudit_file as file
        from . import cptedaudit_report as reporting

        run.progress(0.0)
        data = file.read(run)
        project = file.write(run, data)
        numbers = data.numbers()
        summary = reporting.summary(data, numbers)
        run.info(summary)
        for text in reporting.warnings(data):
            run.warn(text)
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reporting.build(run, data, summary))
        return {**numbers, "PROJECT": project, "SUMMARY": summary}
