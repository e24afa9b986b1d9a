"""The look of the survey results, and their report."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.community import surveysummary as analysis
from ...analysis.community.surveysummary import Part, Result
from ...layers import fields, styling
from ...reports import formats, maps, surveycharts
from ...reports.html import Report, Shown
from ...translation import tr
from .surveysummary_words import Words, spoken, verdict

_ABOVE, _BELOW, _ALIKE, _NONE = "#67a9cf", "#f1a340", "#f7f5ef", "#c9ced6"
#: rows of a chart
_BARS = 30
#: questions side by side in a table
_COLUMNS = 5
_SIGNS = {analysis.ABOVE: " ▲", analysis.BELOW: " ▼"}


def style(by_mean: bool) -> styling.Style:
    """Areas by whether they differ from the others, labelled with their share, or their mean."""
    label = f'if("{fields.SV_SHARE}" is null, \'\', round(100 * "{fields.SV_SHARE}") || \' %\')'
    if by_mean:
        label = f'if("{fields.SV_MEAN}" is null, \'\', format_number("{fields.SV_MEAN}", 2))'
    return styling.categories("Survey results", fields.VS_CODE, [
        (analysis.ABOVE, _ABOVE, verdict(analysis.ABOVE)), (analysis.ALIKE, _ALIKE, verdict(analysis.ALIKE)),
        (analysis.BELOW, _BELOW, verdict(analysis.BELOW)), (analysis.TOO_FEW, _NONE, verdict(analysis.TOO_FEW)),
    ], text=label)


def build(run: Any, words: Words, mapped: bool) -> Report:
    """Return the report of a run whose areas have been written."""
    data = words.data
    report = Report(tr("Survey results"), " · ".join(part for part in (
        data.layer, data.period, tr("for the public") if data.public else tr("internal")) if part))
    for text in (*words.said(), words.areas_sentence(), *words.groups_sentences(), words.unheard_sentence()):
        if text:
            report.sentence(text)
    for text in run.warnings:
        report.warning(text)
    _facts(report, words)
    _non_response(report, words)
    _heard(report, words)
    _answers(report, words)
    if mapped:
        _map(report, run, words)
    for part in words.first.parts:
        _part(report, words, words.first, part)
    if len(words.results) > 1:
        _others(report, words)
    _weights(report, words)
    report.heading(tr("How to read this"))
    report.bullets(_reading(words))
    report.heading(tr("How it was made"))
    report.bullets([note for note in run.notes if note != words.summary()])
    return report


def _facts(report: Report, words: Words) -> None:
    data, first = words.data, words.first
    whole = first.whole
    tiles = [(tr("Respondents"), data.n, tr("{rate} of {invited} asked").format(
        rate=formats.percent(data.n / data.invited), invited=formats.number(data.invited)) if data.invited else "")]
    if not whole.hidden[0]:
        tiles += [
            (tr("Say {answers}").format(answers=words.good(first)), formats.percent(whole.share.value[0]),
             words.interval(whole.share.low[0], whole.share.high[0], True)),
            (tr("Mean"), formats.number(whole.mean.value[0], 2),
             words.interval(whole.mean.low[0], whole.mean.high[0], False)),
            (tr("No answer"), formats.percent(first.missing[0].rate.value[0]),
             tr("of the respondents, first question")),
            (tr("Design effect"), formats.number(whole.share.deff[0], 2),
             tr("{kish} by unequal weights").format(kish=formats.number(whole.share.kish[0], 2))),
            (tr("Effective sample"), formats.number(whole.share.n_eff[0], 0),
             tr("of {count} answers").format(count=formats.number(int(whole.share.n[0])))),
        ]
    report.facts(tiles)


def _short(code: int) -> Shown:
    texts = {analysis.ABOVE: tr("above ▲"), analysis.BELOW: tr("below ▼"), analysis.ALIKE: tr("not clear"),
             analysis.TOO_FEW: tr("too few")}
    return Shown(verdict(code), texts[int(code)], {analysis.ABOVE: "fewer", analysis.BELOW: "more"}.get(int(code), ""))


def _head(name: str) -> str:
    """Name a group at the head of a column."""
    words = spoken(name)
    return words[:1].upper() + words[1:]


def _range(low: float, high: float, share: bool, decimals: int = 0) -> Any:
    """Write an interval that stays on one line."""
    if not np.isfinite(low):
        return formats.NOTHING
    ends = [formats.number(100 * end, decimals) if share else formats.number(end, 2) for end in (low, high)]
    text = (tr("{low}–{high} %") if share else tr("{low}–{high}")).format(low=ends[0], high=ends[1])
    return Shown(text, text.replace(" ", "\u00a0").replace("–", "\u2060–\u2060"))


def _with_range(e: Any, k: int) -> Shown:
    """Write a share with its interval."""
    ends = [formats.number(100 * end, 1) for end in (e.low[k], e.high[k])]
    text = formats.percent(e.value[k], 1)
    if np.isfinite(e.low[k]):
        text = tr("{share} ({low}–{high})").format(share=text, low=ends[0], high=ends[1])
    return Shown(e.value[k], text.replace(" ", "\u00a0").replace("–", "\u2060–\u2060"))


# --- who did not answer --------------------------------------------------------------------
def _non_response(report: Report, words: Words) -> None:
    report.heading(tr("Who did not answer"))
    _took_part(report, words)
    rows = []
    for result in words.results:
        missing = result.missing[0]
        reasons = "; ".join(tr("{what}: {count}").format(what=what or tr("left empty"), count=formats.number(count))
                            for what, count in result.question.missing) or tr("everybody answered")
        bounds = result.whole.share_bounds
        rows.append([words.title(result), int(result.whole.share.n[0]),
                     Shown(missing.rate.value[0], formats.percent(missing.rate.value[0], 1)), reasons,
                     tr("{low} to {high}").format(low=formats.percent(bounds[0][0]), high=formats.percent(bounds[1][0]))
                     if not result.whole.hidden[0] else formats.NOTHING])
    header = [tr("Question"), tr("Answers"), tr("No answer"), tr("Why"), tr("Share at worst and at best")]
    report.table(header, rows, tr(
        "The last column: what the share could be if all who did not answer thought one thing or the other"),
        name="no_answer")
    for number, group in enumerate(words.data.groups, start=1):
        _missing_by(report, words, number, group)


def _took_part(report: Report, words: Words) -> None:
    """Response rates by group, where everybody who was asked is known."""
    for group, rate, q in words.data.took_part.rates if words.data.took_part else ():
        rows = []
        for k, label in enumerate(group.classes):
            if rate.n[k] < words.data.least:
                continue
            apart, more = q[k] < analysis.LEVEL, rate.value[k] > words.data.n / words.data.invited
            text = formats.percent(rate.value[k]) + ((" ▲" if more else " ▼") if apart else "")
            mark = ("fewer" if more else "more") if apart else ""
            rows.append([label, int(rate.n[k]), Shown(rate.value[k], text, mark),
                         _range(rate.low[k], rate.high[k], True)])
        report.table([_head(group.name), tr("People asked"), tr("Took part"), tr("95 % interval")], rows, tr(
            "Response rate by {group}; ▲ more and ▼ fewer than the others beyond chance").format(
                group=spoken(group.name)), name=f"took_part_{group.name}", limit=25)


def _missing_by(report: Report, words: Words, number: int, group: Any) -> None:
    """Who did not answer, one row a class and one column a question."""
    shown, rows = words.results[:_COLUMNS], []
    for k, label in enumerate(group.classes):
        if shown[0].parts[number - 1].respondents[k] < words.data.least:
            continue
        row = [label, int(shown[0].parts[number - 1].respondents[k])]
        for result in shown:
            missing = result.missing[number]
            rate, apart = missing.rate.value[k], missing.q[k] < analysis.LEVEL
            more = rate > result.missing[0].rate.value[0]
            sign = (" ▲" if more else " ▼") if apart else ""
            row.append(Shown(rate, formats.percent(rate) + sign, ("more" if more else "fewer") if apart else ""))
        rows.append(row)
    if rows:
        text = tr("No answer by {group}, each respondent counting once; ▲ more and ▼ fewer than the others beyond"
                  " chance. Classes of fewer than {least} respondents are left out")
        report.table([_head(group.name), tr("Respondents"), *(words.title(result) for result in shown)], rows,
                     text.format(group=spoken(group.name), least=words.data.least), name=f"no_answer_{group.name}",
                     limit=25)


def _heard(report: Report, words: Words) -> None:
    if not words.data.heard:
        return
    report.heading(tr("Who was not heard"))
    for each in words.data.heard:
        rows, order = [], np.argsort(-np.nan_to_num(each.short), kind="stable")
        n = np.bincount(each.group.code, minlength=len(each.group.classes))
        for k in order:
            if not np.isfinite(each.share[k]):
                continue
            held = words.data.public and n[k] < words.data.least
            text = {analysis.BELOW: tr("too little ▼"), analysis.ABOVE: tr("more ▲")}
            if not n[k] and not each.people[k] > 0:
                continue
            rows.append([
                each.group.classes[k], formats.number(each.people[k], 0), None if held else int(n[k]),
                _with_range(each.sample, k) if not held else None,
                Shown(each.share[k], formats.percent(each.share[k], 1)),
                Shown(each.short[k], formats.number(each.short[k], 0)) if not held else None,
                Shown(text.get(int(each.code[k]), ""), text.get(int(each.code[k]), ""),
                      {analysis.BELOW: "fewer", analysis.ABOVE: "more"}.get(int(each.code[k]), ""))])
        header = [_head(each.group.name), tr("Residents"), tr("Respondents"), tr("Of the respondents"),
                  tr("Of the residents"), tr("Respondents missing"), tr("Heard")]
        report.table(header, rows, tr(
            "Share of the respondents (95 % interval) beside that of the residents by {group}; before weights to the"
            " population").format(group=spoken(each.group.name)), name=f"heard_{each.group.name}", limit=25)


# --- what they said ------------------------------------------------------------------------
def _answers(report: Report, words: Words) -> None:
    report.heading(tr("What they said"))
    shown = [result for result in words.results if not result.whole.hidden[0]]
    for scale in {result.question.scale.written(): result.question.scale for result in shown}.values():
        same = [result for result in shown if result.question.scale.written() == scale.written()][:_BARS]
        shares = np.array([[e.value[0] for e in result.answers] for result in same])
        report.figure(
            surveycharts.likert([words.title(result) for result in same], shares, scale.values, scale.labels,
                                tr("Per cent of those who answered, weighted")),
            tr("Answers, parted at the middle of the scale"),
            "; ".join(f"{words.title(r)}: " + ", ".join(
                f"{label} {formats.percent(v)}" for label, v in zip(scale.labels, row))
                for r, row in zip(same, shares)),
            name="answers")
    rows = []
    for result in shown:
        share, mean = result.whole.share, result.whole.mean
        rows.append([words.title(result), words.good(result), int(share.n[0]),
                     Shown(share.value[0], formats.percent(share.value[0])),
                     _range(share.low[0], share.high[0], True),
                     Shown(mean.value[0], formats.number(mean.value[0], 2)),
                     _range(mean.low[0], mean.high[0], False),
                     Shown(share.deff[0], formats.number(share.deff[0], 2)),
                     Shown(share.n_eff[0], formats.number(share.n_eff[0], 0))])
    report.table([tr("Question"), tr("Share of"), tr("Answers"), tr("Share"), tr("95 % interval"), tr("Mean"),
                  tr("95 % interval"), tr("Design effect"), tr("Effective sample")], rows,
                 tr("All respondents, weighted"), name="questions")


def _map(report: Report, run: Any, words: Words) -> None:
    layer = run.output_layer(run.tool.OUTPUT)
    text = tr("{question}: mean") if words.by_mean else tr("{question}: who says {answers}")
    title = text.format(question=words.title(words.first), answers=words.good(words.first))
    picture = maps.map_png([layer], title, units=run.units)
    part = words.areas_part()
    told = [f"{label}: {formats.percent(part.share.value[k])}" for k, label in enumerate(part.group.classes[:_BARS])
            if not (part.hidden | part.unsure)[k]]
    report.figure(picture, tr("Coloured where an area differs from the other areas beyond chance"),
                  "; ".join(told))


def _part(report: Report, words: Words, result: Result, part: Part) -> None:
    """One question by one group: estimates with intervals as a chart, and a table."""
    group, by_mean = part.group, words.by_mean
    e, whole = (part.mean, result.whole.mean) if by_mean else (part.share, result.whole.share)
    dim = part.hidden | (part.unsure & (not by_mean))
    seen = np.flatnonzero(~dim)
    report.heading(tr("{question}, by {group}").format(question=words.title(result), group=spoken(group.name)))
    if len(seen) >= 2:
        order = seen if group is not words.data.area_group else seen[np.argsort(-e.value[seen], kind="stable")]
        order, scale = order[:_BARS], 1.0 if by_mean else 100.0
        digits = 2 if by_mean else 0
        labels = [tr("{label} (n = {count})").format(label=group.classes[k], count=int(e.n[k])) for k in order]
        side = np.where(np.isin(part.code[order], (analysis.ABOVE, analysis.BELOW)), part.code[order], 0)
        limits = result.question.scale.limits if by_mean else (0.0, 100.0)
        about = tr("Mean") if by_mean else tr("Per cent who say {answers}").format(answers=words.good(result))
        report.figure(
            surveycharts.intervals(
                labels, scale * e.value[order], scale * e.low[order], scale * e.high[order], side,
                scale * float(whole.value[0]),
                tr("all: {value}").format(value=formats.number(scale * float(whole.value[0]), digits)),
                [formats.number(scale * v, digits) for v in e.value[order]], limits, about),
            tr("Estimate and 95 % interval; squares in colour differ from the others beyond chance"),
            "; ".join(f"{group.classes[k]}: {formats.number(scale * e.value[k], digits)}" for k in order),
            name="intervals")
    rows = []
    for k, label in enumerate(group.classes):
        hidden, unsure = bool(part.hidden[k]), bool(part.unsure[k])
        few = hidden and words.data.public
        rows.append([
            label, None if few else int(part.respondents[k]), None if few else int(part.share.n[k]),
            None if hidden or unsure else Shown(part.share.value[k], formats.percent(part.share.value[k])),
            formats.NOTHING if hidden or unsure else _range(part.share.low[k], part.share.high[k], True),
            None if hidden else Shown(part.mean.value[k], formats.number(part.mean.value[k], 2)),
            formats.NOTHING if hidden else _range(part.mean.low[k], part.mean.high[k], False),
            None if hidden else Shown(part.share.n_eff[k], formats.number(part.share.n_eff[k], 0)),
            None if k >= group.real or not np.isfinite(part.q[k]) else Shown(part.q[k], formats.p_value(part.q[k])),
            _short(part.code[k]) if k < group.real else ""])
    header = [_head(group.name), tr("Respondents"), tr("Answers"), tr("Share"), tr("95 % interval"), tr("Mean"),
              tr("95 % interval"), tr("Effective sample"), tr("q"), tr("Beside the others")]
    report.table(header, rows, tr("Share: who says {answers}. q: probability that chance makes such a difference,"
                                  " allowing for the number of groups").format(answers=words.good(result)),
                 name=f"by_{group.name}", limit=40)


def _others(report: Report, words: Words) -> None:
    """The other questions by group: one row a class and one column a question."""
    report.heading(tr("The other questions by area and group"))
    shown = words.results[1 : _COLUMNS + 1]
    for number, group in enumerate(words.data.groups):
        rows = []
        for k, label in enumerate(group.classes):
            row: list = [label]
            for result in shown:
                part = result.parts[number]
                e = part.mean if words.by_mean else part.share
                if part.hidden[k] or (part.unsure[k] and not words.by_mean):
                    row.append(Shown(None, formats.NOTHING))
                    continue
                sign = _SIGNS.get(int(part.code[k]), "") if k < group.real else ""
                value = formats.number(e.value[k], 2) if words.by_mean else formats.percent(e.value[k])
                row.append(Shown(e.value[k], tr("{value} ({low}–{high}){sign}").format(
                    value=value, sign=sign, low=formats.number(e.low[k] if words.by_mean else 100 * e.low[k],
                                                               2 if words.by_mean else 0),
                    high=formats.number(e.high[k] if words.by_mean else 100 * e.high[k], 2 if words.by_mean else 0))))
            rows.append(row)
        report.table([_head(group.name), *(tr("{question}: {what}").format(
            question=words.title(r), what=tr("mean") if words.by_mean else words.good(r)) for r in shown)], rows, tr(
            "Estimate (95 % interval); ▲ above and ▼ below the others beyond chance; – too few to say"),
            name=f"others_{group.name}", limit=40)
    if len(words.results) - 1 > _COLUMNS:
        report.paragraph(tr("All questions are in the table of the results (TABLE)."))


def _weights(report: Report, words: Words) -> None:
    raked = words.data.raked
    if raked is None:
        return
    report.heading(tr("Weights"))
    weight = raked.weight / raked.weight.mean()
    report.facts([
        (tr("Weighted to"), ", ".join(map(spoken, words.data.raked_to)),
         tr("{rounds} rounds").format(rounds=raked.rounds)),
        (tr("Weights"), tr("{low} to {high}").format(
            low=formats.number(weight.min(), 2), high=formats.number(weight.max(), 2)), tr("the mean is 1")),
        (tr("Design effect of the weights"), formats.number(raked.kish, 2),
         tr("before {before}").format(before=formats.number(raked.kish_before, 2))),
        (tr("Held at the limit"), raked.trimmed, tr("without the limit {kish}").format(
            kish=formats.number(raked.kish_untrimmed, 2)) if raked.trimmed else ""),
        (tr("Largest gap left"), tr("{gap} points").format(gap=formats.number(100 * raked.gap, 2)),
         tr("{margin}: {value}").format(margin=raked.gap_at[0], value=raked.gap_at[1]) if raked.gap > 1e-6 else ""),
    ])


def _reading(words: Words) -> list:
    texts = [
        tr("95 % interval: of a hundred such surveys about 95 have an interval that holds what all residents would"
           " say. It knows the chance of the draw, not that some people never answer and some questions lead."),
        tr("Design effect: how much more the result varies than that of a simple random sample, by weights and by"
           " asking people in groups. Effective sample: the answers that such a sample would need to say as much."),
        tr("“Beside the others”: only areas and groups whose difference is more than chance makes among so many"
           " are called above or below. “No clear difference” is no proof that they are alike."),
        tr("Results of fewer than {least} answers are not shown, and shares of fewer than 30 only where they are known"
           " well enough (relative standard error up to 30 %).").format(least=words.data.least),
    ]
    if words.data.raked:
        texts.append(tr("Weights make the respondents look like the population by {names}. They cannot make those who"
                        " answered think like those who did not.").format(
                            names=", ".join(map(spoken, words.data.raked_to))))
    return texts
