"""The writing of dates: which signs at which places are day, month, hour or zone.

:func:`readings` groups texts by signature (the kind of sign at each place) and the kind of
their words, matches one pattern per group, and cuts the numbers out of a character matrix.
Used by :mod:`timeline`, which makes dates of the parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Callable

import numpy as np

_NAMES = {
    1: "jan january januar janvier janv enero ene gennaio gen januari janeiro",
    2: "feb february februar fevrier février fevr févr febrero febbraio februari fevereiro fev",
    3: "mar march märz maerz mrz mars marzo maart mrt março marco",
    4: "apr april avril avr abril abr aprile",
    5: "may mai mayo maggio mag mei maio",
    6: "jun june juni juin junio giugno giu junho",
    7: "jul july juli juillet juil julio luglio lug julho",
    8: "aug august aout août agosto ago augustus",
    9: "sep sept september septembre septiembre settembre set setembro",
    10: "oct october okt oktober octobre octubre ottobre ott outubro out",
    11: "nov november novembre noviembre novembro",
    12: "dec december dez dezember decembre décembre déc diciembre dic dicembre dezembro",
}
#: lower-case month name -> number
MONTHS = {name: number for number, names in _NAMES.items() for name in names.split()}
#: words that carry nothing: weekdays and what stands between the parts
_NOISE = set("mon tue tues wed thu thur thurs fri sat sun monday tuesday wednesday thursday friday saturday sunday "
             "st nd rd th er de del of at the um uhr le el à hrs hr hours on "
             "montag dienstag mittwoch donnerstag freitag samstag sonntag mo di mi do fr sa so "
             "lundi mardi mercredi jeudi vendredi samedi dimanche "
             "lunes martes miércoles miercoles jueves viernes sábado sabado domingo".split())
#: abbreviations in use by police data sets, minutes from UTC; CST is North American here
_ZONES = {"z": 0, "utc": 0, "gmt": 0, "bst": 60, "cet": 60, "cest": 120, "est": -300, "edt": -240, "cst": -360,
          "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "akst": -540, "akdt": -480, "hst": -600}

_CLOCK = (r"(?:(?P<hour>[12]):(?P<minute>2)(?::(?P<second>2)(?:[.,](?P<ms>[1-9]))?)?"
          r"|(?P<hour_dot>[12])\.(?P<minute_dot>2)(?:\.(?P<second_dot>2))?"
          r"|(?P<hour_h>[12])h(?:(?P<minute_h>2))?|(?P<hms>6)(?:[.,](?P<hms_ms>[1-9]))?"
          r"|(?P<hm>[34])|(?P<hour_only>[12]))"
          r"(?: ?(?P<half>P))?(?: ?(?P<zone>Z))?(?: ?(?P<shift>[+-](?:2:?2|4|2)))?")
_SEP = r"[-/. ]"
_DATES = (
    rf"(?P<year>4)(?P<s>{_SEP})(?P<month>[12])(?P=s)(?P<day>[12])",
    r"(?P<first>[12])(?P<s>[-/. ]|\. )(?P<second_part>[12])(?P=s)(?P<year>[24])",
    r"(?P<day>[12])[-/. ,]*M[-/. ,]*(?P<year>[24])",
    r"M[-/. ]*(?P<day>[12])(?:[, /-]|, )+(?P<year>[24])",
    r"(?P<year>4)[-/. ,]*M[-/. ,]*(?P<day>[12])",
    r"(?P<ymd>8)",
)
_MONTHS_ONLY = (
    r"(?P<year>4)[-/.](?P<month>[12])", r"(?P<month>[12])[-/.](?P<year>4)", r"M[-/. ,]*(?P<year>4)",
    r"(?P<year>4)[-/. ,]*M", r"(?P<ym>6)",
)
_WHOLE = (r"(?P<ymdhms>N)(?:[.,](?P<ms>[1-9]))?", r"(?P<ymdhm>L)", r"(?P<ten>E)", r"(?P<epoch_ms>K)",
          r"(?P<serial>5)(?:[.,](?P<fraction>[1-9EQLKNR]))?")
_PATTERNS = [re.compile(p) for p in _WHOLE + _MONTHS_ONLY]
_PATTERNS += [re.compile(rf"{d}(?:[T ,:-]{{1,2}}{_CLOCK})?") for d in _DATES]
#: "Thu Apr 01 12:30:00 2019" (and with a zone before the year)
_PATTERNS += [re.compile(rf"M (?P<day>[12]) {_CLOCK} (?P<year>4)")]
#: a run of digits as one sign: its length, or a letter from ten on
_LENGTHS = {10: "E", 11: "Q", 12: "L", 13: "K", 14: "N", 15: "R", 16: "R", 17: "R"}
_LONGEST = 60


@dataclass(frozen=True)
class Reading:
    """What one group of texts says: whole numbers by part, for all its rows.

    ``parts`` has year, month, day, hour, minute, second, ms; or first and second_part where
    day and month are two numbers in an order still to be found; or only ``ms`` since 1970
    for the kinds ``"excel"`` and ``"epoch"``.
    """

    kind: str
    parts: dict[str, np.ndarray] = field(default_factory=dict)
    pm: np.ndarray | None = None
    offset: np.ndarray | float = np.nan


def readings(texts: np.ndarray) -> Iterator[tuple[np.ndarray, Reading]]:
    """Yield (rows, reading) for every group of texts that can be a date.

    Parameters
    ----------
    texts : ndarray of object (str), shape (n,)
        Distinct texts. Texts that are in no group are no dates.
    """
    if not len(texts):
        return
    short = np.fromiter((6 <= len(t) <= _LONGEST or len(t) == 5 for t in texts), bool, len(texts))
    index = np.flatnonzero(short)
    if not len(index):
        return
    width = max(map(len, texts[index]))
    signs = np.asarray(texts[index], dtype=f"U{width}").view(np.uint32).reshape(len(index), width)
    classes = _classes(signs)
    for rows in _groups(_hashes(classes)):
        for subset, reading in _read_group(texts[index], rows, signs, classes[rows[0]]):
            yield index[subset], reading


def _classes(signs: np.ndarray) -> np.ndarray:
    """Return the kind of every sign: '9' digit, 'a' letter, else the sign itself."""
    table = np.arange(128, dtype=np.uint8)
    table[48:58] = ord("9")
    table[65:91] = table[97:123] = ord("a")
    table[[9, 95]] = ord(" ")
    plain = signs < 128
    result = np.where(plain, table[np.where(plain, signs, 0)], ord("a")).astype(np.uint8)
    # narrow and hard spaces, which some exports put before AM and PM
    result[(signs == 0xA0) | (signs == 0x202F) | (signs == 0x2009)] = ord(" ")
    return result


def _hashes(classes: np.ndarray) -> np.ndarray:
    """Return one 64-bit number per row; rows with equal classes have equal numbers."""
    factors = np.cumprod(np.full(classes.shape[1], 0x9E3779B97F4A7C15 | 1, dtype=np.uint64), dtype=np.uint64)
    total = np.zeros(len(classes), np.uint64)
    for column, factor in zip(classes.T, factors):
        total += (column.astype(np.uint64) + np.uint64(17)) * factor
        total ^= total >> np.uint64(29)
    return total


def _groups(keys: np.ndarray) -> list[np.ndarray]:
    """Return the row numbers of each distinct key."""
    import pandas as pd

    codes, _ = pd.factorize(keys)
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)


def _read_group(texts: np.ndarray, rows: np.ndarray, signs: np.ndarray,
                classes: np.ndarray) -> Iterator[tuple[np.ndarray, Reading]]:
    """Split a signature group by the kinds of its words and read each part of it."""
    signature = bytes(classes).decode("latin-1").rstrip("\0")
    tokens = [(m.start(), m.end()) for m in re.finditer(r"9+|a+|[^9a]", signature)]
    words = [(a, b) for a, b in tokens if signature[a] == "a"]
    if len(words) > 6:
        return
    looked_up = {a: _words(signs[rows, a:b]) for a, b in words}
    combined = np.zeros(len(rows), np.int64)
    for signs_of, _ in looked_up.values():
        combined = combined * 128 + signs_of
    for part in _groups(combined):
        subset = rows[part]
        kinds = {a: (chr(look[0][part[0]]), look[1][part]) for a, look in looked_up.items()}
        reading = _match(signature, tokens, signs[subset], kinds)
        if reading is not None:
            yield subset, reading


def _words(letters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the kind (ASCII of M month, P half of the day, Z zone, T, h, _ noise, ? else) and value of words."""
    import pandas as pd

    width = letters.shape[1]
    whole = np.ascontiguousarray(letters).view(f"U{width}").ravel()
    codes, uniques = pd.factorize(whole.astype(object))
    kinds, values = np.empty(len(uniques), np.int64), np.zeros(len(uniques))
    for k, word in enumerate(uniques):
        kind, values[k] = _word(word.lower())
        kinds[k] = ord(kind)
    return kinds[codes], values[codes]


