"""What the residents of a made-up town say: reports of concern, and a survey in two waves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..community import inputs
from . import townfabric as tf
from . import townplaces as pl
from . import townplan as tp
from .draws import Stream

#: kinds of areas that are planted
MATCHED, FEARED, UNHEARD, CAMPAIGN = "fear and crime", "fear without crime", "crime without voices", "campaign"
QUESTIONS = ("safe_day", "safe_night", "lighting", "trust")
NO_ANSWER = 9
AGES = ("16-34", "35-64", "65+")
#: what the mean answer of treated areas rises by in the second wave
GAINS = {"safe_night": 0.5, "trust": 0.3}
_TEXTS = {
    "unsafe": ("I cross the street here after dark.", "Nobody walks here in the evening."),
    "violence": ("Fights outside at closing time.", "Shouting and glass at the weekend."),
    "harassment": ("Young women are called after here.",),
    "theft": ("Two neighbours had parcels taken.",), "vehicle": ("Car windows broken again.",),
    "drugs": ("Dealing from the same bench.",), "disorder": ("Groups drinking until late.", "Noise every night."),
    "damage": ("The shelter is smashed again.",), "rubbish": ("Mattresses dumped by the garages.",),
    "light": ("The lamp has been out for weeks.", "Pitch dark between the hedges."),
    "traffic": ("Cars race along here.", "Children cannot cross."), "other": ("",),
}
#: words of residents about the types of hot spots
_ABOUT = {"nightlife": "violence", "car park": "vehicle", "estate": "disorder", "shopping street": "theft",
          "park": "drugs", "homes": "theft", "station": "harassment", "back streets": "vehicle",
          "school run": "disorder"}


@dataclass(frozen=True)
class Said:
    """An area about which residents say much or little.

    Attributes
    ----------
    kind : str
    number : int
    name : str
    x, y, radius : float
    category : str
        What most of the reports are about.
    reports, voices : int
        Reports planted, and residents who made them.
    spot : int
        The hot spot at it, 0 for none.
    """

    kind: str
    number: int
    name: str
    x: float
    y: float
    radius: float
    category: str
    reports: int
    voices: int
    spot: int


@dataclass
class People:
    """Reports, survey, and what was planted in them.

    Attributes
    ----------
    x, y : arrays of the reports
    reports, survey : dict of columns
    areas : list of Said
    expected : (beats, waves, questions) array
        Mean answer planted.
    treated : (beats,) array of bool
    heard : (beats,) array
        Reports a resident over those of the usual resident.
    """

    x: np.ndarray
    y: np.ndarray
    reports: dict
    survey: dict
    areas: list
    expected: np.ndarray
    treated: np.ndarray
    heard: np.ndarray


def make(
    stream: Stream, plan: tp.Plan, fabric: tf.Fabric, places: pl.Places, spots: list, first_day: np.datetime64, days:
    int, start: np.datetime64, residents: int, names: list,
) -> People:
    """Let residents speak."""
    years = days / 365.25
    total = int(np.clip(residents * 0.011 * years, 45, 40_000))
    beats = len(plan.beat_names)
    people = np.bincount(plan.beat, fabric.block_residents, beats)
    other = np.bincount(plan.beat, fabric.block_other, beats) / np.maximum(people, 1)
    heard = np.exp(0.35 * stream.normal(beats))
    areas = _areas(stream.sub("areas"), plan, places, spots, total, names)
    quiet = {int(places.beat[_nearest(places, a.x, a.y)]) for a in areas if a.kind == UNHEARD}
    heard[sorted(quiet)] *= 0.25
    heard[other > 0.3] *= 0.5
    x, y, reports = _reports(stream.sub("reports"), plan, fabric, places, areas, heard, total, first_day, days)
    treated = np.zeros(beats, bool)
    treated[[int(places.beat[_nearest(places, s.x, s.y)]) for s in spots if s.treated]] = True
    expected = _expected(stream.sub("expected"), plan, places, spots, areas, treated)
    survey = _survey(stream.sub("survey"), plan, people, other, expected, residents, first_day, days, start)
    return People(x, y, reports, survey, areas, expected, treated, heard)


def _nearest(places: pl.Places, x: float, y: float) -> int:
    return int(np.argmin(np.hypot(places.x - x, places.y - y)))


def _areas(stream: Stream, plan: tp.Plan, places: pl.Places, spots: list, total: int, names: list) -> list:
    """Plant areas where residents' fear and crime agree, and where they do not."""
    out: list = []

    def add(kind: str, name: str, x: float, y: float, radius: float, category: str, reports: float, voices: float,
            spot: int = 0) -> None:
        out.append(Said(kind, len(out) + 1, name, round(x, 2), round(y, 2), radius, category, int(reports), int(voices),
                        spot))

    loud = [s for s in spots if s.number % 3 != 0]
    for spot in loud:
        n = max(4, round(0.28 * total / len(loud)))
        add(MATCHED, spot.name, spot.x, spot.y, spot.radius + 40.0, _ABOUT[spot.theme], n, max(3, round(n * 0.7)),
            spot.number)
    for spot in spots:
        if spot.number % 3 == 0:
            add(UNHEARD, spot.name, spot.x, spot.y, spot.radius + 40.0, _ABOUT[spot.theme], 0, 0, spot.number)
    far = np.isin(places.kind, (pl.ct.PARK, pl.ct.STREET)) & np.isin(places.use, (tp.PARK, tp.SUBURB, tp.INNER))
    far &= np.hypot(places.x, places.y) < 0.8 * plan.radius
    for spot in spots:
        far &= np.hypot(places.x - spot.x, places.y - spot.y) > spot.radius + 260.0
    wanted = max(1, len(spots) // 3)
    for _ in range(wanted + 1):
        free = np.flatnonzero(far)
        if not len(free):
            break
        at = int(free[stream.integer(len(free))])
        far[pl.within(places, places.x[at], places.y[at], 0.0, 400.0)] = False
        if len([a for a in out if a.kind == FEARED]) < wanted:
            n = max(6, round(0.2 * total / wanted))
            add(FEARED, names[at], places.x[at], places.y[at], 90.0, "light", n, max(4, round(n * 0.75)))
        else:
            n = max(8, round(0.06 * total))
            add(CAMPAIGN, names[at], places.x[at], places.y[at], 60.0, "traffic", n, max(2, round(n * 0.12)))
    return out


def _reports(
    stream: Stream, plan: tp.Plan, fabric: tf.Fabric, places: pl.Places, areas: list, heard: np.ndarray, total: int,
    first_day: np.datetime64, days: int,
) -> tuple:
    """Return places and columns of the reports."""
    planted = sum(a.reports for a in areas)
    free = max(total - planted, total // 4)
    blocks = stream.choose(fabric.block_residents * heard[plan.beat] + 1e-12, free)
    size = np.sqrt(np.maximum(plan.area, 100.0))[blocks]
    x = [plan.cx[blocks] + size * 0.5 * (stream.uniform(size=free) - 0.5) * 1.6]
    y = [plan.cy[blocks] + size * 0.5 * (stream.uniform(size=free) - 0.5) * 1.6]
    likely = np.array([.12, .06, .05, .1, .1, .06, .12, .07, .13, .07, .1, .02])
    category = [stream.choose(likely, free)]
    # most residents speak once or twice; a few are on the line every week
    residents = max(3, int(free * 0.72))
    voice = [stream.choose(np.exp(0.9 * stream.normal(residents)), free)]
    day = [np.floor(stream.uniform(0, days, free)).astype(int)]
    worry = [1 + np.minimum(stream.choose(np.array([.12, .2, .32, .22, .14]), free), 4)]
    part = [stream.choose(np.array([.1, .15, .3, .2, .25]), free)]
    source = [stream.choose(np.array([.12, .14, .3, .06, .38]), free)]
    group = [np.zeros(free, int)]
    known = residents
    for area in areas:
        n = area.reports
        if not n:
            continue
        turn, away = stream.uniform(0, 2 * np.pi, n), area.radius * np.sqrt(stream.uniform(size=n))
        x.append(area.x + away * np.cos(turn))
        y.append(area.y + away * np.sin(turn))
        about = inputs.CATEGORIES.index(area.category)
        mixed = stream.choose(likely, n)
        category.append(np.where(stream.uniform(size=n) < (0.95 if area.kind == CAMPAIGN else 0.7), about, mixed))
        first = stream.order(area.voices)
        again = np.floor(stream.uniform(0, area.voices, max(n - area.voices, 0))).astype(int)
        voice.append(known + np.concatenate([first, again])[:n])
        known += area.voices
        burst = area.kind == CAMPAIGN
        begin = stream.one(0.3, 0.8) * days
        day.append(np.floor(begin + stream.uniform(0, min(14, days - begin), n)).astype(int) if burst
                   else np.floor(stream.uniform(0, days, n)).astype(int))
        worry.append(1 + stream.choose(np.array([.02, .06, .2, .37, .35]), n))
        part.append(stream.choose(np.array([.1, .3, .25, .05, .3]) if burst else np.array([.02, .05, .45, .38, .1]), n))
        source.append(np.full(n, 4) if burst else stream.choose(np.array([.1, .2, .3, .15, .25]), n))
        group.append(np.full(n, int(burst)))
    columns = [np.concatenate(c) for c in (x, y, category, voice, day, worry, part, source, group)]
    order = np.argsort(columns[4], kind="stable")
    x, y, category, voice, day, worry, part, source, group = (c[order] for c in columns)
    return np.round(x, 2), np.round(y, 2), _columns(stream, category, voice, day, worry, part, source, group, first_day,
                                                    days)


def _columns(
    stream: Stream, category: np.ndarray, voice: np.ndarray, day: np.ndarray, worry: np.ndarray, part: np.ndarray,
    source: np.ndarray, group: np.ndarray, first_day: np.datetime64, days: int,
) -> dict:
    n = len(category)
    names = np.array(inputs.CATEGORIES)[category]
    said = [
        _TEXTS[name][int(k * len(_TEXTS[name]))] if k2 < 0.45 else ""
        for name, k, k2 in zip(names.tolist(), stream.uniform(size=n).tolist(), stream.uniform(size=n).tolist())]
    wish_of = {"light": "light", "damage": "repair", "rubbish": "repair", "traffic": "enforcement"}
    chance = stream.uniform(size=n)
    usual = np.array([wish_of.get(name, "patrol") for name in names.tolist()])
    wish = np.where(chance < 0.72, usual, np.array(inputs.WISHES)[stream.choose(np.ones(len(inputs.WISHES)), n)])
    tongue = stream.choose(np.array([.8, .08, .07, .05]), int(voice.max()) + 1)[voice]
    token = _tokens(stream, int(voice.max()) + 1)
    age = days - 1 - day
    state = np.where(age < 5, 0, np.where(chance < .12, 1, np.where(chance < .3, 2, np.where(chance < .85, 3, 4))))
    said_on = first_day + day
    ack = said_on + 1 + np.floor(stream.exponential(3.0, n)).astype(int)
    work = ack + 1 + np.floor(stream.exponential(9.0, n)).astype(int)
    done = work + 1 + np.floor(stream.exponential(15.0, n)).astype(int)
    last = first_day + days - 1
    state = np.where((state >= 3) & (done > last), 2, state)
    state = np.where((state == 2) & (work > last), 1, state)
    state = np.where((state == 1) & (ack > last), 0, state)
    none = np.datetime64("NaT")
    consent = np.array(inputs.CONSENTS)[stream.choose(np.array([.55, .4, .05]), n)]
    response = np.where(state == 3, "Done; thank you.", np.where(state == 4, "Not ours to change; passed on.", ""))
    return {
        inputs.INPUT_ID: _tokens(stream, n, 20), inputs.CATEGORY: names, inputs.CONCERN: worry.astype(int),
        inputs.DAY_PART: np.array(list(inputs.DAY_PARTS))[part], inputs.SAID: np.array(said, dtype=str),
        inputs.WISH: wish, inputs.SOURCE: np.array(inputs.SOURCES)[source],
        inputs.ORGANISED: np.where(group > 0, "Residents for Safe Streets", ""), inputs.SAID_ON: said_on,
        inputs.LANG: np.array(["en", "es", "pl", "ur"])[tongue], inputs.CONSENT: consent, inputs.VOICE: token[voice],
        inputs.STATUS: np.array(inputs.STATUSES)[state], inputs.ACK_ON: np.where(state >= 1, ack, none),
        inputs.WORK_ON: np.where((state == 2) | (state == 3), work, none),
        inputs.DONE_ON: np.where(state == 3, done, none), inputs.DECLINED_ON: np.where(state == 4, ack + 2, none),
        inputs.RESPONSE: response, inputs.PHOTO: np.full(n, ""),
    }


def _tokens(stream: Stream, n: int, length: int = 12) -> np.ndarray:
    """Return random tokens in hexadecimal digits."""
    parts = [np.floor(stream.uniform(0, 65_536, n)).astype(int).tolist() for _ in range(-(-length // 4))]
    return np.array(["".join(f"{value:04x}" for value in row)[:length] for row in zip(*parts)], dtype=str)


def _expected(
    stream: Stream, plan: tp.Plan, places: pl.Places, spots: list, areas: list, treated: np.ndarray
) -> np.ndarray:
    """Return the mean answers planted by beat, wave and question, on the scale of 1 to 5."""
    beats = len(plan.beat_names)
    base = np.array([4.1, 3.1, 3.2, 3.3]) + 0.22 * stream.normal((beats, 4))
    for spot in spots:
        base[int(places.beat[_nearest(places, spot.x, spot.y)])] -= np.array([0.15, 0.4, 0.1, 0.25])
    for area in areas:
        if area.kind == FEARED:
            base[int(places.beat[_nearest(places, area.x, area.y)])] -= np.array([0.2, 0.5, 0.8, 0.0])
    out = np.stack([base, base], axis=1)
    for name, gain in GAINS.items():
        out[treated, 1, QUESTIONS.index(name)] += gain
    return np.round(np.clip(out, 1.3, 4.8), 3)


def _survey(
    stream: Stream, plan: tp.Plan, people: np.ndarray, other: np.ndarray, expected: np.ndarray, residents: int,
    first_day: np.datetime64, days: int, start: np.datetime64,
) -> dict:
    """Return one row a respondent."""
    beats = len(plan.beat_names)
    wave_size = int(np.clip(90 * (residents / 2_000.0) ** 0.45, 90, 6_000))
    each = max(12, wave_size // beats)
    live = np.flatnonzero(people > 0)
    beat = np.tile(np.repeat(live, each), 2)
    wave = np.repeat([0, 1], each * len(live))
    n = len(beat)
    day = np.where(wave == 0, int((start - first_day).astype(int)) - 28, days - 28)
    day = np.maximum(day + np.floor(stream.uniform(0, 28, n)).astype(int), 0)
    age = stream.choose(np.array([.31, .47, .22]), n)
    foreign = stream.uniform(size=n) < other[beat]
    silent = 0.03 + 0.03 * (age == 2) + 0.07 * foreign
    answers = {}
    for k, question in enumerate(QUESTIONS):
        p = (expected[beat, wave, k] - 1.0) / 4.0
        answer = 1 + (stream.uniform(size=(n, 4)) < p[:, None]).sum(axis=1)
        answers[question] = np.where(stream.uniform(size=n) < silent, NO_ANSWER, answer).astype(int)
    names = np.array(plan.beat_names, dtype=str)
    return {
        "resp_id": np.array([f"R{k + 1:05d}" for k in range(n)]), "wave": np.array(["before", "after"])[wave],
        "said_on": first_day + day, "area": names[beat], "stratum": names[beat],
        "weight": np.round(people[beat] * 0.8 / each, 3), "age_group": np.array(AGES)[age],
        "lang": np.where(foreign, "other", "en"), **answers,
    }
