"""The report of a difference in differences."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.evaluation.diffindiff import BY_AREAS
from ...reports import charts, forest, formats, maps
from ...reports.html import Report, Shown
from ...translation import tr
from .diffindiff_read import Data, Result
from .diffindiff_words import Words, fewer, interval, level, shown

_IN_CHART = 25


def build(run: Any, data: Data, result: Result, words: Words) -> Report:
    """Return the report of a run whose layers have been written."""
    report = Report(tr("Difference in differences"), tr("{areas}; {first} to {last}, {count} {units}").format(
        areas=run.source(run.tool.INPUT).sourceName(), first=words.labels[0], last=words.labels[-1],
        count=len(words.labels), units=words.unit(True)))
    report.sentence(words.headline())
    for text in (words.counts_sentence(), words.before_sentence(), words.around_sentence(), words.dose_sentence()):
        if text:
            report.sentence(text)
    for text in run.warnings:
        report.warning(text)
    _facts(report, result)
    _index(report, data, words)
    _steps(report, data, words)
    run.check()
    _methods(report, result, words)
    _checks(report, data, result, words)
    _dose(report, data, result)
    _areas(report, run, data, words)
    _counted(report, data, words)
    report.heading(tr("Planned before, chosen after"))
    report.paragraph(data.planned)
    if data.notes:
        report.heading(tr("What else changed"))
        report.paragraph(data.notes)
    report.heading(tr("How to read this"))
    report.bullets([
        tr("Assumption: without the measure the treated areas would have changed by the same ratio as the comparison"
           " areas. The checks can speak against it, never prove it."),
        tr("“No effect is shown” says that the counts fit no effect and other effects too; the interval says which."),
        tr("The interval allows for areas that change differently by themselves, not for something else that began at"
           " the same time in the treated areas only, nor for incidents that moved into comparison areas."),
        tr("The result is about recorded incidents."),
    ])
    return report


def _facts(report: Report, result: Result) -> None:
    e = result.effect
    prevented, low, high = e.prevented()
    tiles = [
        (tr("Change against comparison areas"), shown(e.log_ratio), tr("95 % interval {interval}").format(
            interval=interval(e.low, e.high))),
        (tr("Incidents fewer") if prevented >= 0 else tr("Incidents more"), formats.number(abs(prevented), 0),
         tr("95 % interval {interval}").format(interval=fewer(low, high))),
        (tr("By chance alone"), f"p {level(e.p)}", tr("more than chance") if e.clear else tr("could be chance")),
        (tr("Smallest fall that would show"),
         shown(result.smallest) if np.isfinite(result.smallest) else formats.NOTHING,
         tr("in 8 of 10 cases") if np.isfinite(result.smallest) else tr("not even a fall to one")),
    ]
    report.facts(tiles)


def _middles(data: Data, words: Words) -> np.ndarray:
    """Middle of each step, as a day or a number of the unit."""
    block = words.result.path.block
    if not data.dated:
        return np.array([data.used[block == k].mean() + 1.0 for k in range(block.max() + 1)])
    panel = data.source.panel
    middle = panel.starts[data.used] + (panel.days[data.used] / 2.0).astype(int)
    days = middle.astype("M8[D]").astype(float)
    return np.array([days[block == k].mean() for k in range(block.max() + 1)]).astype("M8[D]")


def _start(data: Data) -> Any:
    """Where the start lies on the axis of time."""
    return data.source.start if data.dated else float(data.used[data.after][0]) + 0.5


def _index(report: Report, data: Data, words: Words) -> None:
    panel, block = data.source.panel, words.result.path.block
    x, series, top = _middles(data, words), {}, 100.0
    days = np.bincount(block, panel.days[data.used])
    for name, role in ((tr("Treated"), panel.treated), (tr("Comparison"), panel.control)):
        counts = panel.counts[role][:, data.used].sum(axis=0)
        rate = np.bincount(block, counts) / days
        early = ~data.after
        base = counts[early].sum() / panel.days[data.used][early].sum()
        series[name] = (x, 100.0 * rate / base)
        top = max(top, float(series[name][1].max()))
    start = _start(data)
    series[tr("Start")] = (np.array([start, start]), [0.0, top])
    report.figure(
        charts.lines(series, tr("Incidents a day, the time before being 100"), "", tr("Index")),
        tr("Treated and comparison areas. Before the start the lines should move together; season and length of the"
           " units do not matter to the effect, as both share them."),
        "; ".join(f"{name} {formats.number(float(y[-1]), 0)}" for name, (_, y) in list(series.items())[:2]),
        name="index")


def _steps(report: Report, data: Data, words: Words) -> None:
    steps, x = words.steps(), _middles(data, words)
    value, low, high = (100.0 * np.expm1(np.clip([step[k] for step in steps], -5.0, np.log(4.0))) for k in (1, 2, 3))
    start = _start(data)
    ends = [float(min(low.min(), 0.0)), float(max(high.max(), 0.0))]
    report.figure(
        charts.lines(
            {tr("Treated"): (x, value), tr("As before"): (x[[0, -1]], [0.0, 0.0]),
             tr("Start"): (np.array([start, start]), ends)},
            tr("The difference step by step (event study)"), "", tr("Per cent"),
            band=(x, low, high, tr("95 % interval"))),
        tr("Per cent by which the ratio of treated to comparison areas differs from that of the time before as a whole."
           " Of 20 steps one leaves its interval by chance. Above 300 % the chart is cut."),
        "; ".join(f"{step[0]}: {shown(step[1])}" for step in steps[:40]), name="steps")


def _methods(report: Report, result: Result, words: Words) -> None:
    report.heading(tr("The same effect by other intervals"))
    rows = [(tr("This result"), result.effect), *words.others()]
    report.figure(
        forest.differences(
            [name for name, _ in rows], *([100.0 * float(np.expm1(min(getattr(e, part), np.log(11.0))))
                                           for _, e in rows] for part in ("log_ratio", "low", "high")),
            *([100.0 * float(np.expm1(min(e.ninety[k], np.log(11.0)))) for _, e in rows] for k in (0, 1)),
            title=tr("Change against the comparison areas"), x_label=tr("Per cent"), decimals=0,
            sides=(tr("fewer"), tr("more"))),
        tr("Thin: 95 % intervals, thick: 90 %. The first holds; the others show what it would be under other"
           " assumptions."),
        "; ".join(f"{name}: {shown(e.log_ratio)}, {interval(e.low, e.high)}" for name, e in rows), name="intervals")
    s = result.counted.spread
    if s.times < 1.05:
        text = tr("No more variation than that of Poisson counts was found ({times} times); Student's t with {free}"
                  " degrees of freedom.")
    elif s.source == BY_AREAS:
        text = tr("Areas of the same role changed so differently that the effect varies {times} times more than by"
                  " Poisson counts; Student's t with {free} degrees of freedom.")
    else:
        text = tr("From one unit to the next the ratio varies {times} times more than Poisson counts; Student's t with"
                  " {free} degrees of freedom.")
    report.paragraph(text.format(times=formats.number(s.times, 1), free=formats.number(s.free, 0)))


def _checks(report: Report, data: Data, result: Result, words: Words) -> None:
    report.heading(tr("What could be checked"))
    rows, t, p = [], result.trend, result.path
    if t is not None:
        rows.append([tr("Trends before alike"), tr("{value} {each}, 95 % interval {low} to {high}").format(
            value=shown(t.slope, 1), each=words.each(), low=shown(t.low, 1), high=shown(t.high, 1)),
            Shown(t.p, formats.p_value(t.p)),
            tr("Differ") if t.p < 0.05 else tr("No difference shown; up to {missed} {each} would be missed").format(
                missed=formats.percent(np.expm1(t.missed)), each=words.each())])
    if np.isfinite(p.p):
        rows.append([tr("Steps before alike"), tr("F test, {a} and {b} degrees of freedom").format(
            a=int(p.free[0]), b=int(p.free[1])), Shown(p.p, formats.p_value(p.p)),
            tr("Differ") if p.p < 0.05 else tr("No difference shown")])
    fake = words.middle_fake()
    if fake is not None:
        clear = sum(f.clear for _, f in result.fakes)
        rows.append([tr("Placebo in time: start in the middle of the time before"),
                     tr("{value}, 95 % interval {interval}; of {all} fake starts {clear} look like an effect").format(
                         value=shown(fake.log_ratio), interval=interval(fake.low, fake.high), all=len(result.fakes),
                         clear=clear),
                     Shown(fake.p, formats.p_value(fake.p)),
                     tr("An effect where there was none") if fake.clear else tr("None shown")])
    drawn = result.placebos
    if drawn is not None:
        middle = 100.0 * np.expm1(np.quantile(drawn.log_ratio, [0.025, 0.975]))
        kind = tr("all areas, roles drawn at random") if drawn.among_all else (
            tr("each comparison area once") if drawn.every else tr("comparison areas drawn at random"))
        own = drawn.p(result.effect)
        rows.append([tr("Placebo in space: {kind}").format(kind=kind),
                     tr("95 % of {count} show {low} to {high} %").format(
                         count=formats.number(len(drawn.log_ratio)), low=formats.number(middle[0], 0, sign=True),
                         high=formats.number(middle[1], 0, sign=True)),
                     Shown(own, formats.p_value(own)),
                     tr("The treated areas stand out") if own < 0.05 else tr("The treated areas do not stand out")])
    rows.append([tr("Something else that began at the same time"), tr("see “What else changed”") if data.notes else
                 tr("not told in NOTES"), Shown(None, formats.NOTHING), tr("Cannot be checked from counts")])
    report.table([tr("Check"), tr("Found"), tr("p"), tr("In words")], rows,
                 tr("Checks of the assumption; what they do not find may still be there"), name="checks")


def _dose(report: Report, data: Data, result: Result) -> None:
    if data.dose is None:
        return
    report.heading(tr("How much was done"))
    rows = []
    for name, d in zip((tr("All areas"), tr("Treated areas only")), result.doses):
        if d is None:
            rows.append([name, Shown(None, formats.NOTHING), Shown(None, formats.NOTHING), Shown(None, formats.NOTHING),
                         Shown(None, formats.NOTHING)])
        else:
            rows.append([name, d.areas, Shown(float(100 * np.expm1(d.slope)), shown(d.slope, 1)),
                         tr("{low} to {high}").format(low=shown(d.low, 1), high=shown(d.high, 1)),
                         Shown(d.p, formats.p_value(d.p))])
    report.table([tr("Among"), tr("Areas"), tr("Change for each unit of dose"), tr("95 % interval"), tr("p")], rows,
                 tr("Log-linear response to the dose. Who got more was not chosen by lot: places with more trouble may"
                    " get more of it"), name="dose")


def _areas(report: Report, run: Any, data: Data, words: Words) -> None:
    report.heading(tr("Area by area"))
    panel, (expected, ratio, low, high, _) = data.source.panel, words.own()
    treated = np.flatnonzero(panel.treated)
    top = sorted((int(i) for i in treated if np.isfinite(ratio[i])), key=lambda i: ratio[i])[:_IN_CHART]
    if len(top) > 1:
        cut = np.log(11.0)
        report.figure(
            forest.differences(
                [data.source.names[i] for i in top], *([100.0 * float(np.expm1(min(v[i], cut))) for i in top] for v in (
                    ratio, low, high)), title=tr("Each treated area against the comparison areas"),
                x_label=tr("Per cent"), decimals=0, sides=(tr("fewer"), tr("more"))),
            tr("95 % intervals, each for one area by itself: of 20 one misses by chance."),
            "; ".join(f"{data.source.names[i]} {shown(ratio[i])}" for i in top), name="areas")
    if run.wants(run.tool.AREAS) and data.source.areas is not None:
        report.figure(
            maps.map_png([run.output_layer(run.tool.AREAS)], tr("Treated and comparison areas"), units=run.units),
            tr("The areas by their role; the number is the change of each treated area against the comparison areas"),
            words.headline(), name="map")
    rows, names = [], (tr("Treated"), tr("Comparison"), tr("Around the treated"), tr("Around the comparison"))
    for i in sorted(np.flatnonzero(panel.roles >= 0).tolist(), key=lambda i: (panel.roles[i], -data.before_n[i])):
        row = [data.source.names[i], names[panel.roles[i]], int(data.before_n[i]), int(data.after_n[i]),
               Shown(float(expected[i]), formats.number(float(expected[i]), 1)),
               Shown(float(100 * np.expm1(ratio[i])), shown(ratio[i]) if np.isfinite(ratio[i]) else formats.NOTHING),
               interval(low[i], high[i]) if np.isfinite(ratio[i]) else formats.NOTHING]
        rows.append([*row, *([] if data.dose is None else [Shown(
            float(data.dose[i]), formats.number(float(data.dose[i]), 1))])])
    report.table([tr("Area"), tr("Role"), tr("Before"), tr("After"), tr("Expected"), tr("Change"),
                  tr("95 % interval"), *([] if data.dose is None else [tr("Dose")])], rows, tr(
        "Areas with a role; expected is the earlier count times the ratio of the comparison areas"), name="areas",
        limit=25)


def _counted(report: Report, data: Data, words: Words) -> None:
    report.heading(tr("What was counted"))
    panel, rows = data.source.panel, []
    days = [float(panel.days[mask].sum()) for mask in (panel.before, panel.later)]
    for k, name in enumerate((tr("Treated"), tr("Comparison"), tr("Around the treated"), tr("Around the comparison"))):
        if not words.number[k]:
            continue
        mask = panel.roles == k
        row = [name, words.number[k], words.number[k] - words.active[k], int(data.before_n[mask].sum()),
               int(data.after_n[mask].sum())]
        if data.dated:
            row += [Shown(30 * data.before_n[mask].sum() / days[0],
                          formats.number(30 * float(data.before_n[mask].sum()) / days[0], 1)),
                    Shown(30 * data.after_n[mask].sum() / days[1],
                          formats.number(30 * float(data.after_n[mask].sum()) / days[1], 1))]
        rows.append(row)
    header = [tr("Role"), tr("Areas"), tr("Without incidents"), tr("Before"), tr("After")]
    report.table(header + ([tr("Before, in 30 days"), tr("After, in 30 days")] if data.dated else []), rows,
                 tr("Recorded incidents by role"), name="counted")
    left = data.source.left_out
    names = {"outside": tr("located, in no area with a role"), "unlocated": tr("without a place"),
             "undated": tr("without a date that can be read"), "other time": tr("at another time"),
             "shared": tr("in areas of two roles (counted once, treated first)"),
             "no role": tr("areas without a role"), "missing": tr("areas that lack a count")}
    found = [tr("{count} {what}").format(count=formats.number(left[key]), what=text) for key, text in names.items()
             if left.get(key)]
    report.paragraph(tr("Not counted: {list}.").format(list="; ".join(found)) if found else tr(
        "Nothing was left out."))