def _word(word: str) -> tuple[str, float]:
    if word in MONTHS:
        return "M", MONTHS[word]
    if word in ("t", "h"):
        return word.upper() if word == "t" else "h", 0
    if word in ("am", "a", "pm", "p"):
        return "P", word[0] == "p"
    if word == "m":
        return "m", 0
    if word in _ZONES:
        return "Z", _ZONES[word]
    return ("_", 0) if word in _NOISE else ("?", 0)


def _match(signature: str, tokens: list, signs: np.ndarray, kinds: dict) -> Reading | None:
    """Match one group against the patterns and cut its numbers out."""
    marks = ""
    places: list[tuple[int, int]] = []
    for start, end in tokens:
        sign = signature[start]
        if sign == "9":
            mark = str(end - start) if end - start < 10 else _LENGTHS.get(end - start, "?")
        elif sign == "a":
            mark = kinds[start][0]
        else:
            mark = sign
        if mark == "?":
            return None
        if mark == "m" and marks.rstrip(" .").endswith("P"):
            # "p.m." is two words; the first has said it all
            cut = len(marks.rstrip(" ."))
            marks, places = marks[:cut], places[:cut]
            continue
        if mark == "_" or (mark in " ,." and (not marks or (mark == " " and marks[-1] == " "))):
            continue
        marks += mark
        places.append((start, end))
    cut = len(marks.rstrip(" ,."))
    marks, places = marks[:cut], places[:cut]
    for pattern in _PATTERNS:
        found = pattern.fullmatch(marks)
        if found:
            return _interpret(found, places, signs, kinds)
    return None


