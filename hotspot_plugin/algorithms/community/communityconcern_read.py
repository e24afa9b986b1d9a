"""What 'Where people are worried' reads, and what it estimates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...analysis.community import communityconcern as analysis
from ...analysis.community import heard as hearing
from ...analysis.community import inputs, withholding
from ...analysis.community import voices as counting
from ...analysis.cpted.maintenance import recency
from ...analysis.errors import InputError
from ...analysis.windows import stray_days
from ...reports import formats
from ...translation import tr
from . import reports as residents
from .communityconcern_places import Places
from .communityconcern_places import read as read_places

INTERNAL, PUBLIC = range(2)
#: Fewest voices told, by audience.
LEAST = (counting.LEAST_VOICES, 10)
#: Options of what a report without a day counts.
AS_MEAN, LEFT_OUT = range(2)


@dataclass
class Data:
    """What was read.

    Attributes
    ----------
    reports : Reports
    count : (n,) array of int
        Reports that each row stands for.
    recent, weight : (n,) arrays
        What a row counts by its age, and that times the weight of the voice.
    first, as_of : datetime64[D] or None
    undated : int
    places : Places
    least : int
    public : bool
    categories, parts : list of str
        What the reports are about, and parts of the day.
    category, part : (n,) arrays of int
        -1 where not stated.
    """

    reports: residents.Reports
    count: np.ndarray
    recent: np.ndarray
    weight: np.ndarray
    first: np.datetime64 | None
    as_of: np.datetime64 | None
    undated: int
    places: Places
    least: int
    public: bool
    categories: list
    parts: list
    category: np.ndarray
    part: np.ndarray

    @property
    def named(self) -> tuple[list, list]:
        """Categories and parts of the day as columns of the table, what is not stated last."""
        return [*self.categories, tr("not stated")], [*self.parts, tr("not stated")]


@dataclass
class Found:
    """What was estimated; (k,) arrays of the places, tables of all cells.

    Attributes
    ----------
    voices, shown : (areas + 1, categories + 1, parts + 1) arrays
        Distinct voices of each cell of the table, totals last, and whether the cell is told.
    reports, recent : arrays of the same shape
    estimate : Estimate or None
        Of the flat table; None where no report states a concern.
    code, q : (k,) arrays or None
        Beside the whole.
    heard : Heard or None
    """

    voices: np.ndarray
    shown: np.ndarray
    reports: np.ndarray
    recent: np.ndarray
    estimate: analysis.Estimate | None
    whole: analysis.Estimate | None
    code: np.ndarray | None
    q: np.ndarray | None
    heard: hearing.Heard | None

    @property
    def told(self) -> np.ndarray:
        """(k,) array of bool: places that are told."""
        return self.shown[:-1, -1, -1]

    @property
    def area_voices(self) -> np.ndarray:
        """(k,) array of int."""
        return self.voices[:-1, -1, -1]

    def of_areas(self, numbers: np.ndarray) -> np.ndarray:
        """Return the numbers of the places from those of the flat table."""
        return numbers.reshape(self.voices.shape)[:-1, -1, -1]


# --- reading ---------------------------------------------------------------------------------
def read(run: Any) -> Data:
    """Read reports and places."""
    tool = run.tool
    least, public = _least(run)
    count_field, weight_field = run.field(tool.COUNT_FIELD), run.field(tool.WEIGHT_FIELD)
    chosen = {inputs.CATEGORY: tool.CATEGORY_FIELD, inputs.CONCERN: tool.CONCERN_FIELD,
              inputs.DAY_PART: tool.DAY_PART_FIELD, inputs.SAID_ON: tool.DATE_FIELD, inputs.VOICE: tool.VOICE_FIELD,
              inputs.ORGANISED: ""}
    reports = residents.read(run, tool.INPUT, chosen, [count_field, weight_field])
    run.progress(0.25)
    reports, as_of = _of_days(run, reports)
    columns = reports.layer.columns
    count = _counts(run, columns[count_field], count_field) if count_field else np.ones(len(reports), np.int64)
    weight = _weights(run, columns[weight_field], weight_field) if weight_field else np.ones(len(reports))
    recent, undated = _recent(run, reports, as_of)
    first = None
    if reports.day is not None and not np.isnat(reports.day).all():
        first = np.nanmin(reports.day)
    if len(np.unique(reports.voice)) < least:
        raise InputError(tool.INPUT, "The reports are of fewer than {least} voices, the fewest of which anything is"
                         " told. Wait for more, or join several sources first.", least=least)
    categories, category = _codes(reports.category)
    parts, part = _codes(reports.day_part, tuple(inputs.DAY_PARTS))
    places = read_places(run, reports.layer)
    return Data(reports, count, recent, recent * weight, first, as_of, undated, places, least, public, categories,
                parts, category, part)


def _least(run: Any) -> tuple[int, bool]:
    audience = run.choice(run.tool.AUDIENCE)
    settled = (run.agency.min_internal, run.agency.min_public)[audience]
    given = run.integer(run.tool.MIN_VOICES)
    least = given or settled or LEAST[audience]
    if not given and settled:
        run.info(tr("Fewest voices: {count}, from the agency settings.").format(count=least))
    elif not given:
        run.info(tr("Nothing is told of fewer than {count} voices ({audience}).").format(
            count=least, audience=tr("for the public") if audience == PUBLIC else tr("within the agency")))
    if given and given < (settled or LEAST[audience]):
        run.warn(tr("{given} voices are fewer than the {least} that protect who spoke. Do not pass this on.").format(
            given=given, least=settled or LEAST[audience]))
    return least, audience == PUBLIC


def _of_days(run: Any, reports: residents.Reports) -> tuple:
    """Keep the reports of the days looked at."""
    tool = run.tool
    if reports.day is None:
        for name in (tool.AS_OF, tool.WINDOW):
            if run.has(name):
                raise InputError(tool.DATE_FIELD, "{name} needs the day of the reports. Choose its field.", name=name)
        return reports, None
    there = ~np.isnat(reports.day)
    as_of = run.date(tool.AS_OF)
    if as_of is None and there.any():
        days = reports.day[there]
        as_of = days[~stray_days(days)].max()
        run.info(tr("The state is that of {day}, the day of the last report.").format(day=as_of))
    if not there.any():
        return reports, as_of
    reports = _take(run, reports, ~(there & (reports.day > as_of)), tr("reported after {day}").format(day=as_of))
    window = run.integer(tool.WINDOW)
    if window:
        old = ~np.isnat(reports.day) & (reports.day <= as_of - np.timedelta64(window, "D"))
        reports = _take(run, reports, ~old, tr("reported before the last {count} days").format(count=window))
    if run.choice(tool.UNDATED) == LEFT_OUT:
        reports = _take(run, reports, ~np.isnat(reports.day), tr("no day of the report"))
    if not len(reports):
        raise InputError(tool.WINDOW if window else tool.AS_OF, "No report is left in these days. Choose others.")
    return reports, as_of


def _take(run: Any, reports: residents.Reports, keep: np.ndarray, reason: str) -> residents.Reports:
    if keep.all():
        return reports
    lost, rows = int((~keep).sum()), len(reports)
    tell = run.warn if lost > 0.05 * rows else run.info
    tell(tr("{count} of {rows} reports are left out: {reason}.").format(
        count=formats.number(lost), rows=formats.number(rows), reason=reason))
    values = {name: value[keep] if isinstance(value, np.ndarray) else value for name, value in vars(reports).items()}
    values["layer"] = reports.layer.take(keep, reason)
    return residents.Reports(**values)


def _counts(run: Any, values: np.ndarray, field: str) -> np.ndarray:
    odd = ~np.isfinite(values) | (values < 0) | (values != np.floor(values))
    if odd.any():
        run.warn(tr("{count} rows have no whole number in '{field}' and count as one report each.").format(
            count=formats.number(int(odd.sum())), field=field))
    return np.where(odd, 1, np.nan_to_num(values)).astype(np.int64)


def _weights(run: Any, values: np.ndarray, field: str) -> np.ndarray:
    if (values < 0).any() or np.isinf(values).any():
        raise InputError(run.tool.WEIGHT_FIELD, "'{field}' holds values below 0 or infinite ones, which cannot be"
                         " weights. Correct them.", field=field)
    missing = ~np.isfinite(values)
    if missing.any():
        run.warn(tr("{count} reports have no weight in '{field}': they count as reports, and with no answer.").format(
            count=formats.number(int(missing.sum())), field=field))
    if not np.nansum(values) > 0:
        raise InputError(run.tool.WEIGHT_FIELD, "'{field}' holds no weight above 0. Choose another field, or none.",
                         field=field)
    return np.nan_to_num(values)


def _recent(run: Any, reports: residents.Reports, as_of: Any) -> tuple[np.ndarray, int]:
    """Return what each report counts by its age, and how many have no day."""
    half = run.number(run.tool.HALF_LIFE)
    if reports.day is None or as_of is None:
        run.info(tr("The reports have no day: all count alike, however old."))
        return np.ones(len(reports)), len(reports)
    there = ~np.isnat(reports.day)
    undated = int((~there).sum())
    counts = np.ones(len(reports))
    if half:
        counts[there] = recency((as_of - reports.day[there]).astype(float), half)
        counts[~there] = counts[there].mean() if there.any() else 1.0
        run.info(tr("A report counts half after {days} days.").format(days=formats.number(half, 0)))
    if undated:
        run.warn(tr("{count} of {rows} reports have no day and count as the mean of the others ({mean}).").format(
            count=formats.number(undated), rows=formats.number(len(reports)),
            mean=formats.number(float(counts[there].mean()) if there.any() else 1.0, 2)))
    return counts, undated


def _codes(values: np.ndarray | None, first: tuple = ()) -> tuple[list, np.ndarray]:
    """Number texts, those of ``first`` in its order; what is not stated is -1."""
    if values is None:
        return [], np.full(0, -1)
    known = {v for v in values.tolist() if v is not None}
    names = [name for name in first if name in known] + sorted(known - set(first))
    number = {name: i for i, name in enumerate(names)}
    return names, np.array([number.get(v, -1) if v is not None else -1 for v in values], np.int64)


# --- estimating ------------------------------------------------------------------------------
def measure(run: Any, data: Data) -> Found:
    """Estimate concern and voices of each place, category and part of the day."""
    reports, places = data.reports, data.places
    # what is not stated is a column of its own, so that the parts add up
    shape = (len(places), len(data.categories) + 1, len(data.parts) + 1)
    row = places.report

    def column(codes: np.ndarray, size: int) -> np.ndarray:
        return np.where(codes[row] < 0, size - 1, codes[row]) if len(codes) else np.full(len(row), size - 1)

    columns = column(data.category, shape[1]), column(data.part, shape[2])
    table = withholding.cells(places.place, *columns, shape)
    voice = reports.voice[row]
    run.progress(0.6)
    number, shown = withholding.withhold(table, voice, data.least, run.stage(0.6, 0.75))
    of = row[table.report]
    count = np.bincount(table.cell, data.count[of], table.size).astype(np.int64).reshape(number.shape)
    run.check()
    recent = np.bincount(table.cell, data.recent[of] * data.count[of], table.size).reshape(number.shape)
    found = Found(number, shown, count, recent, None, None, None, None, None)
    if reports.concern is not None and np.isfinite(reports.concern).any():
        found.estimate = analysis.estimate(table.cell, reports.voice[of], reports.concern[of], data.weight[of],
                                           table.size, data.least)
        run.check()
        found.whole = analysis.estimate(np.zeros(len(reports), np.int64), reports.voice, reports.concern, data.weight,
                                        1)
        enough = (found.estimate.voices >= data.least) & shown.ravel()
        silent = ~np.isfinite(reports.concern[row])
        if silent.any():
            # voices that state no concern do not protect those who do
            stated = withholding.cells(np.where(silent, -1, places.place), *columns, shape)
            enough &= withholding.withhold(stated, voice, data.least, run.stage(0.75, 0.8))[1].ravel()
        found.estimate = _hidden(found.estimate, enough)
        areas = analysis.Estimate(*(found.of_areas(getattr(found.estimate, name)) for name in (
            "voices", "effective", "mean", "low", "high", "se", "worried", "worried_low", "worried_high")),
            found.estimate.shape.reshape(*number.shape, 2)[:-1, -1, -1])
        found.code, found.q = analysis.beside_whole(areas, float(found.whole.mean[0]), np.isfinite(areas.mean))
    run.progress(0.8)
    if places.residents is not None:
        found.heard = hearing.heard(found.area_voices, places.residents, run.number(run.tool.MIN_POPULATION))
    return found


def _hidden(found: analysis.Estimate, told: np.ndarray) -> analysis.Estimate:
    values = {name: value if name == "voices" else np.where(told[:, None] if name == "shape" else told, value, np.nan)
              for name, value in vars(found).items()}
    return analysis.Estimate(**values)
