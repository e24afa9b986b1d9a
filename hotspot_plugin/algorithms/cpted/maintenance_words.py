"""The numbers, fields, sentences and doubts of 'Maintenance and disorder'."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.cpted.maintenance import FEWER, MORE, NO_CLEAR, NOT_COMPARED, NOTHING, kaplan_meier, recency
from ...layers import fields
from ...layers.areas import LINE, POLYGON
from ...reports import formats
from ...translation import tr
from .maintenance_read import BEST, Data, Measured

#: Codes of the class: what was seen on site, then by reports.
SEEN_GOOD, SEEN_FAIR, SEEN_POOR, R_FEWER, R_NO_CLEAR, R_MORE, R_NOTHING = CODES = range(1, 8)
_BY_REPORTS = {FEWER: R_FEWER, NO_CLEAR: R_NO_CLEAR, MORE: R_MORE, NOTHING: R_NOTHING, NOT_COMPARED: 0}
#: Repairs below which the time to repair of a place is told with a dash in the report.
_LEAST = 5


def class_name(code: int) -> str:
    """Return the class in words."""
    return {SEEN_GOOD: tr("seen good"), SEEN_FAIR: tr("seen fair"), SEEN_POOR: tr("seen poor"),
            R_FEWER: tr("fewer reports"), R_NO_CLEAR: tr("no clear difference"), R_MORE: tr("more reports"),
            R_NOTHING: tr("nothing reported")}.get(int(code), tr("not compared"))


class Words:
    """Says what was found."""

    def __init__(self, run: Any, data: Data, found: Measured) -> None:
        self.run, self.data, self.found = run, data, found
        self.seen = np.isfinite(data.condition)
        third = BEST / 3.0
        well = np.where(data.condition <= 2 * third, SEEN_FAIR, SEEN_GOOD)
        by_eye = np.where(data.condition < third, SEEN_POOR, well)
        self.by_reports = np.array([_BY_REPORTS[c] for c in found.beside.code.tolist()])
        self.code = np.where(self.seen, by_eye, self.by_reports)
        self.dated, self.repairs = data.age is not None, data.closed is not None

    # --- fields --------------------------------------------------------------------------------
    def columns(self) -> dict:
        """Return the fields of the places; those that the data cannot give are left out."""
        data, found = self.data, self.found
        out: dict = {fields.N_REP: found.n.astype(np.int64), fields.REP_SUM: found.total}
        if self.dated:
            size = np.where(data.size > 0, data.size, np.nan)
            out |= {fields.RECENT: found.recent, fields.REC_DENS: found.recent / size}
        if self.repairs:
            out |= {fields.N_OPEN: found.open_, fields.OPEN_MAX: found.oldest, fields.N_FIXED: found.fixed,
                    fields.FIX_DAYS: found.median[:, 0], fields.FIX_LOW: found.median[:, 1],
                    fields.FIX_HIGH: found.median[:, 2], fields.AGAIN_SH: found.again, fields.AGAIN_OF: found.again_of}
        if found.all_n is not None:
            out[fields.N_ALLREP] = found.all_n.astype(np.int64)
        beside = found.beside
        out |= {fields.REP_RATIO: beside.ratio, fields.RATIO_LOW: beside.low, fields.RATIO_HIGH: beside.high,
                fields.RATIO_Q: beside.q, fields.REP_CL: self._names(self.by_reports)}
        if len(data.kinds) > 1:
            out[fields.TOP_KIND] = self._top_kind()
        out[fields.MNT_CODE] = np.ma.masked_array(self.code, self.code == 0)
        out[fields.MNT_CLASS] = self._names(self.code)
        return out

    def _names(self, codes: np.ndarray) -> np.ndarray:
        return np.array([class_name(code) for code in codes], object)

    def _top_kind(self) -> np.ndarray:
        k, kinds = len(self.data.places), len(self.data.kinds)
        cell, count = np.unique(self.found.place * kinds + self.data.kind[self.found.report], return_counts=True)
        out = np.full(k, None, object)
        for i in np.argsort(count, kind="stable").tolist():  # the largest comes last and stays
            out[cell[i] // kinds] = self.data.kinds[cell[i] % kinds]
        return out

    def long_table(self) -> dict:
        """Return a row for each place and kind reported there."""
        data, found = self.data, self.found
        kinds = len(data.kinds)
        key = found.place * kinds + data.kind[found.report]
        cells, at = np.unique(key, return_inverse=True)
        m = len(cells)
        place, kind = cells // kinds, cells % kinds
        out = {
            fields.PLACE_NO: data.places.rows[place] + 1, fields.PLACE_NAME: np.array(data.names, object)[place],
            fields.REP_KIND: np.array(data.kinds, object)[kind], fields.N_REP: np.bincount(at, minlength=m),
            fields.REP_SUM: np.bincount(at, data.weight[found.report], m),
        }
        if self.dated:
            counts = data.weight * recency(data.age, self.run.number(self.run.tool.HALF_LIFE))
            out[fields.RECENT] = np.bincount(at, counts[found.report], m)
        if self.repairs:
            from ...analysis.cpted.maintenance import medians

            took, fixed = data.duration
            known = data.known[found.report]
            rows = found.report[known]
            half = medians(at[known], took[rows], fixed[rows], m, self.run.stage(0.88, 0.9))
            lasting = (data.known & ~fixed)[found.report]
            out |= {fields.N_OPEN: np.bincount(at, lasting, m).astype(np.int64),
                    fields.N_FIXED: np.bincount(at, fixed[found.report], m).astype(np.int64),
                    fields.FIX_DAYS: half[:, 0], fields.FIX_LOW: half[:, 1], fields.FIX_HIGH: half[:, 2]}
        return out

    def by_kind(self) -> list:
        """Return (kind, reports, open, survival or None, came back, of) over all reports used, the commonest first."""
        data, out = self.data, []
        for i in np.argsort(-np.bincount(data.kind, minlength=len(data.kinds)), kind="stable").tolist():
            own = data.kind == i
            if not self.repairs:
                out.append((data.kinds[i], int(own.sum()), None, None, None, None))
                continue
            took, fixed = data.duration
            rows = own & data.known
            followed = own & self.found.followed
            out.append((data.kinds[i], int(own.sum()), int((rows & ~fixed).sum()),
                        kaplan_meier(took[rows], fixed[rows]) if rows.any() else None,
                        int((followed & self.found.came_back).sum()), int(followed.sum())))
        return out

    # --- numbers -------------------------------------------------------------------------------
    def numbers(self) -> dict:
        """Return the declared numbers and texts."""
        data, found = self.data, self.found
        often = np.bincount(found.report, minlength=len(data.x))
        median, low, high = found.overall.median() if found.overall else (None, None, None)
        followed = int(found.followed.sum())
        return {
            "PLACES": len(data.places), "REPORTS_USED": len(data.x), "REPORTS_NEAR": int((often > 0).sum()),
            "SHARED": int((often > 1).sum()),
            "OPEN": int((data.known & ~np.isfinite(data.closed)).sum()) if self.repairs else None,
            "MEDIAN_DAYS": median, "MEDIAN_LOW": low, "MEDIAN_HIGH": high,
            "AGAIN_SHARE": float((found.followed & found.came_back).sum() / followed) if followed else None,
            "MORE": int((self.by_reports == R_MORE).sum()), "FEWER": int((self.by_reports == R_FEWER).sum()),
            "SEEN": int(self.seen.sum()), "SEEN_POOR": int((self.code == SEEN_POOR).sum()),
            "AS_OF_USED": str(data.as_of) if data.as_of is not None else "",
        }

    def disagree(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the places seen poor without more reports, and those seen good with more reports."""
        return ((self.code == SEEN_POOR) & (self.by_reports != R_MORE),
                (self.code == SEEN_GOOD) & (self.by_reports == R_MORE))

    # --- sentences -----------------------------------------------------------------------------
    def per(self) -> str:
        """Return what reports are set beside."""
        if self.found.all_n is not None:
            return tr("for as many reports of any kind")
        kind = self.data.places.kind
        return tr("by length") if kind == LINE else tr("by area") if kind == POLYGON else tr("by place")

    def summary(self) -> str:
        """Return the sentences to read out."""
        numbers, data = self.numbers(), self.data
        when = tr(" ({first} to {last})").format(
            first=data.as_of - np.timedelta64(int(data.age.max()), "D"), last=data.as_of) if self.dated else ""
        text = tr("{near} of {used} reports{when} lie at the {places} places; {more} places have clearly more of them"
                  " than elsewhere {per}, {fewer} clearly fewer (exact test, false discovery rate 5 %).").format(
            near=formats.number(numbers["REPORTS_NEAR"]), used=formats.number(numbers["REPORTS_USED"]), when=when,
            places=formats.number(numbers["PLACES"]), more=formats.number(numbers["MORE"]), per=self.per(),
            fewer=formats.number(numbers["FEWER"]))
        if self.found.overall is not None:
            text += " " + self.repair_sentence()
        if self.seen.any():
            text += " " + tr("{seen} places were seen on site, {poor} of them in poor condition.").format(
                seen=formats.number(numbers["SEEN"]), poor=formats.number(numbers["SEEN_POOR"]))
        return text

    def repair_sentence(self) -> str:
        """Return how long repair takes."""
        numbers = self.numbers()
        known = int(self.data.known.sum())
        left = tr("{count} of {all} reports ({share}) were open on {day}").format(
            count=formats.number(numbers["OPEN"]), all=formats.number(known),
            share=formats.percent(numbers["OPEN"] / known, 1), day=self.data.as_of)
        if np.isnan(numbers["MEDIAN_DAYS"]):
            return tr("Less than half are repaired within the days on record; {left}.").format(left=left)
        return tr("Half are repaired within {days} days (95 % interval {interval}); {left}.").format(
            days=days_text(numbers["MEDIAN_DAYS"]), interval=interval(numbers["MEDIAN_LOW"], numbers["MEDIAN_HIGH"]),
            left=left)

    def warnings(self) -> list:
        """Return the doubts to tell."""
        data, found, out = self.data, self.found, []
        if found.all_n is None:
            out.append(tr("Reports are not conditions: places report the same problem up to three times as readily as"
                          " others. The comparison is {per} only; give ALL_REPORTS to allow for it.").format(
                              per=self.per()))
        if not self.dated:
            out.append(tr("Without the day of the report nothing is said of recency, open reports and repair."))
        elif not self.repairs:
            out.append(tr("Without the day of the repair nothing is said of open reports and repair."))
        elif not self.numbers()["OPEN"]:
            out.append(tr("No report is open on {day}: is this an export of the finished ones only? Then repair looks"
                          " faster than it is. Ask for the open ones as well.").format(day=data.as_of))
        away = len(data.x) - self.numbers()["REPORTS_NEAR"]
        if away > 0.05 * len(data.x):
            out.append(tr("{count} of {all} reports ({share}) lie at none of the places.").format(
                count=formats.number(away), all=formats.number(len(data.x)), share=formats.percent(away / len(data.x))))
        shared = self.numbers()["SHARED"]
        if shared:
            out.append(tr("{count} reports lie at more than one place and count at each; the fields of the places add"
                          " up to more than the reports.").format(count=formats.number(shared)))
        poor, good = self.disagree()
        if poor.any():
            out.append(tr("{count} places were seen in poor condition without more reports than elsewhere: reports miss"
                          " them.").format(count=formats.number(int(poor.sum()))))
        if good.any():
            out.append(tr("{count} places with more reports were seen in good condition: neighbours there may report"
                          " more readily, or repair is quick.").format(count=formats.number(int(good.sum()))))
        return out


def interval(low: Any, high: Any) -> str:
    """Return an interval of days; an end that is not reached is said so."""
    if formats.is_missing(low) and formats.is_missing(high):
        return tr("not known")
    if formats.is_missing(high):
        return tr("{low} or more").format(low=days_text(low))
    if low == high:
        return days_text(low)
    return tr("{low} to {high}").format(low=days_text(low), high=days_text(high))


def repair_cell(median: np.ndarray, fixed: int) -> str:
    """Return the days to repair of a place with their interval for a table."""
    if fixed < _LEAST:
        return formats.NOTHING
    if np.isnan(median[0]):
        return tr("not half yet")
    return f"{days_text(median[0])} ({interval(median[1], median[2])})"


def days_text(value: Any) -> str:
    """Return a number of days in words."""
    if formats.is_missing(value):
        return formats.NOTHING
    return formats.number(value, 0 if value >= 10 or float(value).is_integer() else 1)
