"""The form of an audit: questions, checks, tabs and the look of both layers."""

from __future__ import annotations

from qgis.core import QgsVectorLayer

from ...analysis.cpted import auditform as a
from ...analysis.cpted.profile import PRINCIPLES
from ...layers import fields, forms, styling
from ...translation import tr
from .cptedscore_words import principle_name

PLACES, AUDITS = "places", "audits"
#: Metres within which the nearest place is proposed for a new visit.
_NEAR = 200
#: The place near by; the distance is asked for by itself, because QGIS 3.40 takes no notice of max_distance here.
_NEAREST = (f"if(distance($geometry, overlay_nearest('{PLACES}', $geometry, limit:=1)[0]) <= {_NEAR},"
            f" overlay_nearest('{PLACES}', \"place_id\", limit:=1)[0], NULL)")
_LONGEST = 500
#: A code of up to three letters and one to four digits: no name fits.
_CODE = "regexp_match(\"auditor\", '^[A-Za-z]{0,3}[0-9]{1,4}$') > 0"


def questions(items: tuple, form: str, places: QgsVectorLayer) -> list:
    """Return the questions of a visit."""
    out = [
        forms.hidden(a.AUDIT_ID, tr("Key of the visit"), default="uuid()"),
        forms.hidden(a.FORM, tr("Form"), default=f"'{form}'"),
        forms.from_layer(a.PLACE_ID, tr("Place"), places, fields.PLACE_ID, "name", required=True,
                         default=_NEAREST),
        forms.Question(a.AUDITOR, tr("Your code"), "TextEdit", {"IsMultiline": False}, required=True, check=_CODE,
                       hint=tr("A code such as K07: up to three letters and up to four digits. No names.")),
        forms.choice(a.VISIT, tr("Visit"), [("day", tr("by day")), ("night", tr("after dark"))], required=True,
                     check="\"visit\" in ('day', 'night')", hint=tr("Say whether it is day or night.")),
        forms.moment(a.VISITED, tr("When"), default="now()", required=True,
                     check="\"visited\" <= now() + to_interval('1 day')", hint=tr("This day has not come yet.")),
        forms.free_text(a.WHO_USES, tr("Who uses this place?"), _LONGEST, 3, hint=tr(
            "Say who is here, as far as one can see: ages, what for.")),
        forms.free_text(a.PUSHED_OUT, tr("Who would be pushed out if it were changed?"), _LONGEST, 3, hint=tr(
            "Say who would lose the place, or that nobody would.")),
        forms.free_text(a.REMARK, tr("Remark"), _LONGEST),
        forms.photo(a.PHOTO_1, tr("Photo (no faces, no plates)")),
        forms.photo(a.PHOTO_2, tr("Another photo")),
    ]
    for item in items:
        marks = [(i, f"{i} – {answer}") for i, answer in enumerate(item.answers)]
        out.append(forms.choice(
            item.name, item.question, [*marks, (a.NOT_APPLICABLE, tr("not applicable here")),
                                       (a.NOT_SEEN, tr("not seen"))], default=str(a.NOT_SEEN),
            check=f'"{item.name}" in ({", ".join(map(str, a.MARKS))})',
            hint=tr("Choose 0, 1, 2, not applicable, or not seen.")))
    return out


def tabs(items: tuple) -> list:
    """Return the tabs: the visit, each principle, people and photos."""
    out = [(tr("Visit"), [forms.Group("", [a.PLACE_ID, a.AUDITOR, a.VISIT, a.VISITED])])]
    for number in range(len(PRINCIPLES)):
        own = [item for item in items if item.principle == number]
        if not own:
            continue
        groups = [forms.Group("", [item.name for item in own if item.when == a.ANY])]
        for when, title in ((a.DAY, tr("Seen by day")), (a.NIGHT, tr("Seen after dark"))):
            names = [item.name for item in own if item.when == when]
            if names:
                groups.append(forms.Group(title, names, f"\"visit\" = '{when}'"))
        out.append((principle_name(number).capitalize(), groups))
    return [*out, (tr("People and photos"), [
        forms.Group("", [a.WHO_USES, a.PUSHED_OUT, a.REMARK, a.PHOTO_1, a.PHOTO_2])])]


def place_questions() -> list:
    """Return the questions of a place, for those that are drawn in the field."""
    return [
        forms.hidden(fields.PLACE_ID, tr("Key of the place"), default="uuid()"),
        forms.Question("name", tr("Name of the place"), "TextEdit", {"IsMultiline": False}, required=True,
                       check="length(trim(coalesce(\"name\", ''))) >= 1", hint=tr("Give the place a name.")),
        forms.Question(fields.DOUBLE, tr("Two people audit it independently"), "CheckBox", {}, default="false"),
    ]


def place_style() -> styling.Style:
    """Places by what visits are still missing."""
    visits = f"aggregate('{AUDITS}', 'concatenate', \"visit\", \"place_id\" = attribute(@parent, 'place_id'))"
    state = (f"with_variable('visits', coalesce({visits}, ''), case when @visits like '%day%' and @visits like"
             " '%night%' then 2 when @visits <> '' then 1 else 0 end)")
    return styling.categories("Audit", state, [
        (0, "#c0143c", tr("Not visited yet")), (1, "#f0b429", tr("By day or by night only")),
        (2, "#1f5f9e", tr("By day and by night"))],
        text="\"name\" || if(\"double\", ' (2)', '')")


def audit_style() -> styling.Style:
    """Visits by day and by night."""
    entries = [("day", "#f6c945", tr("By day")), ("night", "#3b4a8f", tr("By night"))]
    return styling.categories("Audits", a.VISIT, entries, (styling.GREY, tr("Not stated")))
