"""Dates and clock times as agencies write them, read without a silent guess.

The wall clock is kept as written: an offset such as ``+02:00`` or ``Z`` is kept apart and
never applied. Whether ``03/04/2019`` is the 3rd of April or the 4th of March is decided by
the values themselves where one of them proves it (a part above 12); where none does, the
rows are counted as ambiguous and get no date, so that nobody takes a guess for a fact.

Reading is by *signature*: texts that have digits, letters and separators at the same
places are read together as columns of one character matrix, so a million texts cost
about as much as a few array operations.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from . import timewords
from .progress import Progress, silent

MINUTE, HOUR, DAY, MONTH, UNKNOWN = "minute", "hour", "day", "month", ""

#: what agencies write where there is no date
MISSING = {"", "na", "n/a", "n.a.", "nan", "nat", "null", "none", "nil", "\\n", "-", "--", "---", ".", "?",
           "unknown", "unk", "<null>", "<na>", "(null)", "#n/a", "not available", "0000-00-00", "00/00/0000",
           "0000-00-00 00:00:00", "tbc", "tba"}

_CHUNK = 50_000
_NAT = np.datetime64("NaT", "ms")
#: two-digit years below this are 20xx, as POSIX has it
_PIVOT = 69
_FIRST_YEAR, _LAST_YEAR = 1800, 2200


@dataclass(frozen=True)
class Times:
    """Date-times of n rows with what is known about how they were written.

    Attributes
    ----------
    values : ndarray of datetime64[ms], shape (n,)
        Wall clock as written; NaT where missing, unreadable or ambiguous. A date without a
        time is at 00:00, a month at its first day.
    precision : ndarray of object (str), shape (n,)
        ``"minute"``, ``"hour"``, ``"day"``, ``"month"`` or ``""`` (no value).
    offset_minutes : ndarray of float, shape (n,)
        Offset from UTC as written, NaN where none is; never applied to ``values``.
    order : str
        ``"dmy"`` or ``"mdy"`` where parts are numbers and one order holds; ``"mixed"`` where
        the values contradict one another; ``"open"`` where they leave it open; otherwise
        ``"iso"`` (year first or month names), ``"excel"``, ``"epoch"`` or ``""`` (no date).
    ambiguous : int
        Rows without a date because day and month cannot be told apart.
    unreadable : int
        Rows that hold something that is no date.
    first_unreadable : str
        The first such text.
    missing : int
        Rows that hold nothing.
    conflicting : int
        Rows that prove the rarer of two contradicting orders.
    first_ambiguous : str
        The first ambiguous text.
    serial, epoch : int
        Rows read as a spreadsheet's day number; as seconds or milliseconds since 1970 (UTC).
    no_clock : int
        Rows with a date whose separate clock text is missing or unreadable (:func:`combine`).
    """

    values: np.ndarray
    precision: np.ndarray
    offset_minutes: np.ndarray
    order: str = ""
    ambiguous: int = 0
    unreadable: int = 0
    first_unreadable: str = ""
    missing: int = 0
    conflicting: int = 0
    first_ambiguous: str = ""
    serial: int = 0
    epoch: int = 0
    no_clock: int = 0

    def __len__(self) -> int:
        return len(self.values)

    def span(self) -> list[str]:
        """Return the first and the last day, or month where dates say no more; nothing without a date."""
        known = ~np.isnat(self.values)
        if not known.any():
            return []
        letters = 7 if (self.precision[known] == MONTH).all() else 10
        return [str(self.values[known].min())[:letters], str(self.values[known].max())[:letters]]


def parse_texts(values: object, order: str = "auto", progress: Progress = silent) -> Times:
    """Read dates and date-times written as text (or as numbers such as 20190131).

    Parameters
    ----------
    values : sequence of str, numbers or None, shape (n,)
        Also datetime64, which is taken as it is.
    order : {"auto", "dmy", "mdy", "ymd"}
        How to read three numbers whose first is not a four-digit year. ``"auto"`` lets the
        values decide; a row that stays open is counted in ``ambiguous`` and gets NaT.
    progress : Progress
        Called between slices; may cancel.

    Returns
    -------
    Times
        Precision is that of the writing, made coarser by :func:`detect_precision` where the
        whole column shows it (all at midnight, all on the first of a month).
    """
    if order not in ("auto", "dmy", "mdy", "ymd"):
        raise ValueError(order)
    given = np.asarray(values)
    if given.dtype.kind == "M":
        return from_values(given)
    codes, uniques = _distinct(values)
    progress(0.2)
    counts = np.bincount(codes, minlength=len(uniques))
    pieces = [] if len(uniques) else [_Slice(uniques)]
    for start in range(0, len(uniques), _CHUNK):
        pieces.append(_Slice(uniques[start:start + _CHUNK]))
        progress(0.2 + 0.6 * min(1.0, (start + _CHUNK) / max(1, len(uniques))))
    lack = np.fromiter((t.lower() in MISSING for t in uniques), bool, len(uniques))
    names = ("day_first", "month_first", "year_first", "direct", "kind", "precision", "offset", "clock_ms")
    table = {name: np.concatenate([getattr(p, name) for p in pieces]) for name in names}
    chosen, found, open_, conflicting = _decide(table, counts, order)
    readable = ~np.isnat(chosen)
    progress(0.85)
    bad = ~readable & ~lack & ~open_
    row_order = _first_rows(codes, len(uniques))
    result = Times(
        values=chosen[codes],
        precision=np.where(readable, table["precision"], UNKNOWN).astype(object)[codes],
        offset_minutes=np.where(readable, table["offset"], np.nan).astype(float)[codes],
        order=found,
        ambiguous=int(counts[open_].sum()), unreadable=int(counts[bad].sum()),
        first_unreadable=_earliest(uniques, bad, row_order), missing=int(counts[lack].sum()),
        conflicting=conflicting, first_ambiguous=_earliest(uniques, open_, row_order),
        serial=int(counts[readable & (table["kind"] == "excel")].sum()),
        epoch=int(counts[readable & (table["kind"] == "epoch")].sum()))
    progress(1.0)
    return refined(result)


def from_values(values: np.ndarray) -> Times:
    """Wrap date-times that need no reading; the precision is detected."""
    taken = np.asarray(values).astype("M8[ms]")
    some = ~np.isnat(taken)
    return Times(taken, detect_precision(taken), np.full(len(taken), np.nan), "iso" if some.any() else "",
                 missing=int((~some).sum()))


def from_parts(year: object, month: object, day: object = None, hour: object = None, minute: object = None) -> Times:
    """Put dates together from separate columns of numbers or texts.

    Parameters
    ----------
    year, month, day, hour, minute : sequence of numbers or texts, shape (n,), or None
        Month may be a name. Two-digit years below 69 are 20xx. Hour 24 is 0 h of the next
        day. A column that is not given, or a row without hour, lowers the precision.

    Returns
    -------
    Times
        Rows with an impossible part (31 April, hour 25) are unreadable.
    """
    years, months = _numbers(year), _numbers(month, timewords.MONTHS)
    n = len(years)
    days = np.ones(n) if day is None else _numbers(day)
    hours = np.full(n, np.nan) if hour is None else _numbers(hour)
    minutes = np.full(n, np.nan) if minute is None else _numbers(minute)
    if not len(months) == len(days) == len(hours) == len(minutes) == n:
        raise ValueError("the parts have different lengths")
    has_date = np.isfinite(years) & np.isfinite(months) & np.isfinite(days)
    has_hour, has_minute = np.isfinite(hours), np.isfinite(minutes)
    dates = _dates(_zero(years), _zero(months), _zero(days))
    clock, clock_ok = _clock(_zero(hours), _zero(minutes), np.zeros(n, int), np.zeros(n, int))
    values = np.where(has_date & clock_ok, dates + clock.astype("m8[ms]"), _NAT)
    precision = np.full(n, MONTH if day is None else DAY, dtype=object)
    if day is not None:
        precision[has_hour] = HOUR
        precision[has_hour & has_minute] = MINUTE
    readable = ~np.isnat(values)
    precision[~readable] = UNKNOWN
    empty = blank(year) & blank(month)
    bad = ~readable & ~empty
    first = ""
    if bad.any():
        at = int(np.flatnonzero(bad)[0])
        given = [c for c in (year, month, day, hour, minute) if c is not None]
        first = "-".join(str(np.asarray(column, dtype=object)[at]) for column in given)
    return refined(Times(values, precision, np.full(n, np.nan), "iso" if readable.any() else "",
                         unreadable=int(bad.sum()), first_unreadable=first, missing=int((~readable & empty).sum())))


def combine(dates: Times, clocks: object) -> Times:
    """Add a separate column of clock times to dates.

    Parameters
    ----------
    dates : Times, n rows
        Their own time of day, if any, is replaced where the clock can be read.
    clocks : sequence of str, numbers or None, shape (n,)
        ``14:30``, ``14.30``, ``2:30 PM``, ``1430``, ``14h30``, fractions of a day, or whole
        date-times of which the time is taken. In a column that holds numbers above 99
        (1430, 905) a short number is minutes after midnight (5 = 00:05): the leading zeros
        were lost in a spreadsheet. In other columns it is an hour.

    Returns
    -------
    Times
        ``no_clock`` counts rows with a date but no readable clock; they keep their date.
    """
    codes, uniques = _distinct(clocks)
    if len(codes) != len(dates):
        raise ValueError("dates and clocks have different lengths")
    clock, precision, offset = parse_clocks(uniques)
    clock, precision, offset = clock[codes], precision[codes], offset[codes]
    dated = ~np.isnat(dates.values)
    usable = dated & (clock >= 0) & (dates.precision != MONTH)
    days = dates.values.astype("M8[D]").astype("M8[ms]")
    values = np.where(usable, days + np.maximum(clock, 0).astype("m8[ms]"), days)
    merged = np.where(usable, precision, np.where(dated & (dates.precision != MONTH), DAY, dates.precision))
    offsets = np.where(usable & np.isfinite(offset), offset, dates.offset_minutes)
    return refined(replace(dates, values=values, precision=merged.astype(object), offset_minutes=offsets,
                           no_clock=int((dated & ~usable).sum())))


def parse_clocks(texts: object) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read clock times.

    Returns
    -------
    clock : ndarray of int64, shape (n,)
        Milliseconds since midnight, -1 where unreadable.
    precision : ndarray of object, shape (n,)
        ``"minute"``, ``"hour"`` or ``""``.
    offset : ndarray of float, shape (n,)
        Minutes from UTC as written, or NaN.
    """
    codes, uniques = _distinct(texts)
    bare = np.fromiter((int(t) if t.isdigit() and len(t) <= 6 and t.isascii() else -1 for t in uniques), np.int64,
                       len(uniques))
    military = bool((bare > 99).any())
    written = []
    for text, number in zip(uniques, bare.tolist()):
        if number >= 0 and len(text) <= 4:
            text = f"{number // 100}:{number % 100:02d}" if military else (f"{number}:00" if number <= 24 else "x")
        elif number >= 0:
            text = f"{number // 10000}:{number // 100 % 100:02d}:{number % 100:02d}"
        elif text[:2] in ("0.", "0,") and text[2:].isdigit():
            seconds = round(float("0." + text[2:]) * 86400)
            text = f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        written.append(text)
    # a day in front makes every clock a date-time, so that one reader serves both
    piece = _Slice(np.array([t if _has_date(t) else f"2000-01-01 {t}" for t in written], dtype=object))
    ok = ~np.isnat(piece.day_first) & (piece.precision != DAY) & (piece.precision != MONTH)
    clock = np.where(ok, piece.clock_ms, -1)
    precision = np.where(ok, piece.precision, UNKNOWN).astype(object)
    if not military:
        precision[ok & (bare >= 0) & (bare <= 24)] = HOUR
    return clock[codes], precision[codes], np.where(ok, piece.offset, np.nan)[codes]


