"""Before, during and after dated events at many places: incidents by distance ring."""

from __future__ import annotations

from ...layers import fields, styling
from .. import groups, parameters
from ..base import HotspotAlgorithm
from . import datedevents_help


class DatedEvents(HotspotAlgorithm):
    """Before, during and after dated events."""

    NAME, GROUP = "datedevents", groups.EVALUATION
    EVENTS, START_FIELD, END_FIELD, RUNNING = "EVENTS", "START_FIELD", "END_FIELD", "RUNNING"
    INCIDENTS, DATE_FIELD, DAY_START = "INCIDENTS", "DATE_FIELD", "DAY_START"
    RINGS, DAYPART, NIGHT_FROM, NIGHT_TO = "RINGS", "DAYPART", "NIGHT_FROM", "NIGHT_TO"
    BEFORE_DAYS, AFTER_DAYS, LEAD, LAG = "BEFORE_DAYS", "AFTER_DAYS", "LEAD", "LAG"
    SAME_PLACE, NEAR_EVENTS, ADJUST = "SAME_PLACE", "NEAR_EVENTS", "ADJUST"
    PLACEBOS, TOGETHER, SEED = "PLACEBOS", "TOGETHER", "SEED"
    OUTPUT, PLACES, REPORT = "OUTPUT", "PLACES", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Before, during and after dated events")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Whether incidents near many places changed while lights were out or after premises closed,"
                       " by distance, each place its own control.")

    def tags(self) -> list:
        return self.tr("event study,case series,fixed effects,poisson,street light,outage,camera,closure,rings,"
                       "spillover,displacement,placebo,natural experiment,evaluation").split(",")

    def about(self) -> str:
        return datedevents_help.about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.shapes(self.EVENTS, tr("Events"), tr(
            "One feature for each event at its place: an outage, a camera, a closure. Points, lines or areas. The same"
            " place may come again and again.")))
        self.addParameter(p.field(self.START_FIELD, tr("Start of the event"), self.EVENTS, tr(
            "Field with the day on which it began."), kind="time"))
        self.addParameter(p.field(self.END_FIELD, tr("End of the event"), self.EVENTS, tr(
            "Field with the day on which it ended. Empty: the change stays (a camera, a closure), and only before and"
            " after are compared."), kind="time", optional=True))
        self.addParameter(p.points(self.INCIDENTS, tr("Incidents"), tr(
            "Dated incidents of the whole town, with more time before and after the events than the days below."
            " Choose the types first that the event could change.")))
        self.addParameter(p.field(self.DATE_FIELD, tr("Date field"), self.INCIDENTS, tr(
            "When the incident happened. Empty: dt_from of prepared incidents."), kind="time", optional=True))
        self.addParameter(p.text(self.RINGS, tr("Distance rings"), "50; 100; 150; 250", tr(
            "Outer edges of the rings round the places in metres, in rising order. An incident belongs to the nearest"
            " place.")))
        self.addParameter(p.choice(self.DAYPART, tr("Hours of the day"), [
            tr("All hours"), tr("Night"), tr("Day"), tr("Night and day, each by itself")], 0, tr(
                "What works by night only, as a light does, should show by night and not by day: the day then tells"
                " whether something else changed. Night and day need the time of the incidents.")))
        self.addParameter(p.integer(self.BEFORE_DAYS, tr("Days before"), 28, tr(
            "Days before the start with which the others are compared."), minimum=2, maximum=730))
        self.addParameter(p.integer(self.AFTER_DAYS, tr("Days after"), 28, tr(
            "Days after the end; where the change stays, days after the start."), minimum=1, maximum=3650))
        self.addParameter(p.integer(self.LEAD, tr("Days left out just before"), 7, tr(
            "A report often comes days after the fact: of the days before, so many just ahead of the start count"
            " nowhere."), minimum=0, maximum=365))
        self._more()
        self.addParameter(p.output_table(self.OUTPUT, tr("Ratios by ring"), tr(
            "One row for each part of the day, ring and state, with counts, days, the ratio and its intervals.")))
        self.addParameter(p.output_like_input(self.PLACES, tr("Events as they were used"), tr(
            "All events with the number of their place, the days that count there, and why one was left out."),
            optional=True))
        self.addParameter(p.report(tr("Report as a web page (HTML) with charts, tables and settings.")))
        self._numbers()

    def _more(self) -> None:
        p, tr = parameters, self.tr
        for name, text, value, help in (
            (self.NIGHT_FROM, tr("Night from hour"), 20, tr("First hour of the night, 0 to 23.")),
            (self.NIGHT_TO, tr("Night to hour"), 6, tr(
                "Hour at which the night ends, 0 to 23. With night or day, a day lasts from here to the next morning,"
                " so that a night belongs to the date of its evening.")),
        ):
            self.addParameter(p.advanced(p.integer(name, text, value, help, minimum=0, maximum=23)))
        self.addParameter(p.day_start())
        self.addParameter(p.advanced(p.integer(self.LAG, tr("Days left out just after"), 0, tr(
            "Days after the end (of a lasting change: the start) that count nowhere, for dates that are entered"
            " early. The day of the end itself never counts, unless the event began on it."), minimum=0,
            maximum=365)))
        self.addParameter(p.advanced(p.flag(self.RUNNING, tr("Events without an end still run"), False, tr(
            "If not, an event with an empty end is left out, as nobody knows which of its days it lasted."))))
        self.addParameter(p.advanced(p.distance(self.SAME_PLACE, tr("Same place within"), 20.0, tr(
            "Events so near to each other are at one place; those that overlap in time are one."))))
        self.addParameter(p.advanced(p.distance(self.NEAR_EVENTS, tr("Days with another event within"), None, tr(
            "On days when an event runs at another place so near (the days left out round it included), a place does"
            " not count, so that what spills over from one is not laid to another. Empty: the edge of the outermost"
            " ring. 0: all days count."), optional=True)))
        self.addParameter(p.advanced(p.flag(self.ADJUST, tr("Allow for season, trend and weekday"), True, tr(
            "Days count by what the town beyond the rings leads to expect on them (mean of 28 days, times weekday). Too"
            " few incidents there: the whole town."))))
        self.addParameter(p.advanced(p.integer(self.PLACEBOS, tr("Placebo dates"), 999, tr(
            "How often the calendar of each place is moved to dates that nobody chose. 0: not at all."), minimum=0,
            maximum=9999)))
        self.addParameter(p.advanced(p.flag(self.TOGETHER, tr("Placebo dates move all places together"), False, tr(
            "For events that came in waves, such as storms or one building programme: their waves stay together. There"
            " are then no more placebo dates than days in the data."))))
        self.addParameter(p.seed())

    def _numbers(self) -> None:
        tr = self.tr
        for name, text, help in (
            ("RATIO", tr("Ratio in the innermost ring"), tr(
                "Incidents a day during the events (of lasting changes: after) over those before; first part of the day"
                " asked for.")),
            ("LOW", tr("Lower end"), tr("Lower end of the 95 % interval of RATIO.")),
            ("HIGH", tr("Upper end"), tr("Upper end of the 95 % interval of RATIO; empty where it has none.")),
            ("LOW_ALL", tr("Lower end, all ratios"), tr("Of the interval that allows for the number of ratios.")),
            ("HIGH_ALL", tr("Upper end, all ratios"), tr("Of the interval that allows for the number of ratios.")),
            ("P_VALUE", tr("Probability by chance"), tr("Two-sided p-value of RATIO.")),
            ("P_PLACEBO", tr("Probability by placebo dates"), tr("Two-sided, of RATIO; empty without them.")),
            ("LOOKS", tr("Ratios looked at"), tr("Number of ratios that the intervals allow for.")),
            ("CLEAR", tr("More than chance"), tr("How many of them differ from 1 after allowing for their number.")),
            ("EVENT_COUNT", tr("Events used"), tr("Events with days that count.")),
            ("EVENTS_OUT", tr("Events left out"), tr("Events without a place, a sound date or a day that counts.")),
            ("PLACE_COUNT", tr("Places"), tr("Places with events used.")),
            ("N_BEFORE", tr("Incidents before"), tr("Within the rings on the days before.")),
            ("N_DURING", tr("Incidents during"), tr("Within the rings on the days of events.")),
            ("N_AFTER", tr("Incidents after"), tr("Within the rings on the days after.")),
        ):
            self.add_number(name, text, help)
        self.add_text("SUMMARY", tr("Sentence to read out"), tr(
            "The ratio of the innermost ring with its interval, what differs by more than chance, and what that does"
            " not show."))

    def execute(self, run) -> dict:
        from ...analysis.evaluation import eventlooks  # they import scipy
        from . import datedevents_read as reading
        from . import datedevents_report as reports
        from . import datedevents_words as wording

        data = reading.read(run)
        result = eventlooks.compare(
            data.counted(), run.flag(self.ADJUST), run.integer(self.PLACEBOS), run.flag(self.TOGETHER),
            run.integer(self.SEED), run.stage(0.7, 0.88))
        words = wording.Words(data, result, run.units)
        summary = run.tell(words)
        run.write_table(self.OUTPUT, words.columns())
        if run.wants(self.PLACES):
            run.copy_rows(self.PLACES, self.EVENTS, words.event_columns(), style=self._style())
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reports.build(run, data, result, words))
        return {**words.numbers(), "SUMMARY": summary}

    def _style(self) -> styling.Style:
        used = f"CASE WHEN \"{fields.EV_DUR}\" + \"{fields.EV_AFT}\" > 0 THEN 1 ELSE 0 END"
        return styling.categories(
            self.tr("Events as they were used"), used,
            [(1, "#0072b2", self.tr("Counts")), (0, "#bdbdbd", self.tr("Left out"))])
