"""The report of 'Follow hot spots over periods'."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.evaluation import hotspottracking as analysis
from ...reports import formats, maps, trackchart
from ...reports.html import Report, Shown
from ...translation import tr
from .hotspottracking_read import Data, Found
from .hotspottracking_words import Words

#: Tracks in the chart.
_IN_CHART = 25


def build(run: Any, data: Data, found: Found, words: Words) -> Report:
    """Return the report of a run whose hot spots have been written."""
    report = Report(tr("Hot spots over periods"), tr("{periods} periods; the first: {first}; the last: {last}").format(
        periods=len(data.labels), first=data.labels[0], last=data.labels[-1]))
    for text in (words.headline(), words.last_step(), words.chance_sentence()):
        if text:
            report.sentence(text)
    for text in run.warnings:
        report.warning(text)
    numbers = words.numbers()
    report.facts([(text, numbers[key], note) for text, key, note in (
        (tr("In every period"), "PERSISTENT", tr("of {count} hot spots").format(
            count=formats.number(numbers["TRACK_COUNT"]))),
        (tr("Stayed to the last"), "STAYED", tr("from the period before")),
        (tr("Came"), "CAME", tr("in the last period")),
        (tr("Returned"), "RETURNED", tr("after a gap")), (tr("Went"), "WENT", tr("before the last period")))])
    report.figure(
        maps.map_png([run.output_layer(run.tool.OUTPUT)], tr("Hot spots of {last} and before").format(
            last=data.labels[-1]), units=run.units),
        tr("Hot spots of the last period by what happened to them, those of earlier periods in pale grey; the number is"
           " that of the track"), words.summary(), name="map")
    run.check()
    _tracks(report, data, words)
    _steps(report, data, found, words)
    _changes(report, data, found, words)
    report.heading(tr("How to read this"))
    report.bullets([
        tr("A hot spot lies above a line. One near the line comes and goes by luck: look at the counts on the same"
           " ground."),
        tr("Two are the same where they share enough ground; “moved” is a guess by distance alone."),
        tr("A hot spot was chosen for its many incidents, so fewer in the next period are to be expected by chance"
           " (regression to the mean). The p-values here do not allow for that: a high one says “could be chance”, a"
           " low one does not prove a change."),
        tr("Hot spots found with other settings, or in periods of another length or season, cannot be compared."),
    ])
    return report


def _order(words: Words) -> list:
    present = words.present
    # most periods first, then the earliest, so that the eye sees the lasting ones on top
    return np.lexsort((np.arange(len(present)), present.argmax(axis=1), -present.sum(axis=1))).tolist()


def _tracks(report: Report, data: Data, words: Words) -> None:
    report.heading(tr("Hot spot by hot spot"))
    order, t = _order(words), words.tracks
    top = order[:_IN_CHART]
    size = np.full((t.count, len(data.labels)), np.nan)
    moved = np.zeros(size.shape, bool)
    values = data.area if data.n is None else np.nan_to_num(data.n)
    for i in range(len(data.period)):
        size[t.track[i], data.period[i]] = values[i]
        moved[t.track[i], data.period[i]] = t.event[i] == analysis.MOVED
    what = tr("there; larger dots hold more incidents") if data.n is not None else tr("there; larger dots have more"
                                                                                      " ground")
    report.figure(
        trackchart.tracks([words.name(k) for k in top], data.labels, size[top], moved[top],
                          (what, tr("there, moved"), tr("not there"))),
        tr("The {shown} hot spots with most periods, of {all}").format(shown=len(top), all=formats.number(t.count)),
        "; ".join(f"{words.name(k)} {words.history(k)}" for k in top), name="tracks")
    kinds, rows = words.kind_names(), []
    for k in order:
        mine = np.flatnonzero(t.track == k)
        rows.append([words.name(k), words.history(k), int(words.present[k].sum()), kinds[int(words.kinds[k])],
                     data.labels[data.period[mine[0]]], data.labels[data.period[mine[-1]]],
                     Shown(None, formats.NOTHING) if data.n is None else _count(float(data.n[mine[-1]]))])
    report.table([tr("Hot spot"), tr("History"), tr("Periods"), tr("In words"), tr("First"), tr("Last"),
                  tr("Incidents, last time")], rows, tr("Hot spots, those of most periods first; ● there, ○ not"),
                 name="tracks", limit=30)


def _count(value: float) -> Any:
    """Return a number of incidents, which may be weighted."""
    return int(value) if value.is_integer() else value


def _steps(report: Report, data: Data, found: Found, words: Words) -> None:
    report.heading(tr("Period by period"))
    t, rows = words.tracks, []
    for k, label in enumerate(data.labels):
        here = data.period == k
        event = t.event[here]
        went = int((t.fate[data.period == k - 1] == analysis.WENT).sum()) if k else 0
        merged = int((t.fate[data.period == k - 1] == analysis.MERGED).sum()) if k else 0
        common = float(found.common[k - 1]) if k else np.nan
        counts = [int(np.isin(event, kinds).sum()) for kinds in (
            (analysis.STAYED, analysis.GREW, analysis.SHRANK), (analysis.MOVED,), (analysis.CAME,),
            (analysis.SPLIT,), (analysis.RETURNED,))]
        blank = [Shown(None, formats.NOTHING)] * (len(counts) + 2)
        rows.append([label, int(here.sum()), *([*counts, went, merged] if k else blank),
                     Shown(common if k else None, formats.percent(common) if k else formats.NOTHING)])
    report.table([tr("Period"), tr("Hot spots"), tr("Stayed"), tr("Moved"), tr("Came"), tr("Split off"), tr("Returned"),
                  tr("Went"), tr("Taken in"), tr("Common ground")], rows, tr(
        "Each period against the one before; common ground is over the ground of either"), name="periods")


def _changes(report: Report, data: Data, found: Found, words: Words) -> None:
    ground, t = found.ground, words.tracks
    if ground is None:
        return
    events, fates, rows = words.event_names(), words.fate_names(), []
    for mask, names, code, p, pair in (
            (np.isin(t.event, (analysis.CAME, analysis.RETURNED)), events, t.event, ground.p_before,
             (ground.before, ground.own)),
            (t.fate == analysis.WENT, fates, t.fate, ground.p_after, (ground.own, ground.after))):
        for i in np.flatnonzero(mask).tolist():
            shift = 0 if names is fates else -1
            rows.append([words.name(int(t.track[i])), names[int(code[i])],
                         data.labels[data.period[i] + shift], data.labels[data.period[i] + shift + 1],
                         int(pair[0][i]), int(pair[1][i]), Shown(float(p[i]), formats.p_value(p[i])),
                         tr("changed") if p[i] < 0.05 else tr("could be chance")])
    if not rows:
        return
    rows.sort(key=lambda row: -abs(row[5] - row[4]))
    report.heading(tr("Came, returned, went: what was counted on the same ground"))
    report.table([tr("Hot spot"), tr("What happened"), tr("From"), tr("To"), tr("Incidents before"),
                  tr("Incidents after"), tr("p"), tr("Could be chance?")], rows, tr(
        "Incidents on the ground of the hot spot in both periods, the largest changes first (E-test)"), name="ground",
        limit=25)
