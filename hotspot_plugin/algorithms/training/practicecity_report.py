"""The welcome page of practice data, and the sentences about it."""

from __future__ import annotations

from typing import Any

from ...analysis.training import crimetypes as ct
from ...analysis.training import townincidents as ti
from ...layers.styling import Style
from ...reports import formats
from ...reports.html import Report
from ...reports.maps import map_png
from ...translation import tr
from . import practicecity_make as making
from . import practicecity_style as looks


class Words:
    """What is said about the town that was made."""

    def __init__(self, run: Any, made: Any) -> None:
        self.run, self.made = run, made

    def warnings(self) -> list:
        """Return doubts."""
        out = []
        centre = tr("The town was put at a place of your own. Somebody may take it for real: every layer says that it"
                    " is"
                    " practice data; leave that in.")
        if self.made.crs.authid() != making.NOWHERE or self.made.centre != making.CENTRE:
            out.append(centre)
        return out

    def summary(self) -> str:
        """Return the sentence."""
        town = self.made.town
        settings = town.settings
        treated = sum(spot.treated for spot in town.spots)
        return tr(
            "Practice data, not a real place: a town of {residents} residents with {count} incidents ({period});"
            " {spots} hot spots were planted, {treated} of them treated from {start} on. The answers are in the table"
            " truth ({rows} rows).").format(
                residents=formats.number(town.residents), count=formats.number(len(town.incidents)),
                period=formats.period(settings.first_day, settings.first_day + settings.days - 1),
                spots=len(town.spots), treated=treated, start=formats.date(settings.start),
                rows=len(self.made.table.rows))

    def results(self) -> dict:
        """Return the declared numbers and texts."""
        made, town = self.made, self.made.town
        inc = town.incidents
        return {
            "COUNT": len(inc), "RESIDENTS": town.residents, "HOT_SPOTS": len(town.spots),
            "TREATED": sum(spot.treated for spot in town.spots),
            "NEAR_REPEATS": int((inc.origin == ti.NEAR_REPEAT).sum()), "PREVENTED": int(inc.prevented.sum()),
            "MOVED": int(inc.moved.sum()), "STATEMENTS": len(town.people.x),
            "EXPORT_ROWS": len(made.export) if made.export is not None else 0, "TRUTHS": len(made.table.rows),
            "INTERVENTION": str(town.settings.start), "DIGEST": made.digest,
        }


def build(run: Any, made: Any, summary: str) -> Report:
    """Return the welcome page."""
    town = made.town
    report = Report(tr("Welcome to a town that does not exist"), tr("Practice data made from seed {seed}").format(
        seed=town.seed))
    report.practice = True
    report.sentence(summary)
    report.facts([
        (tr("Residents"), town.residents), (tr("Incidents"), len(town.incidents)),
        (tr("Street segments"), len(town.plan.street_u)), (tr("Buildings"), len(town.fabric.x)),
        (tr("Patrol beats"), len(town.plan.beat_names)), (tr("Residents' reports"), len(town.people.x))])
    report.figure(_map(run, made), tr("The town; incidents are in the layer of their own."),
                  tr("Plan of the practice town with streets, buildings, river and parks"), "map")
    _exercises(report, town, made)
    report.heading(tr("What happens there"))
    rows = []
    for number, kind in enumerate(ct.TYPES):
        mine = town.incidents.type == number
        rows.append([kind.name, int(mine.sum()), formats.percent(float(mine.mean())),
                     formats.percent(float((town.incidents.source[mine] == 3).mean())) if mine.any() else None])
    report.table([tr("Type"), tr("Incidents"), tr("Share"), tr("Found by officers")],
                 sorted(rows, key=lambda row: -row[1]), tr("Incidents by type"), "types")
    report.heading(tr("Where the answers are"))
    report.bullets([
        tr("truth: every value that was planted, one a row, with its unit and what it means."),
        tr("truth_places: hot spots, rings, repeat locations and areas of fear on the map."),
        tr("truth_incidents: for each incident where it came from, when it really happened, and what it followed."),
        tr("export_truth: the faults of each row of the dirty export.")])
    return report


def _exercises(report: Report, town: Any, made: Any) -> None:
    report.heading(tr("Exercises"))
    start = formats.date(town.settings.start)
    steps = [
        tr("Find hot spots in the layer incidents with 'Find hot spots'. How many of the {count} that were planted do"
           " you"
           " find? Which of yours were not planted?").format(count=len(town.spots)),
        tr("Run 'Profile hot spots' on them: at what hours and on which days does each peak, and with which types?"),
        tr("Which addresses are repeat locations? ('Repeat locations')"),
        tr("Compare the year from {start} with the year before, in the treated hot spots and in the others. By how"
           " much did"
           " the measure work? Was any of it only moved next door?").format(start=start),
        tr("Put reports and incidents on one map: where are residents worried without crime, and where is crime that"
           " nobody"
           " reports?"),
        tr("Find the {count} walkers' fears about light: is it dark there ('Street lighting' on lights and"
           " streets)?").format(count=sum(a.kind == "fear without crime" for a in town.people.areas)),
    ]
    if made.export is not None:
        steps.append(tr("Take the table export instead of incidents and run 'Prepare incident data' and 'Check incident"
                        " data'. What is wrong with it, and which answer changes?"))
    report.bullets(steps)
    report.paragraph(tr("Then, and not before, look into the table truth."))


def _map(run: Any, made: Any) -> bytes:
    names = ("streets", "railway", "buildings", "water", "parks", "ground")
    styles: dict[str, Style] = looks.styles()
    layers = []
    for name in names:
        if name in made.written and not (name == "buildings" and len(made.town.fabric.x) > 60_000):
            layer = making._layer(made.path, name)
            styles[name].apply(layer)
            layer.setName({"ground": tr("use of the ground")}.get(name, name))
            layers.append(layer)
    run.check()
    return map_png(layers, tr("Practice data: not a real place"), width=1400, height=1100, units=run.units)
