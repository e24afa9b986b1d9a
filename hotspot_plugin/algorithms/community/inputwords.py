"""The values of community input in plain words, for forms, reports and legends."""

from __future__ import annotations

from typing import Sequence

from qgis.PyQt.QtCore import QLocale

from ...analysis.community import inputs
from ...translation import tr


def categories() -> dict:
    """Return category -> words."""
    return {
        "unsafe": tr("Feeling unsafe"), "violence": tr("Violence"), "harassment": tr("Harassment"),
        "theft": tr("Theft"), "vehicle": tr("Cars and bikes"), "drugs": tr("Drugs"),
        "disorder": tr("Noise and disorder"), "damage": tr("Damage and graffiti"), "rubbish": tr("Rubbish"),
        "light": tr("Bad street light"), "traffic": tr("Traffic"), "other": tr("Something else")}


def concerns() -> dict:
    """Return degree of concern -> words."""
    words = (tr("not worried"), tr("a little worried"), tr("worried"), tr("quite worried"), tr("very worried"))
    return {degree: f"{degree} – {word}" for degree, word in zip(inputs.CONCERNS, words)}


def day_parts() -> dict:
    """Return part of the day -> words with its hours."""
    names = {"morning": tr("Morning"), "afternoon": tr("Afternoon"), "evening": tr("Evening"), "night": tr("Night"),
             "any": tr("At any time")}
    return {part: f"{names[part]} ({hours[0]:02d}–{hours[1]:02d} h)" if hours else names[part]
            for part, hours in inputs.DAY_PARTS.items()}


def sources() -> dict:
    """Return source -> words."""
    return {"survey": tr("Survey"), "meeting": tr("Meeting"), "report": tr("Report to an office"),
            "walk": tr("Walk through the place"), "portal": tr("Portal or app")}


def wishes() -> dict:
    """Return wish -> words."""
    return {"patrol": tr("Police on foot"), "light": tr("Better light"), "repair": tr("Repair or clean"),
            "talk": tr("A talk with us"), "enforcement": tr("Stricter checks"), "other": tr("Something else")}


def statuses() -> dict:
    """Return status -> words."""
    return {"new": tr("New"), "acknowledged": tr("Acknowledged"), "in work": tr("In work"), "done": tr("Done"),
            "declined": tr("Declined")}


def consents() -> dict:
    """Return consent -> words."""
    return {"count": tr("Yes, to be counted"), "quote": tr("Yes, to be counted and quoted without a name"),
            "none": tr("No, do not use it")}


def category_words(given: Sequence) -> dict:
    """Return category -> label."""
    known = categories()
    return {c.key: c.label or known.get(c.key, c.key) for c in given}


#: where Qt names a country with the language
_OWN_NAMES = {"en": "English", "es": "Español", "zh": "中文", "fr": "Français", "pt": "Português", "de": "Deutsch"}


def language_words(codes: Sequence[str]) -> dict:
    """Return code of a language -> its own name for itself."""
    out = {}
    for code in codes:
        name = _OWN_NAMES.get(code) or QLocale(code.replace("-", "_")).nativeLanguageName()
        out[code] = f"{name.capitalize() or code} ({code})"
    return out
