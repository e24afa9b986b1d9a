"""The form of community input: questions, checks, tabs and the look of its layers."""

from __future__ import annotations

from typing import Sequence

from qgis.core import QgsVectorLayer

from ...analysis.community import inputs as i
from ...layers import forms, styling
from ...translation import tr
from . import inputwords as words

POINTS, SHAPES, CATEGORY_TABLE, AREAS = i.POINT_TABLE, i.AREA_TABLE, "categories", "areas"
LABEL, GROUPS, NAME = "label", "cgroups", "name"
#: Letters of a text of one line.
SHORT = 120
#: Variable of QGIS or QField that holds the token of the one person who uses the device.
VOICE_VARIABLE = "voice_token"
#: 48 random bits in three groups that can be read out and copied by hand.
_FRESH = ("with_variable('h', upper(md5(uuid())), substr(@h, 1, 4) || '-' || substr(@h, 5, 4) || '-' ||"
          " substr(@h, 9, 4))")
_VOICE_VALUE = f"coalesce(nullif(upper(trim(@{VOICE_VARIABLE})), ''), {_FRESH})"
_VOICE_SHAPE = "^[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}$"
_COLOURS = {"new": "#c0143c", "acknowledged": "#f0b429", "in work": "#7fb2d8", "done": "#1f5f9e",
            "declined": "#8c8c8c"}


def began(status: str, field: str) -> str:
    """Return the expression of the day on which a status began."""
    order = {"new": 0, "acknowledged": 1, "in work": 2, "done": 3, "declined": 3}
    # done and declined exclude one another
    without = [s for s, rank in order.items() if s != status and (rank < order[status] or rank == order[status] == 3)]
    return forms.began(field, i.STATUS, status, without)


def questions(categories: Sequence, languages: Sequence[str]) -> list:
    """Return the questions of one report."""
    titles = {"acknowledged": tr("Acknowledged on"), "in work": tr("In work since"), "done": tr("Done on"),
              "declined": tr("Declined on")}
    return [
        forms.key(i.INPUT_ID, tr("Key of the report")),
        forms.one_of(i.CATEGORY, tr("What is it about?"), words.category_words(categories),
                     tr("Choose what it is about.")),
        forms.one_of(i.CONCERN, tr("How worried is the person?"), words.concerns(), tr("Choose 1 to 5.")),
        forms.one_of(i.DAY_PART, tr("At what time of day?"), words.day_parts(), tr("Choose a time of day, or any."),
                     default="'any'"),
        forms.free_text(i.SAID, tr("In the person's own words (no names)"), i.TEXT_LENGTH),
        forms.one_of(i.WISH, tr("What is wished for?"), words.wishes(), tr("Choose a wish, or leave it open."), False),
        forms.photo(i.PHOTO, tr("Photo (no faces, no plates)")),
        forms.one_of(i.SOURCE, tr("How did it reach us?"), words.sources(), tr("Choose how it reached you."),
                     reuse=True),
        forms.free_text(i.ORGANISED, tr("Which organisation took it down?"), SHORT, lines=False, reuse=True),
        forms.day(i.SAID_ON, tr("On which day was it said?"), default=forms.TODAY, required=True,
                  check=f'"{i.SAID_ON}" <= {forms.TODAY}', hint=tr("This day has not come yet.")),
        forms.one_of(i.LANG, tr("In which language?"), words.language_words(languages), tr("Choose a language."), False,
                     default=f"'{languages[0]}'", reuse=True),
        forms.one_of(i.CONSENT, tr("May it be used?"), words.consents(), tr(
            "Ask whether it may be used. Nobody is counted who was not asked.")),
        forms.one_line(
            i.VOICE, tr("Token of the person"), default=_VOICE_VALUE, required=True,
            check=f"regexp_match(\"{i.VOICE}\", '{_VOICE_SHAPE}') > 0",
            hint=tr("Three groups of four digits or capital letters A to F, such as 7F3A-09C2-B41D. No names. For a"
                    " second report of the same person copy the token of the first.")),
        forms.one_of(i.STATUS, tr("What became of it?"), words.statuses(), tr("Choose how far it is."),
                     default="'new'"),
        forms.free_text(
            i.RESPONSE, tr("What was answered?"), i.TEXT_LENGTH,
            check=f"\"{i.STATUS}\" not in ('done', 'declined') or length(trim(coalesce(\"{i.RESPONSE}\", ''))) >= 3",
            hint=tr("Say what was done, or why it was not.")),
        *(forms.day(field, titles[status], default=began(status, field), on_update=True,
                    check=f'"{field}" is null or "{i.SAID_ON}" is null or "{field}" >= "{i.SAID_ON}"',
                    hint=tr("It cannot be earlier than the day on which it was said."))
          for status, field in i.STATUS_DAYS.items()),
    ]


def tabs() -> list:
    """Return the tabs: what was said, who told it, what became of it."""
    return [
        (tr("What"), [forms.Group("", [i.CATEGORY, i.CONCERN, i.DAY_PART, i.SAID, i.WISH, i.PHOTO])]),
        (tr("Who told us"), [forms.Group("", [i.CONSENT, i.VOICE, i.SOURCE, i.ORGANISED, i.SAID_ON, i.LANG])]),
        (tr("What became of it"), [forms.Group("", [i.STATUS, i.RESPONSE]),
                                   forms.Group(tr("Days, filled in by themselves"), list(i.STATUS_DAYS.values()))]),
    ]


def dress(layers: dict, categories: Sequence, languages: Sequence[str]) -> dict:
    """Give all layers their forms and looks; return the names of their styles."""
    labels = words.category_words(categories)
    label = "case " + " ".join(
        "when \"{field}\" = '{key}' then '{text}'".format(field=i.CATEGORY, key=key, text=text.replace("'", "''"))
        for key, text in labels.items()) + f" else \"{i.CATEGORY}\" end"
    for name in (POINTS, SHAPES):
        layer = layers[name]
        look(name == SHAPES).apply(layer)
        forms.apply(layer, questions(categories, languages), tabs())
        layer.setDisplayExpression(f"{label} || coalesce(', ' || format_date(\"{i.SAID_ON}\", 'yyyy-MM-dd'), '')")
    _plain(layers[CATEGORY_TABLE], [
        forms.one_line(i.CATEGORY, tr("Key"), required=True), forms.one_line(LABEL, tr("Label"), required=True),
        forms.one_line(GROUPS, tr("Groups of crime that it is set beside"))], tr("Category"), LABEL)
    styles = {POINTS: "Input", SHAPES: "Input", CATEGORY_TABLE: "Categories"}
    if AREAS in layers:
        styling.single("Areas", "#00000000", tr("Area"), "#5a5a5a", 0.5, f'"{NAME}"').apply(layers[AREAS])
        _plain(layers[AREAS], [forms.one_line(NAME, tr("Name"))], tr("Area"), NAME)
        styles[AREAS] = "Areas"
    return styles


def _plain(layer: QgsVectorLayer, questions: list, title: str, shown: str) -> None:
    forms.apply(layer, questions, [(title, [forms.Group("", [q.field for q in questions])])])
    layer.setDisplayExpression(f'"{shown}"')


def look(clear: bool) -> styling.Style:
    """Reports by what became of them; areas let the map be seen."""
    texts = words.statuses()
    entries = [(status, ("#66" + colour[1:]) if clear else colour, texts[status])
               for status, colour in _COLOURS.items()]
    return styling.categories("Input", i.STATUS, entries)
