"""The catalogue of measures: what can be done for which principle, against what, and what is known of its effect.

A catalogue is a table that can be read, edited and shared. A measure has one line, or more where its effect differs
by crime type or hour; the further lines need only the measure, the types, the hours and the effect.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Sequence

import numpy as np

from ..errors import InputError
from .profile import PRINCIPLES

PARAMETER = "CATALOGUE"
COLUMNS = ("measure", "name", "family", "principle", "crimes", "hours", "where", "condition", "unit", "amount", "per",
           "effect_low", "effect_high", "low_is", "source", "side_effects", "ask", "restrictive", "note")
NEEDED = ("measure", "principle", "crimes")
ANY, DAY, NIGHT = HOURS = ("any", "day", "night")
#: What an amount is counted per: the whole place, or its size. Anything else is a field of the places.
SITE, PER_100M, HECTARE = "site", "100 m", "hectare"
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_YES, _NO = {"yes", "y", "true", "1"}, {"", "no", "n", "false", "0"}


@dataclass(frozen=True)
class Effect:
    """What a measure prevents of some crimes.

    Attributes
    ----------
    crimes : tuple of str
        Words of which a crime type must hold one, in small letters; ``"*"`` is every type.
    hours : str
        ``"any"``, ``"day"`` or ``"night"``.
    low, high : float
        Share prevented, 0 to 1; NaN where nothing is published.
    low_is, source, note : str
    """

    crimes: tuple
    hours: str
    low: float
    high: float
    low_is: str
    source: str
    note: str

    @property
    def known(self) -> bool:
        """Whether an effect is published."""
        return bool(np.isfinite(self.low))

    def hits(self, crime: str, indoors: bool = False) -> bool:
        """Whether the line is about a crime type; one that happens indoors must be named."""
        crime = crime.lower()
        return any(word in crime for word in self.crimes if word != "*") or ("*" in self.crimes and not indoors)


@dataclass(frozen=True)
class Measure:
    """A measure.

    Attributes
    ----------
    key, name : str
    family : str
        Measures of one family are alternatives: a place gets one of them at most.
    principle : int
        Index into ``PRINCIPLES``.
    effects : tuple of Effect
        The first that fits a type and hour counts, those that name the type before those for every type.
    where : tuple of str
        Kinds of place that it is for; empty is every kind.
    condition : str
        Expression on the fields of the places, "" for none.
    unit : str
    amount : float
    per : str
    side_effects, ask, note : str
    restrictive : bool
        Takes something away from people who use the place.
    """

    key: str
    name: str
    family: str
    principle: int
    effects: tuple
    where: tuple
    condition: str
    unit: str
    amount: float
    per: str
    side_effects: str
    ask: str
    restrictive: bool
    note: str
    line: int = field(default=0, compare=False)

    @property
    def known(self) -> bool:
        """Whether an effect is published for any crime."""
        return any(effect.known for effect in self.effects)

    def effect(self, crime: str, indoors: bool, hours: str) -> Effect | None:
        """Return the line that counts for a crime type by day, by night, or at an unknown time (``"any"``)."""
        fitting = [e for e in self.effects if e.hits(crime, indoors) and e.hours in (ANY, hours)]
        named = [e for e in fitting if "*" not in e.crimes]
        return (named or fitting or [None])[0]


def parse(names: Sequence[str], columns: dict, lines: Sequence[int], file: str) -> tuple:
    """Read a catalogue.

    Parameters
    ----------
    names : sequence of str
        Columns of the file.
    columns : dict
        Column name to texts.
    lines : sequence of int
        Line of the file of each row.
    file : str
        Its name, for errors.

    Returns
    -------
    tuple of Measure

    Raises
    ------
    InputError
        For missing columns, unknown words, or effects that are no shares.
    """
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise InputError(PARAMETER, "'{file}' has no column {missing}. A catalogue has the columns {columns}; save a"
                         " copy of the one that comes with the plugin (CATALOGUE_COPY) to begin with.",
                         file=file, missing=", ".join(missing), columns=", ".join(COLUMNS))
    rows = [{name: (columns[name][i] or "").strip() if name in columns else "" for name in COLUMNS}
            for i in range(len(lines))]
    made: dict = {}
    for row, line in zip(rows, lines):
        if not any(row.values()):
            continue
        reader = _Row(row, int(line))
        key = reader.key()
        if key in made and row["principle"]:
            raise reader.wrong("the measure '{value}' is there twice; its further lines leave the principle empty", key)
        if key not in made:
            made[key] = (reader, [])
        made[key][1].append(reader.effect())
    if not made:
        raise InputError(PARAMETER, "'{file}' holds no measure. Give it at least one line.", file=file)
    return tuple(reader.measure(tuple(effects)) for reader, effects in made.values())


class _Row:
    """Reads a line."""

    def __init__(self, row: dict, line: int) -> None:
        self.row, self.line = row, line

    def wrong(self, problem: str, value: object = "") -> InputError:
        return InputError(PARAMETER, "Line {line}: {problem}. Mend the catalogue.", line=self.line,
                          problem=problem.format(value=value))

    def key(self) -> str:
        key = self.row["measure"].lower()
        if not _KEY.fullmatch(key):
            raise self.wrong("'{value}' is no name of a measure (small letters, digits and _)", self.row["measure"])
        return key

    def number(self, name: str, default: float) -> float:
        text = self.row[name]
        if not text:
            return default
        try:
            value = float(text.replace(",", "."))
        except ValueError:
            value = float("nan")
        if not np.isfinite(value):
            raise self.wrong(f"{name}: " + "'{value}' is no number", text)
        return value

    def effect(self) -> Effect:
        crimes = tuple(dict.fromkeys(w.strip().lower() for w in re.split(r"[|;]", self.row["crimes"]) if w.strip()))
        if not crimes:
            raise self.wrong("no crime type is given; * stands for every type")
        hours = self.row["hours"].lower() or ANY
        if hours not in HOURS:
            raise self.wrong("hours are any, day or night, and not '{value}'", self.row["hours"])
        low, high = self.number("effect_low", np.nan), self.number("effect_high", np.nan)
        if np.isnan(low) != np.isnan(high):
            raise self.wrong("effect_low and effect_high are given both or not at all")
        if np.isfinite(low) and not 0 <= low <= high < 1:
            raise self.wrong("an effect is a share such as 0.14, low at most high, below 1, and not {value}",
                             f"{low:g} – {high:g}")
        if np.isfinite(low) and not self.row["source"]:
            raise self.wrong("an effect needs its published source")
        return Effect(crimes, hours, low, high, self.row["low_is"], self.row["source"], self.row["note"])

    def measure(self, effects: tuple) -> Measure:
        row = self.row
        wanted = row["principle"].lower().replace(" ", "_")
        if wanted not in PRINCIPLES:
            raise self.wrong("'{value}' is no principle (" + ", ".join(PRINCIPLES) + ")", row["principle"])
        amount = self.number("amount", 1.0)
        if not amount > 0:
            raise self.wrong("amount must be above 0, and not {value}", amount)
        restrictive = row["restrictive"].lower()
        if restrictive not in _YES | _NO:
            raise self.wrong("restrictive is yes or no, and not '{value}'", row["restrictive"])
        where = tuple(w.strip().lower() for w in re.split(r"[|;]", row["where"]) if w.strip())
        return Measure(
            self.key(), row["name"] or self.key(), row["family"] or self.key(), PRINCIPLES.index(wanted), effects,
            where, row["condition"], row["unit"] or SITE, amount, row["per"] or SITE, row["side_effects"], row["ask"],
            restrictive in _YES, row["note"], self.line)


@dataclass(frozen=True)
class Cost:
    """What a unit of a measure costs, in the user's money."""

    low: float
    high: float


