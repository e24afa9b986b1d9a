"""Create a case file: problems, actions, partners and what residents say, in one file of a project."""

from __future__ import annotations

from typing import Any

from .. import groups, parameters
from ..base import HotspotAlgorithm
from .casefile_help import about


class CaseFile(HotspotAlgorithm):
    """Create a case file."""

    NAME, GROUP = "casefile", groups.PROBLEMS
    INPUT, NAME_FIELD, CATEGORIES, CATEGORY_FILE = "INPUT", "NAME_FIELD", "CATEGORIES", "CATEGORY_FILE"
    LANGUAGES, ROLES, CRS, OUTPUT = "LANGUAGES", "ROLES", "CRS", "OUTPUT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Create a case file")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Makes the one file in which a project keeps its problems and actions and what residents say.")

    def tags(self) -> list:
        return self.tr("case file,project,start,geopackage,problem,register,action plan,partners,meeting,community,"
                       "input,resident,concern,report,journal,form,qfield,dock").split(",")

    def about(self) -> str:
        return about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.from_agency(p.areas(self.INPUT, tr("Areas to find one's way"), tr(
            "Beats or districts that are copied into the file, so that the map is not empty where there is no"
            " network."), True), "beats_layer"))
        self.addParameter(p.from_agency(p.field(self.NAME_FIELD, tr("Name of the areas"), self.INPUT, tr(
            "Field with the names that the map shows."), "any", True), "beats_field"))
        self.addParameter(p.text(self.CATEGORIES, tr("Categories"), "", tr(
            "What reports, problems and answers can be about, a line for each: key, label, group of crime, group of"
            " crime; e.g. 'light, Bad street light' or 'car, Cars broken into, vehicle crime'. Empty: twelve that come"
            " with the plugin."), True, True))
        for parameter in (
            p.file(self.CATEGORY_FILE, tr("File of categories"), tr(
                "The same as a table with the columns key, label and group, several groups parted by |."),
                tr("Text tables (*.csv *.tsv *.txt)"), True),
            p.from_agency(p.text(self.LANGUAGES, tr("Languages"), "", tr(
                "Languages in which people speak, as codes parted by commas, the main one first: en, es."), True),
                "languages", "en"),
            p.text(self.ROLES, tr("Roles"), "", tr(
                "Roles to choose from, parted by semicolons. Empty: ten that are common. They can be added to later, in"
                " the table roles."), True),
            p.crs(self.CRS, tr("Coordinate system"), tr("Empty: EPSG:4326; with areas their metric system."), True),
        ):
            self.addParameter(p.advanced(parameter))
        self.addParameter(p.output_file(self.OUTPUT, tr("Case file"), tr(
            "GeoPackage with all tables, forms, relations and the project; a .qgs file of the same name is written"
            " beside it for QField. An existing file is not replaced."), tr("GeoPackages (*.gpkg)"), False))
        for name, text, help in (
            ("CATEGORY_COUNT", tr("Number of categories"), tr("Categories to choose from.")),
            ("LANGUAGE_COUNT", tr("Number of languages"), tr("Languages to choose from.")),
            ("ROLE_COUNT", tr("Number of roles"), tr("Roles to choose from.")),
            ("AREA_COUNT", tr("Number of areas"), tr("Areas copied into the file.")),
        ):
            self.add_number(name, text, help)
        self.add_text("PAIRS", tr("Categories and groups of crime"), tr(
            "Text for the parameter PAIRS of 'Compare crime with community concern'."))
        self.add_text("PROJECT", tr("Project file"), tr("Name of the project that lies beside the case file."))
        self.add_text("SUMMARY", tr("Summary"), tr("A sentence to read out."))

    def execute(self, run: Any) -> dict:
        from ...analysis.community import categories
        from . import casefile_file as file

        run.progress(0.0)
        data, roles = file.read(run)
        project = file.write(run, data, roles)
        summary = file.summary(data, run.tool.practice)
        run.info(summary)
        return {"CATEGORY_COUNT": len(data.categories), "LANGUAGE_COUNT": len(data.languages),
                "ROLE_COUNT": len(roles), "AREA_COUNT": len(data.areas), "PAIRS": categories.pairs(data.categories),
                "PROJECT": project, "SUMMARY": summary}
