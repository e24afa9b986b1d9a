"""Problem register: problems, places, actions, partners and meetings in one file, with a journal of every change."""

from __future__ import annotations

from typing import Any

from .. import groups, parameters
from ..base import HotspotAlgorithm
from .problemregister_help import about


class ProblemRegister(HotspotAlgorithm):
    """Problem register."""

    NAME, GROUP = "problemregister", groups.PROBLEMS
    INPUT, NAME_FIELD, RANK_FIELD, COUNT_FIELD, RADIUS = "INPUT", "NAME_FIELD", "RANK_FIELD", "COUNT_FIELD", "RADIUS"
    BASE_FROM, BASE_TO, TOP, TITLE, MEASURES = "BASE_FROM", "BASE_TO", "TOP", "TITLE", "MEASURES"
    REGISTER, OVERLAP, OWNER, ROLE, ROLES = "REGISTER", "OVERLAP", "OWNER", "ROLE", "ROLES"
    CATEGORIES, LANGUAGES, CRS, OUTPUT = "CATEGORIES", "LANGUAGES", "CRS", "OUTPUT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Problem register")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Makes the file of problems, actions, partners, meetings and decisions, or adds new places to"
                       " it.")

    def tags(self) -> list:
        return self.tr("problem,register,action plan,sara,problem-oriented policing,pop,partners,meeting,interview,"
                       "journal,accountability,review,decision,cheers,case management,qfield").split(",")

    def about(self) -> str:
        return about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.shapes(self.INPUT, tr("Places"), tr(
            "Hot spots, patrol zones, repeat locations, scored streets or any areas: each becomes a problem to begin"
            " with. Empty: an empty register."), True))
        self.addParameter(p.field(self.NAME_FIELD, tr("Name of the places"), self.INPUT, tr(
            "Empty: name, place, zone_id or address, if there is one, else the rank."), "any", True))
        self.addParameter(p.field(self.RANK_FIELD, tr("Rank of the places"), self.INPUT, tr(
            "Empty: rank, if there is such a field, else the order of the layer."), "number", True))
        self.addParameter(p.integer(self.TOP, tr("How many places"), 20, tr(
            "Only so many, by rank. Nobody works on a hundred problems."), 1, 1000))
        self.addParameter(p.text(self.TITLE, tr("One problem for all"), "", tr(
            "Title of one problem that has all places. Empty: a problem for each place."), True))
        self.addParameter(p.any_source(self.MEASURES, tr("Proposed measures"), tr(
            "The proposals of 'CPTED measures and budget' for the same places: those chosen become planned"
            " actions."), True))
        self.addParameter(p.file(self.REGISTER, tr("Register to add to"), tr(
            "A register that exists: the places are added as new problems, what stands in it stays as it is. Empty: a"
            " new register is made (OUTPUT)."), tr("GeoPackages (*.gpkg)"), True))
        self._advanced()
        self.addParameter(p.output_file(self.OUTPUT, tr("New register"), tr(
            "GeoPackage with all tables, forms, relations and the project; a .qgs file of the same name is written"
            " beside it for QField. An existing file is not replaced."), tr("GeoPackages (*.gpkg)")))
        for name, text, help in (
            ("PROBLEMS", tr("New problems"), tr("Problems added in this run.")),
            ("PLACES", tr("New places"), tr("Places added in this run.")),
            ("ACTIONS", tr("New actions"), tr("Planned actions added in this run.")),
            ("KNOWN", tr("Known places"), tr("Places left out because an open problem of the register has them.")),
            ("BELOW", tr("Places below the top"), tr("Places left out because of TOP.")),
            ("PROBLEMS_ALL", tr("All problems"), tr("Problems in the register after this run.")),
            ("OVERDUE", tr("Overdue"), tr("Actions of the register that are due and not done.")),
        ):
            self.add_number(name, text, help)
        self.add_text("FILE", tr("Register"), tr("The register, new or added to, for the next tool."))
        self.add_text("PROJECT", tr("Project file"), tr("Name of the project beside it; empty where it was added to."))
        self.add_text("SUMMARY", tr("Summary"), tr("A sentence to read out."))

    def _advanced(self) -> None:
        p, tr = parameters, self.tr
        for parameter in (
            p.field(self.COUNT_FIELD, tr("Number of incidents"), self.INPUT, tr(
                "Becomes the baseline of the problem, where the days are given. Empty: n, if there is such a field."),
                "number", True),
            p.date(self.BASE_FROM, tr("Counted from"), tr("First day of the incidents counted."), True),
            p.date(self.BASE_TO, tr("Counted to"), tr("Last day of the incidents counted."), True),
            p.distance(self.RADIUS, tr("Width around points and lines"), 50.0, tr(
                "A place is an area: metres around points and lines."), 1.0),
            p.number(self.OVERLAP, tr("Overlap of a known place"), 0.5, tr(
                "A place is known when it shares this part (0 to 1) of the smaller area with a place of an open"
                " problem."), 0.05, 1.0),
            p.text(self.OWNER, tr("Owner"), "", tr("Role of who owns the new problems. Never a name."), True),
            p.text(self.ROLE, tr("Your role"), "", tr("Role under which the journal keeps this run. Empty: crime"
                                                      " analyst."), True),
            p.text(self.ROLES, tr("Roles"), "", tr(
                "Roles to choose from in a new register, parted by semicolons. Empty: ten that are common. They can be"
                " added to later, in the table roles."), True),
            p.text(self.CATEGORIES, tr("Categories"), "", tr(
                "What problems and answers of a new register can be about, a line for each: key, label. Empty: those of"
                " community input."), True, True),
            p.from_agency(p.text(self.LANGUAGES, tr("Languages"), "", tr(
                "Languages of meetings, as codes parted by commas: en, es."), True), "languages", "en"),
            p.crs(self.CRS, tr("Coordinate system"), tr(
                "Of a new register without places. Empty: EPSG:4326; with places their metric system."), True),
        ):
            self.addParameter(p.advanced(parameter))

    def execute(self, run: Any) -> dict:
        from . import problemregister_add as adding
        from . import problemregister_read as reading
        from .problemregister_words import Words

        run.progress(0.0)
        data = reading.read(run)
        numbers, project = adding.write(run, data)
        summary = run.tell(Words(data, numbers))
        return {**numbers, "FILE": str(data.target), "PROJECT": project, "SUMMARY": summary}
