"""When a place is open: simple opening hours, as people and OpenStreetMap write them."""

from __future__ import annotations

import re

import numpy as np

DAY_NAMES = ("mo", "tu", "we", "th", "fr", "sa", "su")
_WEEK, _MINUTES = 7, 1440
_ALWAYS = {"24/7", "24/24", "24h", "24 h", "24 hours", "always", "0-24"}
_NEVER = {"off", "closed", "none"}
_CLOCK = r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm|a\.m\.|p\.m\.)?"
_SPAN = re.compile(rf"^{_CLOCK}\s*(?:-|to)\s*{_CLOCK}$")
_OPEN_END = re.compile(rf"^{_CLOCK}\s*\+$")
_DAY = (r"(?:mo(?:n(?:day)?)?|tu(?:e(?:s(?:day)?)?)?|we(?:d(?:nesday)?)?|th(?:u(?:r(?:s(?:day)?)?)?)?"
        r"|fr(?:i(?:day)?)?|sa(?:t(?:urday)?)?|su(?:n(?:day)?)?)(?![a-z])\.?")
_NAME = rf"(?:{_DAY}|ph(?![a-z])|sh(?![a-z]))"
_DAYS = re.compile(rf"^({_NAME}(?:\s*(?:-|,|to|&)\s*{_NAME})*)\s*:?\s*(.*)$")


def week(text: str) -> np.ndarray | None:
    """Read opening hours.

    Parameters
    ----------
    text : str
        Such as ``08:00-18:00``, ``8am-6pm``, ``22:00-02:00``, ``24/7``, ``off``,
        ``Mo-Fr 08:00-12:00,13:00-18:00; Sa 10:00-14:00``. Days of which nothing is said are
        closed where any day is named; a later rule replaces an earlier one for its days. Rules
        for public and school holidays are passed over.

    Returns
    -------
    (7, 1440) ndarray of bool or None
        Open minutes from Monday on; None for what cannot be read (months, sunset, comments).
    """
    text = re.sub(r"[\u2010-\u2015\u2212]", "-", text.strip().lower()).rstrip(".;")
    # each day with the next, into which its night reaches
    open_ = np.zeros((_WEEK, 2 * _MINUTES), bool)
    if not text:
        return None
    text = re.sub(r"^(?:daily|every day)\s*:?\s*", "", text)
    # a comma before a day's name begins a rule as a semicolon does, if times stand before it
    text = re.sub(rf"(?<=[\dmf+])\s*,\s*(?={_DAY})", "; ", text)
    for rule in text.split(";"):
        rule = rule.strip()
        if not rule:
            continue
        days, times = list(range(_WEEK)), rule
        named = _DAYS.match(rule)
        if named:
            days, times = _days(named.group(1)), named.group(2).strip() or "24/7"
            if not days:
                continue
        spans = _spans(times)
        if spans is None:
            return None
        for day in days:
            open_[day] = False
            for start, end in spans:
                open_[day, start:end] = True
    return open_[:, :_MINUTES] | np.roll(open_[:, _MINUTES:], 1, axis=0)


def _days(text: str) -> list:
    """Return the numbers of days, from names and ranges of names."""
    found: list = []
    for item in re.split(r"\s*(?:,|&)\s*", text):
        ends = [name[:2] for name in re.split(r"\s*(?:-|to)\s*", item)]
        if any(name not in DAY_NAMES for name in ends):
            continue
        first, last = DAY_NAMES.index(ends[0]), DAY_NAMES.index(ends[-1])
        found += [(first + k) % _WEEK for k in range((last - first) % _WEEK + 1)]
    return found


def _spans(text: str) -> list | None:
    """Return begin and end in minutes of each span; None for what is none."""
    if text in _ALWAYS:
        return [(0, _MINUTES)]
    if text in _NEVER:
        return []
    out = []
    for item in re.split(r"\s*(?:,|&| and )\s*", text):
        span, late = _SPAN.match(item), _OPEN_END.match(item)
        if span:
            start, end = _minute(*span.groups()[:3]), _minute(*span.groups()[3:])
        elif late:
            start, end = _minute(*late.groups()), _MINUTES
        else:
            return None
        if start is None or end is None or start == _MINUTES:
            return None
        out.append((start, end if end > start else end + _MINUTES))
    return out


def _minute(hour: str, minute: str | None, half: str | None) -> int | None:
    h, m = int(hour), int(minute or 0)
    if half:
        if not 1 <= h <= 12:
            return None
        h = h % 12 + (12 if half.startswith("p") else 0)
    # OpenStreetMap writes 26:00 for 2 o'clock of the next day
    if h > 30 or m > 59:
        return None
    return 60 * h + m


def night_minutes(text: str) -> np.ndarray | None:
    """Return which minutes of a day are night, (1440,) bool; None for what is no span such as 20:00-06:00."""
    spans = _spans(text.strip().lower())
    if not spans or len(spans) != 1 or "," in text:
        return None
    start, end = spans[0]
    night = np.zeros(2 * _MINUTES, bool)
    night[start:end] = True
    night = night[:_MINUTES] | night[_MINUTES:]
    return night if 0 < night.sum() < _MINUTES else None


def shares(texts: np.ndarray, night: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return for what share of the day and of the night places are open.

    Parameters
    ----------
    texts : (n,) ndarray of object
        Opening hours; None or blank means always.
    night : (1440,) ndarray of bool

    Returns
    -------
    by_day, by_night : (n,) ndarray of float
        Share of the minutes of all days (nights) of a week, 0 to 1; 1 for unreadable hours.
    unreadable : (n,) ndarray of bool
    """
    by_day, by_night = np.ones(len(texts)), np.ones(len(texts))
    unreadable = np.zeros(len(texts), bool)
    known: dict = {}
    for i, text in enumerate(texts):
        if text is None or not str(text).strip():
            continue
        key = str(text)
        if key not in known:
            minutes = week(key)
            known[key] = None if minutes is None else (
                float(minutes[:, ~night].mean()), float(minutes[:, night].mean()))
        if known[key] is None:
            unreadable[i] = True
        else:
            by_day[i], by_night[i] = known[key]
    return by_day, by_night, unreadable
