"""Hot spots over periods: which stayed, came, went, grew, shrank or moved."""

from __future__ import annotations

from ...layers import fields, styling
from .. import groups, parameters
from ..base import HotspotAlgorithm
from . import hotspottracking_help


class HotspotTracking(HotspotAlgorithm):
    """Follow hot spots over periods."""

    NAME, GROUP = "hotspottracking", groups.EVALUATION
    INPUT, EARLIER, PERIOD_FIELD = "INPUT", "EARLIER", "PERIOD_FIELD"
    COUNT_FIELD, NAME_FIELD = "COUNT_FIELD", "NAME_FIELD"
    INCIDENTS, DATE_FIELD, DAY_START = "INCIDENTS", "DATE_FIELD", "DAY_START"
    OVERLAP, MOVE_DISTANCE, GROWTH = "OVERLAP", "MOVE_DISTANCE", "GROWTH"
    OUTPUT, TRACKS, REPORT = "OUTPUT", "TRACKS", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Follow hot spots over periods")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Which hot spots stayed, came, went, grew, moved or returned from one period to the next.")

    def tags(self) -> list:
        return self.tr("tracking,persistent,stable,emerging,new,chronic,migration,history,stability,overlap,"
                       "evaluation,displacement").split(",")

    def about(self) -> str:
        return hotspottracking_help.about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.areas(self.INPUT, tr("Hot spots of the last period"), tr(
            "Hot spots as 'Find hot spots' makes them, or any areas found in the same way in each period. With a period"
            " field, the hot spots of all periods.")))
        self.addParameter(p.several_layers(self.EARLIER, tr("Hot spots of the periods before, the oldest first"), tr(
            "One layer for each period before the last. Where all layers carry the record of 'Find hot spots', the days"
            " in it give the order; else the order given here holds.")))
        self.addParameter(p.field(self.PERIOD_FIELD, tr("Period field"), self.INPUT, tr(
            "Where one layer holds all periods: the field that tells them apart (2023, 2023-05, a number). They are"
            " taken in the order of the numbers or of the alphabet."), kind="any", optional=True))
        self.addParameter(p.field(self.COUNT_FIELD, tr("Number of incidents"), self.INPUT, tr(
            "Field with the incidents of each hot spot; the other layers need it too. Empty: n, if all have it."),
            optional=True))
        self.addParameter(p.field(self.NAME_FIELD, tr("Name of the hot spots"), self.INPUT, tr(
            "Field that names a hot spot in the report. Empty: name or place if there is one."), kind="any",
            optional=True))
        self.addParameter(p.points(self.INCIDENTS, tr("Incidents of all periods"), tr(
            "With it the same ground is counted in neighbouring periods, so that a hot spot that fell just below the"
            " line is told from one that is gone. Needs layers with the record of 'Find hot spots', which says which"
            " days each period has."), optional=True))
        self.addParameter(p.field(self.DATE_FIELD, tr("Date field"), self.INCIDENTS, tr(
            "When the incident happened. Empty: dt_from of prepared incidents."), kind="time", optional=True))
        self.addParameter(p.day_start())
        self.addParameter(p.number(self.OVERLAP, tr("Least common ground"), 0.2, tr(
            "Part (0 to 1) of the smaller of two hot spots that both must share to be the same one."),
            minimum=0.01, maximum=1.0))
        self.addParameter(p.distance(self.MOVE_DISTANCE, tr("Farthest move"), 200.0, tr(
            "Metres between the edges within which a hot spot that went and one that came are called one that moved. 0:"
            " none is.")))
        self.addParameter(p.number(self.GROWTH, tr("Growth worth a word"), 0.25, tr(
            "Part by which its ground must grow for a hot spot to be called grown; shrunk is the inverse."),
            minimum=0.01, maximum=10.0))
        self.addParameter(p.output_polygons(self.OUTPUT, tr("Hot spots with their history"), tr(
            "All hot spots of all periods with the number of their track, what happened to them and what became of"
            " them.")))
        self.addParameter(p.output_polygons(self.TRACKS, tr("Tracks"), tr(
            "One feature for each track, with its latest ground and its history."), optional=True))
        self.addParameter(p.report())
        self._numbers()

    def _numbers(self) -> None:
        tr = self.tr
        for name, text, help in (
            ("PERIODS", tr("Periods"), tr("Periods compared.")),
            ("HOTSPOT_COUNT", tr("Hot spots"), tr("Hot spots of all periods together.")),
            ("TRACK_COUNT", tr("Tracks"), tr("Hot spots that are different ones, each followed through the periods.")),
            ("PERSISTENT", tr("In all periods"), tr("Tracks that were there in every period.")),
            ("STAYED", tr("Stayed"), tr("Of the hot spots of the last period, those that carry on one of the period"
                                        " before, grown, shrunk and moved ones included.")),
            ("CAME", tr("Came"), tr("Of the hot spots of the last period, those that were not there before.")),
            ("RETURNED", tr("Returned"), tr("Of the hot spots of the last period, those that had gone before.")),
            ("WENT", tr("Went"), tr("Hot spots of the period before that have no successor in the last.")),
            ("MOVED", tr("Moved"), tr("Of the hot spots of the last period, those that moved.")),
            ("GROUND_SHARED", tr("Common ground"), tr(
                "Common ground of the last two periods over the ground of either, 0 to 1.")),
            ("COULD_BE_CHANCE", tr("Came or went, could be chance"), tr(
                "Of all that came, returned or went, those on whose ground the incidents did not change beyond chance;"
                " empty without incidents.")),
        ):
            self.add_number(name, text, help)
        self.add_text("SUMMARY", tr("Sentence to read out"), tr("The result in sentences."))

    def execute(self, run) -> dict:
        from . import hotspottracking_read as reading
        from . import hotspottracking_report as reporting
        from . import hotspottracking_words as wording

        data = reading.read(run)
        found = reading.follow(run, data)
        words = wording.Words(data, found, run.units)
        summary = run.tell(words)
        run.write_polygons(self.OUTPUT, data.geometries, words.columns(), self._style(words.event_names()))
        if run.wants(self.TRACKS):
            shapes, columns = words.track_rows()
            run.write_polygons(self.TRACKS, shapes, columns, self._track_style(words.kind_names()))
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reporting.build(run, data, found, words))
        return {**words.numbers(), "SUMMARY": summary}

    def _style(self, names: dict) -> styling.Style:
        last = f'CASE WHEN "{fields.FATE_CODE}" = 0 THEN "{fields.EVT_CODE}" END'
        return styling.categories(
            self.tr("Hot spots of the last period"), last,
            [(code, colour, names[code]) for code, colour in self.COLOURS.items()],
            other=("#f2f2f2", self.tr("Hot spots of earlier periods")),
            text=f'CASE WHEN "{fields.FATE_CODE}" = 0 THEN "{fields.TRACK}" END')

    def _track_style(self, names: dict) -> styling.Style:
        colours = dict(enumerate(("#7f3b08", "#e08214", "#d55e00", "#92c5de", "#d9d9d9", "#b35806")))
        return styling.categories(
            self.tr("Tracks"), fields.KIND_CODE, [(code, colours[code], names[code]) for code in (0, 5, 1, 2, 3, 4)],
            text=f'"{fields.HISTORY}"')

    #: code of the event -> colour
    COLOURS = {2: "#e69f00", 3: "#7f3b08", 4: "#fee0b6", 5: "#56b4e9", 6: "#542788", 7: "#b2abd2", 1: "#0072b2"}