def detect_precision(values: np.ndarray) -> np.ndarray:
    """Say how precise date-times are, judged by the whole column.

    Parameters
    ----------
    values : ndarray of datetime64, shape (n,)

    Returns
    -------
    ndarray of object (str), shape (n,)
        ``""`` for NaT. ``"month"`` where all (at least 5) values are midnights on the first of
        at least two months, or 30 and more of them of one month; ``"day"`` where all are
        midnights; ``"hour"`` where all of 20 and more are on the hour; else ``"minute"``.
    """
    taken = np.asarray(values).astype("M8[ms]")
    some = ~np.isnat(taken)
    result = np.full(len(taken), UNKNOWN, dtype=object)
    if not some.any():
        return result
    known = taken[some]
    days = known.astype("M8[D]")
    precision = MINUTE
    if (known == days).all():
        months = days.astype("M8[M]")
        on_first = bool((days == months.astype("M8[D]")).all())
        several = bool((months != months[0]).any())
        precision = MONTH if on_first and ((several and len(known) >= 5) or len(known) >= 30) else DAY
    elif len(known) >= 20 and (known == known.astype("M8[h]")).all():
        precision = HOUR
    result[some] = precision
    return result


def refined(times: Times) -> Times:
    """Lower the written precision to what the column as a whole shows; never raise it."""
    seen = detect_precision(times.values)
    coarse = next((p for p in seen if p), UNKNOWN)
    finer = {MONTH: (DAY, HOUR, MINUTE), DAY: (HOUR, MINUTE), HOUR: (MINUTE,)}.get(coarse, ())
    if not finer:
        return times
    precision = times.precision.copy()
    for level in finer:
        precision[precision == level] = coarse
    return replace(times, precision=precision)


