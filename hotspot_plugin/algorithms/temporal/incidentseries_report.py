"""The report of the incidents by day, week or month."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.temporal import incidentseries as analysis
from ...reports import charts, formats
from ...reports.html import Report
from ...translation import tr
from .incidentseries_words import Words

#: days in the chart: more of them are a grey band
_DAYS = 400
_TYPES = 30


def build(run: Any, words: Words) -> Report:
    """Return the report of a run."""
    data, unit = words.data, words.periods.unit
    title = (tr("Incidents by day"), tr("Incidents by week"), tr("Incidents by month"))[unit]
    report = Report(title, tr("{period} · {layer} · internal").format(
        period=formats.period(data.first, data.last), layer=data.layer))
    for text in (words.what(), words.last(), words.beyond()):
        if text:
            report.sentence(text)
    for text in run.warnings:
        report.warning(text)
    numbers = words.numbers()
    report.facts([
        (tr("Incidents"), numbers["COUNT"]),
        (tr("Mean of a period"), words.mean, tr("of {count} complete ones").format(
            count=formats.number(numbers["PERIODS_COMPLETE"]))),
        (tr("Complete to"), str(data.full), tr("data to {day}").format(day=data.last)),
    ])
    _chart(report, words)
    _types(report, words)
    _table(report, words)
    report.heading(tr("What became of the rows"))
    rows = data.rows
    names = {"used": tr("In the periods"), "early": tr("Before the data really begin"),
             "late": tr("More than a year after nearly all others"), "monthly": tr("Date says only the month"),
             "undated": tr("No date that can be read")}
    report.table([tr("Rows"), tr("Number")], [[names[key], rows[key]] for key in names]
                 + [[tr("all rows"), sum(rows.values())]], tr("The rows add up to all rows of the layer"), name="rows")
    report.heading(tr("How to read this"))
    report.bullets(_reading(unit))
    report.heading(tr("How it was made"))
    report.bullets([note for note in run.notes if note != words.summary()])
    return report


def _chart(report: Report, words: Words) -> None:
    data, periods = words.data, words.periods
    part = slice(max(len(periods) - _DAYS, 0), None) if periods.unit == analysis.DAILY else slice(None)
    when = periods.starts[part].astype("M8[ms]")
    counts, complete = data.counts[0][part].astype(float), periods.complete[part]
    series = {tr("Recorded"): (when, np.where(complete, counts, np.nan))}
    if not complete.all():
        # the last complete one joins the two lines
        beside = ~complete | np.r_[~complete[1:], False] | np.r_[False, ~complete[:-1]]
        series[tr("Not complete")] = (when, np.where(beside, counts, np.nan))
    band = None
    if data.expected is not None:
        band = (when, data.expected.low[0][part], data.expected.high[0][part], tr("Expected range"))
    caption = (tr("Incidents by day, the last {count} days"), tr("Incidents by week"), tr("Incidents by month"))[
        periods.unit].format(count=len(when))
    report.figure(
        charts.lines(series, "", "", (tr("Incidents a day"), tr("Incidents a week"), tr("Incidents a month"))[
            periods.unit], band=band),
        caption if band is None else tr("{caption}, and the range expected from the like ones before each").format(
            caption=caption),
        tr("{caption}, the last ones, oldest first: {counts}").format(
            caption=caption, counts=", ".join(str(int(n)) for n in counts[-26:])), name="series")


def _types(report: Report, words: Words) -> None:
    data = words.data
    if not data.types:
        return
    whole = words.periods.complete
    rows = []
    for name, counts, flag in zip(data.types, data.counts[1:], (
            data.expected.flag[1:] if data.expected is not None else np.zeros(data.counts[1:].shape))):
        mean = float(counts[whole].mean()) if whole.any() else None
        rows.append([name, int(counts.sum()), mean, int((flag != 0).sum()) if data.expected is not None else None])
    rows.sort(key=lambda row: -row[1])
    report.heading(tr("By type"))
    report.table([tr("Type"), tr("Incidents"), tr("Mean of a complete period"), tr("Periods that stand out")], rows,
                 tr("The most frequent first; the types add up to all incidents"), name="types", limit=_TYPES)


def _table(report: Report, words: Words) -> None:
    data, periods = words.data, words.periods
    why = ["", *words.reasons()]
    found = data.whole
    told = ["", tr("more"), tr("fewer")]
    rows = []
    for i in reversed(range(len(periods))):
        known = found is not None and not np.isnan(found.mean[0, i])
        rows.append([str(periods.starts[i]), str(periods.ends[i]), int(data.counts[0, i]),
                     tr("{low}–{high}").format(low=formats.number(int(np.ceil(found.low[0, i]))),
                                               high=formats.number(int(np.floor(found.high[0, i]))))
                     if known else formats.NOTHING,
                     told[int(found.flag[0, i])] if known else "", why[int(periods.state[i])]])
    report.heading(tr("All periods"))
    report.table([tr("First day"), tr("Last day"), tr("Incidents"), tr("Expected"), tr("Stands out"),
                  tr("Not complete")], rows, tr("The latest first; the file has all"), name="periods", limit=26)


def _reading(unit: int) -> list:
    out = [tr("A period that is not complete holds fewer than really happened: it must not be compared."),
           tr("A dash means that it cannot be said. It is not 0.")]
    if unit != analysis.MONTHLY:
        out.insert(0, tr("Expected: the range in which more than 99 of 100 periods stay by chance, around the mean of"
                         " the 8 like ones before, as wide as this series varies. What lies outside is a reason to"
                         " look, not a finding."))
    else:
        out.append(tr("Months differ in length by up to a tenth. The months before are another season, so no range is"
                      " given."))
    return out
