"""What a difference in differences says: the sentences to read out, the doubts, and the rows of the result."""

from __future__ import annotations

import numpy as np
from scipy import stats

from ...analysis.evaluation import diffindiff as analysis
from ...analysis.evaluation.design import ROLES
from ...analysis.evaluation.diffindiff import BY_AREAS, Effect
from ...layers import fields
from ...reports import formats
from ...translation import tr
from . import design_words as doubts
from .diffindiff_read import Data, Result


def percent(log_ratio: float) -> float:
    """Return a log ratio as a change in per cent."""
    return float(100.0 * np.expm1(log_ratio))


def shown(log_ratio: float, decimals: int = 0) -> str:
    """Return a log ratio as a signed change in per cent, in words."""
    return formats.percent(np.expm1(log_ratio), decimals, sign=True)


def interval(low: float, high: float) -> str:
    """Return the ends of an interval of log ratios; what exceeds ten times is said so."""
    return tr("{low} to {high}").format(
        low=shown(low), high=shown(high) if high < np.log(10.0) else tr("more than ten times"))


def level(p: float) -> str:
    """Return a p-value with its sign of equality."""
    text = formats.p_value(p)
    return text if text.startswith("<") else f"= {text}"


def fewer(low: float, high: float) -> str:
    """Return the ends of an interval of incidents prevented, in words that say where fewer turns into more."""
    if low < 0 < high:
        return tr("{more} more to {fewer} fewer").format(more=formats.number(-low, 0), fewer=formats.number(high, 0))
    ends = sorted((abs(low), abs(high)))
    return tr("{low} to {high}").format(low=formats.number(ends[0], 0), high=formats.number(ends[1], 0))


