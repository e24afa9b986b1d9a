"""What a public release says: to the public, and inside the agency."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.data.countincidents import count_classes
from ...analysis.privacy import publicrelease as analysis
from ...analysis.privacy.disclosure import ABSENT, OTHER, SHOWN, SMALL
from ...analysis.privacy.releases import ORDINARY, SENSITIVE
from ...layers import fields, provenance, styling
from ...reports import formats
from ...translation import tr
from .publicrelease_read import Release
from .publicrelease_register import draft_words

_UNITS = {analysis.MONTH: "month", analysis.QUARTER: "quarter", analysis.YEAR: "year"}


class Words:
    """A release in words and columns.

    Attributes
    ----------
    release : Release
    number : int
        Number of the release; 0 for a draft.
    """

    def __init__(self, release: Release, number: int, licence: str, utility: analysis.Utility) -> None:
        self.release, self.number, self.licence, self.utility = release, number, licence, utility
        self.tables = release.tables

    # --- for the public ---------------------------------------------------------------------
    def columns(self) -> dict:
        """Return the public table: a row for each area, period and group, and for their totals."""
        parts: list = [self._rows(table) for table in self.tables]
        for span in self.release.recent:
            parts.append(([span], [tr("All areas")], [self.all_name(ORDINARY)], np.array([-1]), [tr("too recent")]))
        spans, areas, groups, values, status = ([v for part in parts for v in part[i]] for i in range(5))
        numbers = np.array(values, dtype=np.int64)
        return {
            fields.PERIOD: np.array([span.name for span in spans], dtype=object),
            fields.FIRST_DAY: np.array([str(span.start) for span in spans], dtype=object),
            fields.LAST_DAY: np.array([str(span.end) for span in spans], dtype=object),
            fields.AREA_NAME: np.array(areas, dtype=object),
            fields.GROUP_NAME: np.array(groups, dtype=object),
            fields.N_PUBLIC: np.ma.masked_array(numbers, numbers < 0),
            fields.STATUS: np.array(status, dtype=object),
        }

    def _rows(self, table: analysis.Table) -> tuple:
        part = table.status != ABSENT
        row, column = np.nonzero(part)
        areas = [*self.release.names, tr("All areas")]
        groups = self.group_names(table)
        # one word for all that is withheld: that a number is small is known only to those who withheld it
        words = (tr("published"), tr("withheld"))
        return ([table.span] * len(row), [areas[i] for i in row.tolist()], [groups[i] for i in column.tolist()],
                table.values[part], [words[0] if s == SHOWN else words[1] for s in table.status[part].tolist()])

    def group_names(self, table: analysis.Table) -> list:
        """Return the groups of a table as the public reads them, the total last."""
        names = list(table.groups)
        if table.kind == SENSITIVE:
            ordinary = {g for t in self.release.of(ORDINARY) for g in t.groups}
            names = [tr("{group} (sensitive part)").format(group=g) if g in ordinary else g for g in names]
        return [*names, self.all_name(table.kind)]

    def all_name(self, kind: str) -> str:
        """Return what the total of the groups is called."""
        if kind == SENSITIVE:
            return tr("All sensitive groups")
        return tr("All groups but sensitive incidents") if self.release.sensitive else tr("All groups")

    def mapped(self) -> list:
        """Return the tables of the map: the ordinary ones, where there are any."""
        return self.release.of(ORDINARY) or self.tables

    def area_columns(self) -> dict:
        """Return the totals of the areas, a column for each period."""
        tables = self.mapped()
        newest = tables[-1]
        _, values, shown = newest.totals()
        out = {
            fields.AREA_NAME: np.array(self.release.names, dtype=object),
            fields.PERIOD: np.array([newest.span.name] * len(values), dtype=object),
            fields.N_PUBLIC: np.ma.masked_array(values, ~shown),
            fields.STATUS: np.array([tr("published") if s else tr("withheld") for s in shown.tolist()], dtype=object),
        }
        for table in tables:
            _, values, shown = table.totals()
            out["n_" + table.span.name.lower().replace("-", "_")] = np.ma.masked_array(values, ~shown)
        return out

    def style(self) -> styling.Style:
        """Return the look of the areas, made of published numbers only."""
        newest = self.mapped()[-1]
        _, values, shown = newest.totals()
        entries = [(-1.5, -0.5, styling.GREY, tr("Withheld"))]
        found = count_classes(values[shown]) if shown.any() else []
        # the darkest colour is for a town's contrasts, not for the only class there is
        for (low, high), colour in zip(found, styling.SEQUENCE[0 if len(found) > 4 else 1:]):
            inside = values[shown & (values >= low) & (values <= high)]
            if not len(inside):
                continue
            # a class that began under the limit would read as if small numbers were shown
            low, high = int(inside.min()), int(inside.max())
            text = tr("{low} to {high}") if high > low else "{low}"
            entries.append((low - 0.5, high + 0.5, colour, text.format(
                low=formats.number(low), high=formats.number(high))))
        return styling.classes("Public counts", f'coalesce("{fields.N_PUBLIC}", -1)', entries, fields.AREA_NAME)

    def title(self) -> str:
        """Return what the release is called."""
        return draft_words() if not self.number else tr("Public release {number}").format(number=self.number)

    def abstract(self) -> str:
        """Return in one sentence what the public gets."""
        return tr("{title} Recorded incidents by area, {unit} and group, {period}; numbers under {limit} are withheld,"
                  " others rounded to {base}.").format(
                      title=self.title() + ("." if self.number else ""), unit=tr(_UNITS[self.release.months]),
                      period=self.period(), limit=self.release.rules.limit, base=self.release.rules.base)

    def period(self) -> str:
        """Return the days that the tables cover."""
        spans = [table.span for table in self.tables]
        return formats.period(min(s.start for s in spans), max(s.end for s in spans))

    def rules(self) -> list:
        """Return the rules that the public shall know; none of them tells a number that is withheld."""
        release, rules = self.release, self.release.rules
        out = [
            tr("Numbers are incidents as the police recorded them. What is not reported, or has no recorded place in"
               " these areas, is not among them."),
            tr("A number under {limit} is withheld, 0 as well, and so are some larger numbers from which a small one"
               " could be worked out. Withheld does not mean 0.").format(limit=rules.limit),
        ]
        if rules.base > 1:
            out.append(tr("Each number is rounded to a multiple of {base} by itself, totals too, so numbers need not"
                          " add up to their totals.").format(base=rules.base))
        out += [
            tr("A number once published stays as it is: records that come in later are not added."),
            tr("A period is published {delay} days after its end at the earliest.").format(delay=release.delay),
            tr("Incidents are counted in areas; no points are published. Homes: {checked}.").format(
                checked=release.places.checked),
        ]
        if release.sensitive:
            out.append(tr("Sensitive incidents are published by year only, in figures of their own, and are in no total"
                          " with others.") if release.of(SENSITIVE) else
                       tr("Sensitive incidents are not in these figures."))
        return out

    def notes(self) -> str:
        """Return the text to publish with the data."""
        lines = [self.title(), "", self.abstract(), "", *(f"- {text}" for text in self.rules())]
        if self.licence:
            lines += ["", tr("Licence: {licence}").format(licence=self.licence)]
        lines += ["", tr("Fields: {fields}").format(fields="; ".join(
            f"{name}: {tr(fields.DESCRIPTIONS[name])}" for name in (
                fields.PERIOD, fields.FIRST_DAY, fields.LAST_DAY, fields.AREA_NAME, fields.GROUP_NAME,
                fields.N_PUBLIC, fields.STATUS))), ""]
        return "\n".join(lines)

    def record(self, tool: Any, version: str, crs: str) -> str:
        """Return the record that travels with the public layers: rules only, no number and no name of the inputs."""
        release = self.release
        return provenance.record(
            tool=f"hotspot:{tool.name()}", version=version, inputs={}, crs=crs, results={}, warnings=[],
            parameters={"PERIOD": _UNITS[release.months], "MIN_PUBLIC": release.rules.limit,
                        "ROUNDING": release.rules.base, "DELAY": release.delay, "RELEASE": self.number},
            notes=[self.title(), *self.rules()],
        )

    # --- inside the agency ------------------------------------------------------------------
    def tally(self) -> dict:
        """Return how many figures are shown and withheld."""
        status = np.concatenate([table.status.ravel() for table in self.tables])
        return {"FIGURES": int((status != ABSENT).sum()), "SHOWN": int((status == SHOWN).sum()),
                "WITHHELD_SMALL": int((status == SMALL).sum()), "WITHHELD_OTHER": int((status == OTHER).sum())}

    def summary(self) -> str:
        """Return the sentences for those who decide on the release."""
        u, t, release = self.utility, self.tally(), self.release
        grouped = tr("The counts shown by area and group hold {cells} of the {incidents} incidents, the totals shown by"
                     " area {totals}.")
        if all(len(table.groups) < 2 for table in self.mapped()):
            grouped = tr("The counts shown hold {cells} of the {incidents} incidents.")
        parts = [
            tr("{title} {period}, {areas} areas: {shown} of {figures} figures are shown; {small} are withheld because"
               " they are under {limit}, {other} to protect those.").format(
                   title=self.title() + (":" if self.number else ""), period=self.period(),
                   areas=formats.number(len(release.names)), shown=formats.number(t["SHOWN"]),
                   figures=formats.number(t["FIGURES"]), small=formats.number(t["WITHHELD_SMALL"]),
                   limit=release.rules.limit, other=formats.number(t["WITHHELD_OTHER"])),
            grouped.format(cells=formats.percent(u.share_shown), incidents=formats.number(u.incidents),
                           totals=formats.percent(u.share_totals)),
        ]
        if u.top:
            parts.append(tr("Of the {top} busiest areas {kept} are so by the public figures.").format(
                top=u.top, kept=u.top_kept))
        if u.hot >= 0:
            parts.append(self.hot_words())
        return " ".join(parts)

    def hot_words(self) -> str:
        """Say how the hot areas change."""
        u = self.utility
        if not u.hot and not u.hot_public:
            return tr("Neither the true nor the public figures make any area hot (Gi*).")
        return tr("Hot areas (Gi*): {hot} by the true figures, {public} by the public ones, {both} in both.").format(
            hot=u.hot, public=u.hot_public, both=u.hot_both)

    def warnings(self) -> list:
        """Return what those who decide must know."""
        release, u, out = self.release, self.utility, []
        if not self.number:
            out.append(tr("This is a draft: no REGISTER was given, so nothing guards it against being subtracted from"
                          " another release. Give a register to make the release."))
        if release.recent and release.guessed:
            out.append(tr("{periods} must wait: the data seem to have been extracted on {day}. If that was later, say"
                          " so in EXTRACTED.").format(
                              periods=", ".join(s.name for s in release.recent[:12]), day=release.extracted))
        if release.partial:
            out.append(tr("The data begin or end within {periods}: not released.").format(
                periods=", ".join(s.name for s in release.partial[:12])))
        if release.late < 0.95:
            out.append(tr("Only {share} of the incidents are reported within {delay} days; what comes later is never"
                          " added to a published number. A longer delay makes the figures more complete.").format(
                              share=formats.percent(release.late), delay=release.delay))
        if release.changed:
            out.append(tr("{count} published numbers of earlier releases would be others today, by late or corrected"
                          " records. They are repeated as published, because the difference would show single"
                          " cases.").format(count=formats.number(release.changed)))
        if u.share_shown < 0.5:
            out.append(tr("Less than half of the incidents lie in counts that are shown. Larger areas, longer periods"
                          " or fewer groups would show more."))
        return out

    def numbers(self) -> dict:
        """Return the declared numbers and texts."""
        u, release = self.utility, self.release
        spans = [table.span for table in self.tables]

        def known(value: int) -> int | None:
            return value if value >= 0 else None

        return {
            "RELEASE": self.number, "PERIODS": len({s.name for s in spans}), "AREAS_COUNT": len(release.names),
            **self.tally(), "INCIDENTS_USED": sum(int(t.counts[-1, :-1].sum()) for t in self.tables),
            "SHARE_SHOWN": u.share_shown, "SHARE_TOTALS": u.share_totals, "MEAN_ERROR": u.error,
            "RANK_CORRELATION": u.rank_correlation, "TOP_COUNT": u.top, "TOP_KEPT": u.top_kept,
            "HOT": known(u.hot), "HOT_PUBLIC": known(u.hot_public), "HOT_BOTH": known(u.hot_both),
            "PROOFS": release.proofs, "CHANGED": release.changed, "PERIODS_RECENT": len(release.recent),
            "FIRST_DAY": str(min(s.start for s in spans)), "LAST_DAY": str(max(s.end for s in spans)),
        }