def _distinct(values: object) -> tuple[np.ndarray, np.ndarray]:
    """Return codes (n,) and the distinct stripped texts; everything missing becomes ''."""
    import pandas as pd

    codes, uniques = pd.factorize(np.asarray(values, dtype=object))
    texts = [_text(u) for u in uniques]
    if (codes < 0).any():
        codes = np.where(codes < 0, len(texts), codes)
        texts.append("")
    again, final = pd.factorize(np.array(texts, dtype=object))
    return again[codes] if len(texts) else codes, np.asarray(final, dtype=object)


def _text(value: object) -> str:
    """Write a value as people would; a float without a fraction is an integer."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, (float, np.floating)):
        return "" if value != value else (str(int(value)) if value == int(value) else repr(float(value)))
    return "" if value is None else str(value).strip()


def _first_rows(codes: np.ndarray, count: int) -> np.ndarray:
    first = np.full(count, len(codes), dtype=np.int64)
    np.minimum.at(first, codes, np.arange(len(codes)))
    return first


def _earliest(uniques: np.ndarray, mask: np.ndarray, first_row: np.ndarray) -> str:
    at = np.flatnonzero(mask)
    return str(uniques[at[np.argmin(first_row[at])]]) if len(at) else ""


def _decide(table: dict, counts: np.ndarray, order: str) -> tuple[np.ndarray, str, np.ndarray, int]:
    """Choose between the day-first and the month-first reading of every distinct text."""
    day_first, month_first, direct = table["day_first"], table["month_first"], table["direct"].astype(bool)
    n = len(day_first)
    if n == 0:
        return np.empty(0, "M8[ms]"), "", np.zeros(0, bool), 0
    as_day, as_month = ~np.isnat(day_first), ~np.isnat(month_first)
    choice = ~direct & (as_day | as_month)
    proves_day, proves_month = choice & as_day & ~as_month, choice & as_month & ~as_day
    either = choice & as_day & as_month & (day_first != month_first)
    n_day, n_month = int(counts[proves_day].sum()), int(counts[proves_month].sum())
    open_ = np.zeros(n, bool)
    if order == "dmy":
        chosen, found = day_first, "dmy"
    elif order == "mdy":
        chosen, found = np.where(direct, day_first, month_first), "mdy"
    elif order == "ymd":
        chosen, found = np.where(direct, day_first, table["year_first"]), "iso"
    elif n_day and n_month:
        chosen, found, open_ = np.where(as_day, day_first, month_first), "mixed", either
    elif n_month:
        chosen, found = np.where(direct, day_first, month_first), "mdy"
    elif n_day:
        chosen, found = day_first, "dmy"
    else:
        chosen, found, open_ = day_first, "open", either
    chosen = np.where(open_, _NAT, chosen)
    if not choice.any():
        kinds = set(table["kind"][as_day].tolist())
        found = "" if not kinds else (kinds.pop() if len(kinds) == 1 else "iso")
    elif found == "open" and not open_.any():
        found = "iso"
    return chosen, found, open_, min(n_day, n_month) if order == "auto" else 0


def _numbers(column: object, words: dict[str, int] | None = None) -> np.ndarray:
    """Turn a column of numbers or texts into floats, NaN where it is no whole number."""
    codes, uniques = _distinct(column)
    result = np.full(len(uniques), np.nan)
    for k, text in enumerate(uniques):
        try:
            number = float(text.replace(",", "."))
        except ValueError:
            number = float((words or {}).get(text.lower().rstrip("."), np.nan))
        result[k] = number if number == np.floor(number) and abs(number) < 1e6 else np.nan
    return result[codes]


def blank(column: object) -> np.ndarray:
    """Return the rows of a column that hold nothing, or a word for nothing such as NA."""
    codes, uniques = _distinct(column)
    return np.fromiter((t.lower() in MISSING for t in uniques), bool, len(uniques))[codes]


def _zero(column: np.ndarray) -> np.ndarray:
    return np.nan_to_num(column, nan=0.0).astype(np.int64)


def _dates(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Return datetime64[ms] midnights, NaT where the calendar has no such day."""
    year = np.where((year >= 0) & (year < 100), np.where(year < _PIVOT, 2000, 1900) + year, year)
    ok = (year >= _FIRST_YEAR) & (year <= _LAST_YEAR) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    months = np.where(ok, (year - 1970) * 12 + month - 1, 0).astype("M8[M]")
    days = months.astype("M8[D]") + np.where(ok, day - 1, 0).astype("m8[D]")
    ok &= days.astype("M8[M]") == months
    return np.where(ok, days.astype("M8[ms]"), _NAT)