class Words:
    """The result in words."""

    def __init__(self, data: Data, result: Result) -> None:
        self.data, self.result = data, result
        panel = data.source.panel
        self.labels = [panel.labels[i] for i in data.used]
        some = (data.before_n + data.after_n) > 0
        self.number = [int((panel.of(role)).sum()) for role in ROLES]
        self.active = [int((panel.of(role) & some).sum()) for role in ROLES]

    @property
    def few(self) -> bool:
        """Whether too few areas are there to tell how far areas drift apart."""
        return self.result.effect.spread.source != BY_AREAS

    @property
    def gone_apart(self) -> bool:
        """Whether the checks found that both groups went different ways before."""
        r = self.result
        return (r.trend is not None and r.trend.p < 0.05) or r.path.p < 0.05

    # --- sentences -------------------------------------------------------------------------
    def summary(self) -> str:
        """Return the sentences to read out."""
        found = [self.headline(), self.counts_sentence(), self.before_sentence(), self.around_sentence(),
                 self.dose_sentence()]
        if self.data.notes:
            found.append(tr("What else changed: {notes}").format(notes=self.data.notes))
        return " ".join(text for text in found if text)

    def headline(self) -> str:
        """Say the effect with its interval, or that none is shown."""
        e = self.result.effect
        if not e.clear:
            return tr("No effect is shown: against the comparison areas the treated areas changed by {value}, and"
                      " anything within {interval} (95 % interval) fits the counts (p {p}). That is no proof that there"
                      " was none{missed}.").format(
                value=shown(e.log_ratio), interval=interval(e.low, e.high), p=level(e.p), missed=self._missed())
        text = tr("Recorded incidents in the treated areas {moved} by {value} against the comparison areas (95 %"
                  " interval {interval}, p {p}).").format(
            moved=tr("fell") if e.log_ratio < 0 else tr("rose"), value=formats.percent(abs(np.expm1(e.log_ratio))),
            interval=interval(e.low, e.high), p=level(e.p))
        if self.few:
            text += " " + tr("That is beyond the chance of single {units} only: with so few areas nobody can tell it"
                             " from two places that drift apart by themselves.").format(units=self.unit(True))
        elif self.gone_apart:
            text += " " + tr("But they had not gone the same way before, so this cannot be put down to what was done.")
        return text

    def _missed(self) -> str:
        smallest = self.result.smallest
        if not np.isfinite(smallest):
            return tr(": with so few incidents hardly any fall could have been found")
        return tr(": a fall of less than {value} would often have been missed").format(
            value=formats.percent(-np.expm1(smallest)))

    def unit(self, plural: bool = False) -> str:
        """Return the unit of time in words."""
        names = {"month": (tr("month"), tr("months")), "quarter": (tr("quarter"), tr("quarters")),
                 "28 days": (tr("28 days"), tr("spans of 28 days")), "7 days": (tr("week"), tr("weeks"))}
        return names.get(self.data.source.unit, (tr("unit of time"), tr("units of time")))[int(plural)]

    def counts_sentence(self) -> str:
        """Say the counts behind the effect."""
        e = self.result.effect
        value, low, high = e.prevented()
        text = tr("Counted were {after} where {expected} were to be expected had they gone as the comparison areas did:"
                  " {number} {direction} (95 % interval {interval}).")
        return text.format(
            after=formats.number(e.counts[1]), expected=formats.number(e.expected, 0),
            number=formats.number(abs(value), 0), direction=tr("more") if value < 0 else tr("fewer"),
            interval=fewer(low, high))

    def before_sentence(self) -> str:
        """Say what the time before shows, and what it could not show."""
        t = self.result.trend
        if t is None:
            return tr("Whether both went the same way before cannot be checked: there are too few units of time before"
                      " the start.")
        if t.p < 0.05:
            return tr("Before the start the treated areas moved against the comparison areas by {value} {each} (p {p});"
                      " that alone, carried on, would make {alone}.").format(
                value=shown(t.slope, 1), each=self.each(), p=level(t.p), alone=shown(t.slope * self.result.lasting))
        return tr("Before the start no difference of the trends is shown (p {p}), but one of up to {missed} {each}"
                  " would often have been missed; that alone, carried on, would make {alone}.").format(
            p=level(t.p), missed=formats.percent(np.expm1(t.missed)), each=self.each(),
            alone=tr("up to {value} either way").format(value=formats.percent(
                np.expm1(t.missed * self.result.lasting))))

    def each(self) -> str:
        """Return what a trend is for."""
        return tr("a year") if self.data.dated else tr("for each unit of time")

    def around_sentence(self) -> str:
        """Say what happened around the treated areas."""
        e = self.result.around
        if e is None:
            return ""
        if e.clear:
            text = tr("Around the treated areas incidents changed by {value} (95 % interval {interval}, p {p}).")
            return text.format(
                value=shown(e.log_ratio), interval=interval(e.low, e.high), p=level(e.p))
        return tr("Around them no change is shown ({value}, 95 % interval {interval}), which is no proof that nothing"
                  " moved.").format(value=shown(e.log_ratio), interval=interval(e.low, e.high))

    def dose_sentence(self) -> str:
        """Say the change for each unit of dose."""
        if self.data.dose is None:
            return ""
        d = self.result.doses[0]
        if d is None:
            return tr("A response to the dose cannot be estimated from these areas.")
        text = tr("For each unit of dose incidents changed by {value} (95 % interval {interval}, p {p}).") if (
            d.p < 0.05) else tr("No response to the dose is shown: {value} for each unit, 95 % interval {interval}"
                                " (p {p}).")
        text = text.format(value=shown(d.slope, 1), p=level(d.p), interval=tr("{low} to {high}").format(
            low=shown(d.low, 1), high=shown(d.high, 1)))
        own = self.result.doses[1]
        if own is not None and own.p >= 0.05:
            text += " " + tr("Among the treated areas alone no response is shown (p {p}): that more did more cannot be"
                             " said.").format(p=level(own.p))
        return text

    # --- doubts ----------------------------------------------------------------------------
    def warnings(self) -> list:
        """Return what the reader must know before using the result."""
        r, panel, left = self.result, self.data.source.panel, self.data.source.left_out
        found = []
        if self.few:
            found.append(tr("Only {count} areas have incidents: how differently areas change by themselves cannot be"
                            " seen. The interval knows no more than the chance from {unit} to {unit}. Give single areas"
                            " instead of sums, or more comparison areas.").format(
                count=self.active[0] + self.active[1], unit=self.unit()))
        elif r.placebos is None:
            found.append(tr("There are too few areas for placebos in space: the interval rests on how differently"
                            " {count} areas changed.").format(count=self.active[0] + self.active[1]))
        if self.number[1] == 1:
            found.append(tr("There is one comparison area: the result hangs on whatever happened there."))
        if r.trend is not None and r.trend.p < 0.05:
            found.append(tr("The treated and the comparison areas did not go the same way before the start (p {p}): the"
                            " assumption of this method does not hold here. Choose comparison areas that moved alike"
                            " ('Synthetic control'), or read the result as description.").format(p=level(r.trend.p)))
        elif r.path.p < 0.05:
            found.append(tr("Treated and comparison areas differ from one {unit} to the next before the start by more"
                            " than chance (p {p}): they are not moved by the same things.").format(
                unit=self.unit(), p=level(r.path.p)))
        if r.effect.added:
            found.append(tr("The treated areas have no incident after the start: 0.5 was added to each sum, and the"
                            " size of the change is rough."))
        found += [self._empty(), self._shrunken(), doubts.chosen_on_after(self.data.source.choice.on_after),
                  doubts.maybe_chosen(self.data.source.choice.maybe), self._large()]
        if left.get("unlocated"):
            total = float(panel.counts[panel.roles >= 0].sum())
            if left["unlocated"] > 0.05 * (total + left["unlocated"] + left.get("outside", 0)):
                found.append(tr("{count} incidents of the time have no place and are in no area: if places were"
                                " recorded better or worse after, the result moves with it.").format(
                    count=formats.number(left["unlocated"])))
        return [text for text in found if text]

    def _empty(self) -> str:
        count = sum(self.number[:2]) - sum(self.active[:2])
        if not count:
            return ""
        return tr("{count} of {all} areas have no incident at all (treated: {treated}) and say nothing about a ratio;"
                  " they are left out of the intervals.").format(
            count=count, all=sum(self.number[:2]), treated=self.number[0] - self.active[0])

    def _shrunken(self) -> str:
        if not self.data.source.choice.on_before:
            return ""
        if not self.result.shrunken:
            return tr("The areas were chosen for their many incidents before, and what was luck in that could not be"
                      " taken out: a fall in them is to be expected by chance alone.")
        return tr("The areas were chosen for their many incidents before. The luck in that is taken out of the effect"
                  " (as counted: {value}), but not of the steps through time.").format(
            value=shown(self.result.counted.log_ratio))

    def _large(self) -> str:
        panel, n = self.data.source.panel, self.data.before_n
        treated, control = n[panel.treated], n[panel.control]
        if self.few or np.median(treated) <= control.max():
            return ""
        return tr("Most treated areas have more incidents than any comparison area: these tell little of how such areas"
                  " go by themselves, and the interval may be too narrow.")

    # --- results ---------------------------------------------------------------------------
    def middle_fake(self) -> Effect | None:
        """Return the placebo in time in the middle of the time before."""
        fakes = self.result.fakes
        return fakes[len(fakes) // 2][1] if fakes else None

    def numbers(self) -> dict:
        """Return the declared numbers."""
        r, e = self.result, self.result.effect
        trend, fake, around, dose = r.trend, self.middle_fake(), r.around, r.doses[0]
        prevented, low, high = e.prevented()
        nothing = float("nan")
        return {
            "EFFECT": percent(e.log_ratio), "LOW": percent(e.low), "HIGH": percent(e.high), "P_VALUE": e.p,
            "LOG_RATIO": e.log_ratio, "SE": e.se, "AS_COUNTED": percent(r.counted.log_ratio), "PREVENTED": prevented,
            "PREVENTED_LOW": low, "PREVENTED_HIGH": high, "TREATED_BEFORE": int(e.counts[0]),
            "TREATED_AFTER": int(e.counts[1]), "CONTROL_BEFORE": int(e.counts[2]), "CONTROL_AFTER": int(e.counts[3]),
            "OVERDISPERSION": e.spread.times, "DETECTABLE": percent(r.smallest),
            "TREND": percent(trend.slope) if trend else nothing, "TREND_P": trend.p if trend else nothing,
            "TREND_MISSED": percent(trend.missed) if trend else nothing, "UNITS_P": r.path.p,
            "FAKE_P": fake.p if fake else nothing, "PLACEBO_P": r.placebos.p(e) if r.placebos else nothing,
            "PLACEBO_COUNT": len(r.placebos.log_ratio) if r.placebos else 0,
            "AROUND": percent(around.log_ratio) if around else nothing, "AROUND_P": around.p if around else nothing,
            "DOSE": percent(dose.slope) if dose else nothing, "DOSE_LOW": percent(dose.low) if dose else nothing,
            "DOSE_HIGH": percent(dose.high) if dose else nothing, "DOSE_P": dose.p if dose else nothing,
        }

    def others(self) -> list:
        """Return the other intervals of the same effect, as (words, Effect)."""
        r = self.result
        found = [(tr("By how differently areas changed"), r.counted)] if not self.few else [
            (tr("By the chance of single {units}").format(units=self.unit(True)), r.counted)]
        if r.clustered is not None:
            found.append((tr("Clustered by area (CR1)"), r.clustered))
        return [*found, (tr("Poisson counts (too narrow where counts vary more)"), r.plain)]

    def steps(self) -> list:
        """Return the steps through time: (name, value, low, high, after), and the units of each."""
        p, out = self.result.path, []
        for k in range(int(p.block.max()) + 1):
            units = np.flatnonzero(p.block == k)
            first, last = self.labels[units[0]], self.labels[units[-1]]
            name = first if first == last else tr("{first} to {last}").format(first=first, last=last)
            out.append((name, float(p.value[k]), float(p.low[k]), float(p.high[k]), bool(self.data.after[units[0]])))
        return out

    def own(self) -> tuple[np.ndarray, ...]:
        """Return expected count, log ratio, its ends, and p of each area against the comparison areas."""
        panel, e = self.data.source.panel, self.result.effect
        b, a = self.data.before_n.astype(float), self.data.after_n.astype(float)
        c0, c1 = e.counts[2] - np.where(panel.control, b, 0.0), e.counts[3] - np.where(panel.control, a, 0.0)
        known = (panel.roles >= 0) & (b + a > 0) & (c0 > 0) & (c1 > 0)
        half = np.where((a <= 0) | (b <= 0), 0.5, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.log((a + half) / (b + half)) - np.log(c1 / c0)
            own, others = 1.0 / (a + half) + 1.0 / (b + half), 1.0 / c0 + 1.0 / c1
            s = e.spread
            grown = own * (1.0 + s.rho * np.maximum(a + b - 1.0, 0.0)) if s.source == BY_AREAS else own * s.times
            phi = s.phi if s.source == BY_AREAS else s.times
            se = np.sqrt(np.maximum(grown, own * phi) + others * s.times)
            reach = stats.t.ppf(1.0 - analysis.LEVEL / 2.0, e.free) * se
            p = 2.0 * stats.t.sf(np.abs(ratio) / se, e.free)
            out = [b * c1 / c0, ratio, ratio - reach, ratio + reach, p]
        return tuple(np.where(known, values, np.nan) for values in out)

    def columns(self) -> dict:
        """Return the fields of the areas."""
        panel, source = self.data.source.panel, self.data.source
        expected, ratio, low, high, p = self.own()
        roles = np.array([ROLES[k] if k >= 0 else None for k in panel.roles], object)
        none = panel.roles < 0
        return {
            fields.DID_NAME: np.array(source.names, object), fields.ROLE: roles,
            fields.PREV_CNT: np.ma.array(np.nan_to_num(self.data.before_n).astype(np.int64), mask=none),
            fields.CUR_CNT: np.ma.array(np.nan_to_num(self.data.after_n).astype(np.int64), mask=none),
            fields.DID_EXP: expected, fields.DID_PCT: 100.0 * np.expm1(ratio), fields.DID_LOW: 100.0 * np.expm1(low),
            fields.DID_HIGH: 100.0 * np.expm1(high), fields.DID_P: p,
        }

    def rows(self) -> dict:
        """Return the table of the effect, its checks, the steps and the areas."""
        r, out = self.result, []

        def add(kind: str, name: str, e: Effect) -> None:
            out.append((kind, name, e.counts[0], e.counts[1], e.expected, e.log_ratio, e.low, e.high, e.p))

        nan = float("nan")
        add("effect", tr("Treated against comparison areas"), r.effect)
        for name, other in self.others():
            add("other interval", name, other)
        if r.around is not None:
            add("around", tr("Around the treated areas"), r.around)
        if r.trend is not None:
            out.append(("before", tr("Difference of the trends before, {each}").format(each=self.each()), nan, nan, nan,
                        r.trend.slope, r.trend.low, r.trend.high, r.trend.p))
        for cut, fake in r.fakes:
            add("fake start", self.labels[cut], fake)
        for name, d in zip((tr("For each unit of dose"), tr("For each unit of dose, treated areas only")), r.doses):
            if d is not None:
                out.append(("dose", name, nan, nan, nan, d.slope, d.low, d.high, d.p))
        for name, value, low, high, _ in self.steps():
            out.append(("step", name, nan, nan, nan, value, low, high, nan))
        panel, own = self.data.source.panel, self.own()
        for i in np.flatnonzero(panel.roles >= 0):
            out.append(("area", self.data.source.names[i], self.data.before_n[i], self.data.after_n[i],
                        *(float(values[i]) for values in own)))
        kind, name, *numbers = zip(*out)
        before, after, expected, ratio, low, high, p = (np.array(values, float) for values in numbers)
        return {
            fields.DID_KIND: np.array(kind, object), fields.DID_NAME: np.array(name, object),
            fields.PREV_CNT: _whole(before), fields.CUR_CNT: _whole(after), fields.DID_EXP: expected,
            fields.DID_PCT: 100.0 * np.expm1(ratio), fields.DID_LOW: 100.0 * np.expm1(low),
            fields.DID_HIGH: 100.0 * np.expm1(high), fields.DID_P: p,
        }


def _whole(values: np.ndarray) -> np.ma.MaskedArray:
    return np.ma.array(np.nan_to_num(values).astype(np.int64), mask=~np.isfinite(values))
