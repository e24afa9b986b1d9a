"""The words of an export turned into the values of community input.

Words of usual forms and portals are known in several languages; what is not known can be told
(``VALUES`` or the saved mapping) and is counted until then. A scale of concern is only
converted where the user says which it is.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

import numpy as np

from ..errors import InputError
from . import inputs

CATEGORY, WISH, DAY_PART, SOURCE, STATUS, CONSENT, CONCERN, LANG = (
    inputs.CATEGORY, inputs.WISH, inputs.DAY_PART, inputs.SOURCE, inputs.STATUS, inputs.CONSENT, inputs.CONCERN,
    inputs.LANG)
#: fields whose words are mapped -> the values that they may take
VALUES = {CATEGORY: inputs.CATEGORIES, WISH: inputs.WISHES, DAY_PART: tuple(inputs.DAY_PARTS), SOURCE: inputs.SOURCES,
          STATUS: inputs.STATUSES, CONSENT: inputs.CONSENTS, CONCERN: tuple(str(c) for c in inputs.CONCERNS)}
#: words that say nothing
EMPTY = {"", "na", "n/a", "nan", "null", "none", "nil", "-", "--", "?", "unknown", "not stated", "no answer", "<null>",
         "prefer not to say", "dont know", "don't know"}

# Parts of words, the more telling first; a part at the start of a word counts.
_PARTS = {
    CATEGORY: (
        ("traffic", "traffic_light traffic_signal"),
        ("harassment", "harass stalk catcall acos intimidat bully hate insult verbal"),
        ("violence", "assault violen homicid murder manslaughter shoot gun stab knife fight attack rape sexual weapon"
                     " firearm agres lesion gewalt pelea brawl domestic abuse"),
        ("vehicle", "cars car_jack carjack car_theft auto_theft vehicle_theft vehicle_crime theft_from_vehicle"
                    " theft_of_vehicle theft_from_motor motor_vehicle abandoned_vehicle abandoned_car abandoned_bike"
                    " vehicle vehiculo bike_theft bicycle_theft fahrrad carro"),
        ("drugs", "drug droga drogue drogen opioid narcot needle syringe dealing overdose narcan"),
        ("light", "light lamp street_light streetlight dark illumin ilumin alumbrado luz farola eclairage lampadaire"
                  " beleuchtung laterne lantern bulb iluminacao luce"),
        ("rubbish", "rubbish garbage trash litter dump waste refuse basura dechet ordure mull muell abfall lixo rifiuti"
                    " recycl bin fly_tip flytip mattress dead_animal"),
        ("damage", "graffiti vandal damage broken_window tagging pintada grafiti sachbeschad destroy brandstift arson"
                   " criminal_damage broken defac"),
        ("traffic", "traffic speed parking parked crossing road pothole signal sidewalk pavement footpath transito"
                    " trafico"
                    " circulation verkehr strasse collision crash pedestrian crosswalk stop_sign racing curb bache"),
        ("disorder", "disorder noise nois loud anti_social antisocial asb nuisance drunk alcohol intoxic ruido bruit"
                     " larm"
                     " laerm loiter gather youth rowdy homeless encamp begging prostitut public_order trespass"
                     " fireworks"
                     " disturb barking party"),
        ("theft", "theft steal stolen robber robbery burglar larceny shoplift mugg pickpocket robo hurto vol diebstahl"
                  " einbruch raub furto roubo furti fraud scam snatch break_in breakin swindle false_pretenses credit"),
        ("unsafe", "unsafe fear afraid worr scar insegur miedo peur angst unsicher danger insecur feel safety perceiv"),
        ("other", "other otro otra autre andere sonstig outro altro misc general something_else"),
    ),
    WISH: (
        ("patrol", "patrol police officer presence beat patrull polici streife cop guard"),
        ("light", "light lamp ilumin eclair beleucht luz"),
        ("repair", "repair fix clean maint remov repara arregl repar putz cut trim board replace"),
        ("talk", "talk meet contact call inform mediat dialog visit hablar reunion parler gesprach listen"),
        ("enforcement", "enforc strict fine ticket arrest tow prosecut ban multa sanction control straf penal"),
        ("other", "other otro autre andere outro altro something_else"),
    ),
    SOURCE: (
        ("survey", "survey kobo odk questionnaire encuesta enquete umfrage sondage poll inquerito"),
        ("meeting", "meeting reunion versammlung hearing assembly workshop junta"),
        ("walk", "walk audit paseo marche begehung recorrido tour"),
        ("portal", "portal web open311 311 app online mobile website phone call email iphone android social"),
        ("report", "report form letter desk office informe meldung denuncia hotline counter"),
    ),
    STATUS: (
        ("declined", "declin reject refus duplicat invalid wont no_action not_ours out_of_scope abgelehnt rechaz archiv"
                     " cancel withdrawn referred"),
        ("done", "done clos complet resolv fixed finish solved erledig abgeschlossen cerrad terminad resuelt cerrado"
                 " clotur"
                 " ferm resolu termine conclu chius"),
        ("in work", "in_work in_progress inprogress progress working assigned scheduled started ongoing bearbeit"
                    " en_curso"
                    " proceso en_cours dispatch investigat underway"),
        ("acknowledged", "acknowledg received accepted triage review confirmed angenommen recibid recu pending queued"),
        ("new", "new open submitted nuev abiert ouvert offen neu abert apert unconfirmed reported"),
    ),
    CONSENT: (
        ("none", "none no false not n nein non nao 0 disagree refuse declined never withdraw nunca"),
        ("quote", "quote quoted quotation cite citar citer zitat publish anonymous_quote both"),
        ("count", "count counted yes true y si sim oui ja 1 agree agreed ok accept consent given statistic x"),
    ),
}
_DAY_WORDS = (
    ("any", "any always all_day allday every whatever doesnt_matter siempre toujours immer todo_el_dia no_difference"
            " both"),
    ("night", "night midnight late overnight noche nuit nacht noite notte madrugada"),
    ("evening", "evening dusk sunset soir abend tarde_noche sera anochecer"),
    ("afternoon", "afternoon midday noon lunch tarde apres_midi nachmittag mittag pomeriggio"),
    ("morning", "morning dawn breakfast manana matin morgen vormittag manha mattina early"),
)
_CONCERN_WORDS = (
    ("1", "not_at_all not_worried no_concern none not_concerned not_a_concern very_safe nada pas_du_tout gar_nicht"
          " uberhaupt_nicht no_problem very_low safe unconcerned"),
    ("2", "a_little little slight slightly a_bit minor low poco un_peu peu wenig ein_wenig fairly_safe"),
    ("5", "extremely very_worried very_concerned very_high very_much very_unsafe severe critical a_great_deal muy"
          " tres sehr"
          " muito very serious"),
    ("4", "quite fairly rather high bastante assez ziemlich unsafe considerabl major"),
    ("3", "worried concerned moderate moderately medium somewhat neutral neither some average regular moyen mittel"
          " medio normal"),
)
_LANGUAGES = {"english": "en", "ingles": "en", "anglais": "en", "englisch": "en", "spanish": "es", "espanol": "es",
              "castellano": "es", "espagnol": "es", "spanisch": "es", "french": "fr", "francais": "fr", "frances": "fr",
              "franzosisch": "fr", "german": "de", "deutsch": "de", "aleman": "de", "allemand": "de",
              "portuguese": "pt",
              "portugues": "pt", "italian": "it", "italiano": "it", "dutch": "nl", "nederlands": "nl", "polish": "pl",
              "polski": "pl", "arabic": "ar", "chinese": "zh", "russian": "ru", "turkish": "tr", "turkce": "tr",
              "hindi": "hi", "urdu": "ur", "bengali": "bn", "vietnamese": "vi", "somali": "so", "ukrainian": "uk",
              "romanian": "ro", "tagalog": "tl", "haitian creole": "ht", "default": ""}


@dataclass
class Mapped:
    """A column in our words.

    Attributes
    ----------
    values : (n,) array of object (str or None)
    known : dict
        Their word -> our value, as used.
    unknown : dict
        Their word -> number of rows, for words that nobody has explained.
    several : int
        Rows that name several things, of which the first known one is kept.
    """

    values: np.ndarray
    known: dict = field(default_factory=dict)
    unknown: dict = field(default_factory=dict)
    several: int = 0


def plain(text: str) -> str:
    """Return a text in lower case letters and digits, its words joined with ``_``."""
    bare = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", bare.replace("'", "")).strip("_")


def read_values(text: str) -> dict:
    """Read ``category: Pothole = traffic; status: Erledigt = done``.

    Returns
    -------
    dict
        Field -> their word (plain) -> our value.

    Raises
    ------
    InputError
    """
    told: dict[str, dict] = {}
    for part in re.split(r"[;\n]", text):
        if not part.strip():
            continue
        match = re.fullmatch(r"\s*(\w+)\s*:\s*(.+?)\s*=\s*([\w ]+?)\s*", part)
        if not match or match[1].lower() not in VALUES:
            raise InputError("VALUES", "Entry {number} is not understood. Write for example category: Pothole ="
                                       " traffic;"
                             " status: Erledigt = done. Known fields: {fields}.",
                             number=len(told) + 1, fields=", ".join(VALUES))
        name, value = match[1].lower(), match[3].lower()
        told.setdefault(name, {})[plain(match[2])] = check_value(name, value, "VALUES")
    return told


def check_value(name: str, value: str, parameter: str) -> str:
    """Return a value that a field may take.

    Raises
    ------
    InputError
    """
    if value not in VALUES[name]:
        raise InputError(parameter, "'{field}' can be {values}; the entry says something else.",
                         field=name, values=", ".join(VALUES[name]))
    return value


def map_column(name: str, texts: np.ndarray, told: dict | None = None) -> Mapped:
    """Turn a column into our values.

    Parameters
    ----------
    name : str
        Key of :data:`VALUES`.
    texts : (n,) array of object (str or None)
    told : dict
        Their word (plain) -> our value; comes before everything known.
    """
    import pandas as pd

    told = told or {}
    codes, uniques = pd.factorize(np.asarray(texts, object))
    rows = np.bincount(codes[codes >= 0], minlength=len(uniques))
    result = Mapped(np.full(len(texts), None, object))
    values: list = []
    for word, count in zip(uniques, rows.tolist()):
        value, several = _one(name, str(word), told)
        if several:
            result.several += count
        if value is None and str(word).strip().lower() not in EMPTY:
            result.unknown[str(word).strip()] = result.unknown.get(str(word).strip(), 0) + count
        elif value is not None:
            result.known[str(word).strip()] = value
        values.append(value)
    lookup = np.empty(len(values) + 1, object)
    lookup[:] = [*values, None]
    result.values = lookup[codes]
    return result


def _one(name: str, word: str, told: dict) -> tuple[str | None, bool]:
    """Return our value of a word and whether it named several things."""
    key = plain(word)
    if key in told:
        return told[key], False
    # "none" is a word of consent, and says nothing elsewhere
    if word.strip().lower() in EMPTY and not (name == CONSENT and key == "none") and name != CONCERN:
        return None, False
    if key.replace("_", " ") in VALUES[name]:
        return key.replace("_", " "), False
    if name == DAY_PART:
        return _day_part(word, key), False
    if name == CONCERN:
        return _concern(word, key), False
    # choices of a select_multiple stand with spaces between, also with commas or semicolons
    # an answer to the question of consent is one answer, commas or not
    parts = [key] if name == CONSENT else [plain(p) for p in re.split(r"[;,|\n]+", word) if p.strip()]
    words = [p for p in word.lower().split() if p]
    if len(parts) == 1 and len(words) > 1 and all(w in told or w in VALUES[name] for w in words):
        parts = words
    found = [told.get(p) or _by_parts(name, p) for p in parts]
    known = list(dict.fromkeys(f for f in found if f))
    return (known[0] if known else None), len(known) > 1


def _by_parts(name: str, key: str) -> str | None:
    key = key.replace("_", " ").strip().replace(" ", "_")
    if key.replace("_", " ") in VALUES[name]:
        return key.replace("_", " ")
    padded = f"_{key}"
    for value, parts in _PARTS[name]:
        for part in parts.split():
            # short signs are whole words, longer ones the start of one
            if f"_{part}_" in f"{padded}_" if len(part) <= 3 or name == CONSENT else f"_{part}" in padded:
                return value
    return None


def _day_part(word: str, key: str) -> str | None:
    clock = re.search(r"(?<!\d)(\d{1,2})[:.h](\d{2})(?::\d{2})?\s*([ap]\.?m)?", word.lower())
    if clock is None:
        clock = re.search(r"(?<!\d)(\d{1,2})()\s*([ap]\.?m)", word.lower())
    if clock:
        hour = int(clock[1])
        if clock[3]:
            hour = hour % 12 + (12 if clock[3][0] == "p" else 0)
        return part_of(hour) if hour < 24 else None
    for value, parts in _DAY_WORDS:
        if any(f"_{p}" in f"_{key}" for p in parts.split()):
            return value
    return None


def part_of(hour: int) -> str:
    """Return the part of the day that an hour (0 to 23) lies in."""
    for name, hours in inputs.DAY_PARTS.items():
        if hours and (hours[0] <= hour < hours[1] if hours[0] < hours[1] else hour >= hours[0] or hour < hours[1]):
            return name
    return "any"


def _concern(word: str, key: str) -> str | None:
    if re.fullmatch(r"\s*[1-5](?:[.,]0+)?\s*", word):
        return word.strip()[0]
    led = re.match(r"\s*([1-5])\s*[-–:.)=]\s*\D", word)
    if led:
        return led[1]
    if re.fullmatch(r"[\s\d.,+-]+", word):
        return None
    for value, parts in _CONCERN_WORDS:
        if any(f"_{p}" in f"_{key}" for p in parts.split()):
            return value
    return None


def read_scale(text: str) -> tuple[float, float] | None:
    """Read a scale of concern such as ``0-10`` or ``10-0``: not worried first, most worried last.

    Raises
    ------
    InputError
    """
    if not text.strip():
        return None
    match = re.fullmatch(r"\s*(-?\d+(?:\.\d+)?)\s*(?:-|–|to|\.\.)\s*(-?\d+(?:\.\d+)?)\s*", text)
    if not match or float(match[1]) == float(match[2]):
        raise InputError("CONCERN_SCALE", "'{given}' is no scale. Write the number of those not worried, then that of"
                                          " the"
                         " most worried, e.g. 0-10, or 5-1 where 1 is the worst.", given=text.strip())
    return float(match[1]), float(match[2])


def rescale(texts: np.ndarray, scale: tuple[float, float]) -> tuple[np.ndarray, int]:
    """Turn numbers of a told scale into 1 to 5, halves upwards; return them and how many lie outside.

    ``1 + 4 (value - first) / (last - first)``; words and values beyond the scale are None.
    """
    from ..data.prepareincidents import read_coordinates

    numbers, missing = read_coordinates(texts)
    share = (numbers - scale[0]) / (scale[1] - scale[0])
    good = np.isfinite(share) & (share >= 0) & (share <= 1)
    five = np.floor(1 + 4 * np.where(good, share, 0.0) + 0.5).astype(int)
    out = np.full(len(texts), None, object)
    out[good] = [str(v) for v in five[good]]
    return out, int((~good & ~missing).sum())


def language(text: str | None) -> str | None:
    """Return the code of a language: ``English (en)``, ``es-MX`` and ``Français`` give en, es-mx, fr."""
    if text is None or text.strip().lower() in EMPTY:
        return None
    inner = re.search(r"\(([A-Za-z]{2,3}(?:[-_][A-Za-z]{2,4})?)\)", text)
    word = (inner[1] if inner else text).strip().lower().replace("_", "-")
    name = plain(word).replace("_", " ")
    if name in _LANGUAGES:
        return _LANGUAGES[name] or None
    return word if re.fullmatch(r"[a-z]{2}(-[a-z]{2,4})?|(?:[a-z]{3})(-[a-z]{2,4})", word) else None