def _clock(hour: np.ndarray, minute: np.ndarray, second: np.ndarray, ms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return milliseconds after midnight and whether the clock has such a time (24:00 has)."""
    ok = (hour >= 0) & (minute >= 0) & (minute < 60) & (second >= 0) & (second <= 60)
    ok &= (hour < 24) | ((hour == 24) & (minute == 0) & (second == 0))
    return ((hour * 60 + minute) * 60 + np.minimum(second, 59)) * 1000 + ms, ok


def _has_date(text: str) -> bool:
    """Tell a whole date-time from a clock alone: it starts with a date's separators or is long."""
    head = text[:10]
    return head.count("-") >= 2 or head.count("/") >= 2 or (text[:8].isdigit() and len(text) >= 12)


class _Slice:
    """Distinct texts read under both orders.

    Attributes are arrays over the texts: day_first, month_first (datetime64[ms]; equal where
    ``direct``, i.e. the writing leaves no choice), kind, precision, offset, clock_ms.
    """

    def __init__(self, texts: np.ndarray) -> None:
        n = len(texts)
        self.day_first = np.full(n, _NAT)
        self.month_first = np.full(n, _NAT)
        self.year_first = np.full(n, _NAT)
        self.direct = np.ones(n, bool)
        self.kind = np.full(n, "iso", dtype=object)
        self.precision = np.full(n, UNKNOWN, dtype=object)
        self.offset = np.full(n, np.nan)
        self.clock_ms = np.zeros(n, np.int64)
        for rows, reading in timewords.readings(texts):
            self._read(rows, reading)

    def _read(self, rows: np.ndarray, reading: timewords.Reading) -> None:
        if reading.kind in ("excel", "epoch"):
            self._read_number(rows, reading)
            return
        part, zero = reading.parts, np.zeros(len(rows), np.int64)
        hour, minute = part.get("hour", zero), part.get("minute", zero)
        if reading.pm is not None:
            hour = np.where((hour >= 1) & (hour <= 12), hour % 12 + np.where(reading.pm, 12, 0), hour)
        clock, ok = _clock(hour, minute, part.get("second", zero), part.get("ms", zero))
        if "first" in part:
            day_first = _dates(part["year"], part["second_part"], part["first"])
            month_first = _dates(part["year"], part["first"], part["second_part"])
            year_first = _dates(part["first"], part["second_part"], part["year"])
            self.direct[rows] = False
        else:
            day_first = month_first = year_first = _dates(part["year"], part["month"], part.get("day", zero + 1))
        span = clock.astype("m8[ms]")
        self.day_first[rows] = np.where(ok, day_first + span, _NAT)
        self.month_first[rows] = np.where(ok, month_first + span, _NAT)
        self.year_first[rows] = np.where(ok & (part["year"] < 100), year_first + span, _NAT)
        self.clock_ms[rows] = clock
        self.offset[rows] = reading.offset
        self.precision[rows] = (MINUTE if "minute" in part else HOUR if "hour" in part
                                else DAY if "day" in part or "first" in part else MONTH)

    def _read_number(self, rows: np.ndarray, reading: timewords.Reading) -> None:
        ms = reading.parts["ms"]
        values = ms.astype("M8[ms]")
        self.day_first[rows] = self.month_first[rows] = values
        self.kind[rows] = reading.kind
        self.clock_ms[rows] = ms % 86_400_000
        whole = (ms % 86_400_000 == 0) & (reading.kind == "excel")
        self.precision[rows] = np.where(whole, DAY, MINUTE)
        if reading.kind == "epoch":
            self.offset[rows] = 0.0
