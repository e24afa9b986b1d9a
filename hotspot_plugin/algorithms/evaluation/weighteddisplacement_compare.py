"""Has the counts of a weighted displacement difference compared: as a whole, by type, and by harm."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...analysis.errors import InputError
from ...analysis.evaluation import design, detectableeffect, regression
from ...analysis.evaluation import weighteddisplacement as analysis
from ...analysis.evaluation.weighteddisplacement import Counts, Dispersion, Quotient, Wdd
from ...analysis.significance import benjamini_hochberg
from ...layers import fields
from ...translation import tr
from .weighteddisplacement_read import Data

ALL, TYPE, HARM = "all", "type", "harm"
#: What is looked for when nothing is shown: found in 8 of 10 cases.
POWER = 0.8


@dataclass(frozen=True)
class Row:
    """One difference.

    Attributes
    ----------
    name : str
    kind : str
        "all", "type" or "harm".
    counts : Counts
        As counted, by role.
    found : Wdd or None
        None where there is nothing to compare; ``why`` says so.
    quotient : Quotient or None
        Not for harm.
    spread : Dispersion
    q : float
        After allowing for the number of types.
    why : str
    """

    name: str
    kind: str
    counts: Counts
    found: Wdd | None
    quotient: Quotient | None
    spread: Dispersion
    q: float = float("nan")
    why: str = ""


@dataclass(frozen=True)
class Result:
    """All differences, and what was checked.

    Attributes
    ----------
    rows : list of Row
        All incidents first, then types, harm last.
    as_counted : Wdd
        Of all incidents without regard to how areas were chosen.
    shrunken : bool
        The rows allow for regression to the mean.
    expected : (4,) array
        Earlier counts that the rows use.
    trend : Wdd or None
        Second half of the time before against its first.
    smallest : float
        Smallest fall that these counts would have shown in 8 of 10 cases, of the treated areas alone.
    smallest_whole : float
        The same of the whole difference.
    other_spread : Dispersion or None
        The estimate of overdispersion that is not used.
    """

    rows: list
    as_counted: Wdd
    shrunken: bool
    expected: np.ndarray
    trend: Wdd | None
    smallest: float
    smallest_whole: float
    other_spread: Dispersion | None

    @property
    def whole(self) -> Row:
        """The difference of all incidents."""
        return self.rows[0]

    def of(self, kind: str) -> list:
        """Return the rows of a kind."""
        return [row for row in self.rows if row.kind == kind]

    def columns(self, words: list) -> dict:
        """Return the fields of the table."""
        def numbers(read: Any) -> np.ndarray:
            return np.array([read(row) if row.found is not None else np.nan for row in self.rows], float)

        def counted(read: Any) -> np.ndarray:
            return np.array([read(row) for row in self.rows], float)

        def quotients(name: str, needs: bool) -> np.ndarray:
            return np.array([getattr(row.quotient, name) if row.quotient is not None and not (
                needs and row.quotient.why) else np.nan for row in self.rows], float)

        f, there = fields, self.whole.counts.displacement
        surround = {f.TD_BEF: (2, "before"), f.TD_AFT: (2, "after"), f.CD_BEF: (3, "before"), f.CD_AFT: (3, "after")}
        inside = {f.TR_BEF: (0, "before"), f.TR_AFT: (0, "after"), f.CO_BEF: (1, "before"), f.CO_AFT: (1, "after")}
        return {
            f.WDD_OF: np.array([row.name for row in self.rows], object),
            f.WDD: numbers(lambda r: r.found.total.value), f.WDD_SE: numbers(lambda r: r.found.total.se),
            f.WDD_Z: numbers(lambda r: r.found.total.z), f.WDD_P: numbers(lambda r: r.found.total.p),
            f.WDD_Q: numbers(lambda r: r.q),
            f.WDD_LOW: numbers(lambda r: r.found.total.low), f.WDD_HIGH: numbers(lambda r: r.found.total.high),
            f.WDD_LOW90: numbers(lambda r: r.found.total.low90), f.WDD_HIGH90: numbers(lambda r: r.found.total.high90),
            f.WDD_LOCAL: numbers(lambda r: r.found.local.value), f.WDD_LOC_LO: numbers(lambda r: r.found.local.low),
            f.WDD_LOC_HI: numbers(lambda r: r.found.local.high), f.WDD_DISP: numbers(lambda r: r.found.displaced.value),
            f.WDD_DIS_LO: numbers(lambda r: r.found.displaced.low),
            f.WDD_DIS_HI: numbers(lambda r: r.found.displaced.high),
            f.WDQ: quotients("value", True), f.WDQ_LOW: quotients("low", True), f.WDQ_HIGH: quotients("high", True),
            f.NET: quotients("net", False), f.NET_LOW: quotients("net_low", False),
            f.NET_HIGH: quotients("net_high", False), f.PHI: counted(lambda r: r.spread.phi),
            **{name: counted(lambda r, at=at: getattr(r.counts, at[1])[at[0]]) for name, at in inside.items()},
            **{name: counted(lambda r, at=at: getattr(r.counts, at[1])[at[0]] if there else np.nan)
               for name, at in surround.items()},
            f.WDD_WORD: np.array(words, object),
        }

    def numbers(self) -> dict:
        """Return the declared numbers."""
        row = self.whole
        found, quotient = row.found, row.quotient
        total, local, displaced = found.total, found.local, found.displaced
        defined = not quotient.why
        return {
            "WDD": total.value, "SE": total.se, "Z": total.z, "P_VALUE": total.p, "LOW": total.low,
            "HIGH": total.high, "LOW90": total.low90, "HIGH90": total.high90, "LOCAL": local.value,
            "LOCAL_LOW": local.low, "LOCAL_HIGH": local.high, "DISPLACED": displaced.value,
            "DISPLACED_LOW": displaced.low, "DISPLACED_HIGH": displaced.high,
            "WDQ": quotient.value if defined else None, "NET": quotient.net, "NET_LOW": quotient.net_low,
            "NET_HIGH": quotient.net_high, "OVERDISPERSION_USED": row.spread.phi,
            "AS_COUNTED": self.as_counted.total.value, "DETECTABLE": self.smallest_whole,
            "TREATED_BEFORE": row.counts.before[0], "TREATED_AFTER": row.counts.after[0],
        }


def compare(run: Any, data: Data) -> Result:
    """Compare all incidents, each type, and harm."""
    before, after = data.before.sum(axis=0), data.after.sum(axis=0)
    plain = _counts(data, before, after)
    _refuse_empty(run, plain)
    spread, other = _spread(run, data, None)
    as_counted = analysis.wdd(plain, spread.phi, spread.raw_free)
    shrunken = data.choice.on_before and data.periods is not None
    counts = _shrunk(data, plain, None) if shrunken else plain
    rows = [Row(tr("All incidents"), ALL, plain, analysis.wdd(counts, spread.phi, spread.raw_free),
                analysis.quotient(plain, spread.phi, spread.raw_free), spread)]
    if len(data.types) > 1:
        rows += _types(run, data, shrunken)
    if data.harm_before is not None:
        rows.append(_harm(data, spread, rows))
    trend = None
    if data.table is not None:
        trend = analysis.half_and_half(data.table.sum(axis=0), data.sizes, data.displacement, spread)
    plan = detectableeffect.Design(plain.before, 1.0 / plain.times, plain.sizes, spread.phi, power=POWER)
    run.progress(0.88)
    return Result(
        rows, as_counted, shrunken, counts.before, trend, detectableeffect.smallest_fall(plan),
        detectableeffect.smallest_fall(plan, data.displacement), other)


def _counts(data: Data, before: np.ndarray, after: np.ndarray, square_before=None, square_after=None) -> Counts:
    """Sum areas by role, each divided by its own weight where there is one."""
    w = data.divisors
    sums = [design.role_sums(v / w**power, data.codes) for v, power in (
        (np.asarray(before, float), 1), (np.asarray(after, float), 1),
        (np.asarray(before if square_before is None else square_before, float), 2),
        (np.asarray(after if square_after is None else square_after, float), 2))]
    return Counts(*sums, data.times, data.sizes, data.displacement)


def _refuse_empty(run: Any, counts: Counts) -> None:
    parameter = run.tool.ROLE_FIELD
    if counts.before[0] + counts.after[0] == 0:
        raise InputError(
            parameter, "The treated areas have no incident, neither before nor after: nothing could have changed."
            " Check the roles, the periods and the type of incidents.")
    if counts.before[1] + counts.after[1] == 0:
        raise InputError(
            parameter, "The comparison areas have no incident, neither before nor after: they cannot show what would"
            " have happened anyway. Choose comparison areas with about as many incidents as the treated ones.")


def _spread(run: Any, data: Data, kind: int | None) -> tuple[Dispersion, Dispersion | None]:
    """Return the overdispersion to use, and the other estimate; of a type, or of all."""
    given = run.number(run.tool.OVERDISPERSION)
    if given is not None:
        return Dispersion(given, np.inf, float("nan"), "given"), None
    rows = slice(None) if kind is None else slice(kind, kind + 1)
    found = []
    if data.table is not None:
        found.append(analysis.dispersion_in_time(data.table[rows].sum(axis=0)))
    # of a table with a row for each type, rows of one type are areas of one kind
    groups = np.argmax(data.before + data.after, axis=0) if data.periods is None else None
    found.append(analysis.dispersion_among_areas(
        data.before[rows].sum(axis=0), data.after[rows].sum(axis=0), data.codes, groups))
    known = sorted((f for f in found if f is not None), key=lambda f: -f.phi)
    if not known:
        return Dispersion(1.0, np.inf, float("nan"), "assumed"), None
    return known[0], known[1] if len(known) > 1 else None


def _types(run: Any, data: Data, shrunken: bool) -> list:
    rows = []
    for k, name in enumerate(data.types):
        run.check()
        counts = _counts(data, data.before[k], data.after[k])
        spread, _ = _spread(run, data, k)
        both = counts.before + counts.after
        if both[0] == 0 or both[1] == 0:
            why = tr("none in the treated areas") if both[0] == 0 else tr("none in the comparison areas")
            rows.append(Row(name, TYPE, counts, None, None, spread, why=why))
            continue
        used = _shrunk(data, counts, k) if shrunken else counts
        rows.append(Row(name, TYPE, counts, analysis.wdd(used, spread.phi, spread.raw_free),
                        analysis.quotient(counts, spread.phi, spread.raw_free), spread))
    p = np.array([row.found.total.p if row.found is not None else np.nan for row in rows])
    return [replace(row, q=float(q)) for row, q in zip(rows, benjamini_hochberg(p))]


def _harm(data: Data, spread: Dispersion, rows: list) -> Row:
    """Harm varies as the sum of its squares; types that vary more than others count with their own overdispersion."""
    counts = _counts(data, data.harm_before, data.harm_after, data.square_before, data.square_after)
    worst = max([spread, *(row.spread for row in rows if row.kind == TYPE and row.spread.phi > 1.0 and (
        row.spread.p < 0.05))], key=lambda d: d.phi) if spread.origin not in ("given", "assumed") else spread
    if not counts.variance[:2].sum() > 0:
        return Row(tr("Harm"), HARM, counts, None, None, spread, why=tr("no harm in the areas"))
    return Row(tr("Harm"), HARM, counts, analysis.wdd(counts, worst.phi, worst.raw_free), None, worst)


def _shrunk(data: Data, counts: Counts, kind: int | None) -> Counts:
    """Put the expectation of areas chosen for their count in the place of that count (empirical Bayes)."""
    rows = data.periods.before
    here = rows.located
    if kind is not None:
        here = here & (data.kind_before == kind)
    if not here.any():
        return counts
    side = float(np.sqrt(np.median(data.areas.areas_m2[data.codes >= 0])))
    places = regression.all_places(rows.x[here], rows.y[here], side)
    each = data.before.sum(axis=0) if kind is None else data.before[kind]
    before, spread = counts.before.copy(), counts.spread_before.copy()
    for role in ((0, 1) if data.choice_both else (0,)):
        chosen = data.codes == role
        before[role], spread[role] = analysis.level_of_chosen(each[chosen], places, data.divisors[chosen])
    return replace(counts, before=before, spread_before=spread)