def parse_costs(names: Sequence[str], columns: dict, lines: Sequence[int], file: str, measures: tuple) -> dict:
    """Read the user's costs: measure, cost_low, cost_high for a unit; rows without any cost are passed over.

    Returns
    -------
    dict of str to Cost

    Raises
    ------
    InputError
    """
    parameter = "COSTS"
    missing = [name for name in ("measure", "cost_low", "cost_high") if name not in names]
    if missing:
        raise InputError(parameter, "'{file}' has no column {missing}. It needs measure, cost_low and cost_high; save"
                         " an empty one with COSTS_TEMPLATE.", file=file, missing=", ".join(missing))
    known = {measure.key for measure in measures}
    out: dict = {}
    for i, line in enumerate(lines):
        key = (columns["measure"][i] or "").strip().lower()
        texts = [(columns[name][i] or "").strip().replace(",", ".") for name in ("cost_low", "cost_high")]
        if not any(texts):
            continue
        if key not in known:
            raise InputError(parameter, "Line {line}: the catalogue has no measure '{key}'. Use its names.",
                             line=line, key=key)
        if key in out:
            raise InputError(parameter, "Line {line}: '{key}' is there twice. Keep one line.", line=line, key=key)
        try:
            low, high = (float(text) for text in (texts[0] or texts[1], texts[1] or texts[0]))
        except ValueError:
            low = high = float("nan")
        if not 0 <= low <= high < np.inf:
            raise InputError(parameter, "Line {line}: the costs of '{key}' must be numbers, 0 or more, the low one at"
                             " most the high one.", line=line, key=key)
        out[key] = Cost(low, high)
    if not out:
        raise InputError(parameter, "'{file}' holds no cost. Fill cost_low and cost_high, for one unit of a measure,"
                         " of those measures that you would pay for.", file=file)
    return out