def _interpret(found: re.Match, places: list, signs: np.ndarray, kinds: dict) -> Reading | None:
    parts: dict[str, np.ndarray] = {}

    def number(name: str, start: int = 0, length: int | None = None) -> np.ndarray:
        a, b = places[found.start(name)]
        a += start
        b = b if length is None else a + length
        digits = signs[:, a:b].astype(np.int64) - 48
        return digits @ (10 ** np.arange(b - a - 1, -1, -1, dtype=np.int64))

    has = {name for name, text in found.groupdict().items() if text is not None}
    if "ten" in has or "epoch_ms" in has or "serial" in has:
        return _number_reading(has, number, found, places)
    for name in ("year", "month", "day", "first", "second_part", "hour", "minute", "second"):
        if name in has:
            parts[name] = number(name)
    for name in ("hour", "minute", "second"):
        for suffix in ("_dot", "_h", "_only"):
            if name + suffix in has:
                parts[name] = number(name + suffix)
    for name, cuts in {"ymd": (4, 2, 2), "ymdhms": (4, 2, 2, 2, 2, 2), "ymdhm": (4, 2, 2, 2, 2), "ym": (4, 2)}.items():
        if name in has:
            at = 0
            for key, length in zip(("year", "month", "day", "hour", "minute", "second"), cuts):
                parts[key] = number(name, at, length)
                at += length
            if name == "ymd":
                _swap_compact(parts, number)
    if "hms" in has:
        parts.update(hour=number("hms", 0, 2), minute=number("hms", 2, 2), second=number("hms", 4, 2))
    if "hm" in has:
        whole = number("hm")
        parts.update(hour=whole // 100, minute=whole % 100)
    for name in ("ms", "hms_ms"):
        if name in has:
            a, b = places[found.start(name)]
            parts["ms"] = number(name) * 1000 // 10 ** (b - a)
    letter = {m: k for k, m in enumerate(found.string)}
    if "M" in letter:
        parts["month"] = kinds[places[letter["M"]][0]][1].astype(np.int64)
    if "hour_only" in has and "half" not in has and "T" not in found.string:
        return None
    if "year" not in parts:
        return None
    pm = kinds[places[letter["P"]][0]][1].astype(bool) if "half" in has else None
    return Reading("iso", parts, pm, _offset(found, has, places, signs, kinds))


def _swap_compact(parts: dict[str, np.ndarray], number: Callable) -> None:
    """Read 31122019 where it cannot be 3112-20-19; day first, month first where that is proved."""
    late = (parts["year"] < 1900) | (parts["year"] > 2100) | (parts["month"] > 12) | (parts["month"] < 1)
    if not late.any():
        return
    a, b, year = number("ymd", 0, 2), number("ymd", 2, 2), number("ymd", 4, 4)
    plausible = late & (year >= 1900) & (year <= 2100)
    month_first = plausible & (b > 12) & (a <= 12)
    # a and b both up to 12 cannot be told apart here: left unreadable rather than guessed
    day_first = plausible & ~month_first & ((a > 12) | (a == b))
    known = month_first | day_first
    parts["year"] = np.where(known, year, np.where(late, 0, parts["year"]))
    parts["month"] = np.where(known, np.where(month_first, a, b), np.where(late, 0, parts["month"]))
    parts["day"] = np.where(known, np.where(month_first, b, a), parts["day"])


def _number_reading(has: set, number: Callable, found: re.Match, places: list) -> Reading | None:
    if "serial" in has:
        days = number("serial")
        if ((days < 20_000) | (days > 60_000)).all():
            return None
        fraction = np.zeros(len(days))
        if "fraction" in has:
            a, b = places[found.start("fraction")]
            fraction = number("fraction") / 10.0 ** (b - a)
        # day 1 is 1900-01-01 and the sheet believes in 1900-02-29: day 25569 is 1970-01-01
        ms = (days - 25_569) * 86_400_000 + np.round(fraction * 86_400).astype(np.int64) * 1000
        outside = (days < 20_000) | (days > 60_000)
        return Reading("excel", {"ms": np.where(outside, np.iinfo(np.int64).min, ms)})
    if "ten" in has:
        seconds = number("ten")
        year, month, day, hour = (number("ten", a, n) for a, n in ((0, 4), (4, 2), (6, 2), (8, 2)))
        if ((year >= 1990) & (year <= 2100) & (month >= 1) & (month <= 12) & (day >= 1) & (hour < 24)).all():
            return Reading("iso", {"year": year, "month": month, "day": day, "hour": hour})
        return Reading("epoch", {"ms": seconds * 1000})
    return Reading("epoch", {"ms": number("epoch_ms")})


def _offset(found: re.Match, has: set, places: list, signs: np.ndarray, kinds: dict) -> np.ndarray | float:
    """Return minutes from UTC as written, or NaN."""
    if "shift" in has:
        first = found.start("shift")
        sign = -1.0 if found.string[first] == "-" else 1.0
        digits = np.concatenate([signs[:, a:b] for a, b in places[first + 1:found.end("shift")]
                                 if found.string[places.index((a, b))] != ":"], axis=1).astype(np.int64) - 48
        hours = digits[:, 0] * 10 + digits[:, 1]
        minutes = digits[:, 2] * 10 + digits[:, 3] if digits.shape[1] == 4 else 0
        return sign * (hours * 60 + minutes)
    if "zone" in has:
        return kinds[places[found.start("zone")][0]][1]
    return np.nan
