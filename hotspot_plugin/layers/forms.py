"""Forms of layers that are filled in the field: widgets, checks and tabs that plain QGIS and QField know.

All of it is kept in the layer's style, and so in its GeoPackage: no plugin is needed where
the form is filled in. Aliases come before widgets, because QGIS 3.22 forgets a widget when
the alias of its field is set.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Sequence

from qgis.core import (
    QgsAttributeEditorContainer,
    QgsAttributeEditorField,
    QgsAttributeEditorRelation,
    QgsDefaultValue,
    QgsEditFormConfig,
    QgsEditorWidgetSetup,
    QgsExpression,
    QgsExpressionContext,
    QgsFeature,
    QgsFieldConstraints,
    QgsFields,
    QgsOptionalExpression,
    QgsRelation,
    QgsRelationManager,
    QgsValueMapFieldFormatter,
    QgsVectorLayer,
)

from ..analysis.privacy import personal, personalpatterns
from ..compat import make_field, set_group_box
from ..translation import tr

_LONG_TEXT = {"IsMultiline": True, "UseHtml": False}


@dataclass(frozen=True)
class Question:
    """A field of a form.

    Attributes
    ----------
    field : str
    label : str
        What is asked.
    widget : str
        QGIS's name of the widget, "" for its own choice.
    config : dict or list
        Of the widget.
    default : str
        Expression of the value to begin with.
    check : str
        Expression that must hold before it can be saved.
    hint : str
        What to do where it does not hold.
    required, unique : bool
    on_update : bool
        The default is worked out again whenever the row changes; see :func:`kept_when_copied`.
    reuse : bool
        A new row begins with what the last one had.
    """

    field: str
    label: str
    widget: str = ""
    config: Any = None
    default: str = ""
    check: str = ""
    hint: str = ""
    required: bool = False
    unique: bool = False
    on_update: bool = False
    reuse: bool = False


@dataclass(frozen=True)
class Group:
    """A box of questions in a tab, shown where an expression holds ("" for always)."""

    title: str
    fields: Sequence[str]
    shown: str = ""


@dataclass(frozen=True)
class Related:
    """The rows of another table that belong to this one, listed in a tab of a project that holds the relation."""

    relation: QgsRelation
    title: str


def choice(field: str, label: str, options: Sequence[tuple], empty: str = "", **more: Any) -> Question:
    """One of several values; options are (value, text), ``empty`` what is read where none is chosen."""
    entries = [{empty: QgsValueMapFieldFormatter.NULL_VALUE}] if empty else []
    return Question(field, label, "ValueMap", {"map": entries + [{text: value} for value, text in options]}, **more)


def one_of(field: str, label: str, values: dict, hint: str, required: bool = True, **more: Any) -> Question:
    """One of several values (value -> text) and no other; optional ones may be left open."""
    listed = ", ".join(str(v) if isinstance(v, int) else f"'{v}'" for v in values)
    check = f'"{field}" in ({listed})' if required else f'"{field}" is null or "{field}" in ({listed})'
    return choice(field, label, list(values.items()), tr("– please choose –") if required else "–",
                  required=required, check=check, hint=hint, **more)


def long_text(field: str, label: str, **more: Any) -> Question:
    """A text of several lines."""
    return Question(field, label, "TextEdit", _LONG_TEXT, **more)


def photo(field: str, label: str) -> Question:
    """A picture, kept as a path relative to the project, as QField needs it."""
    return Question(field, label, "ExternalResource", {
        "DocumentViewer": 1, "DocumentViewerHeight": 0, "DocumentViewerWidth": 0, "FileWidget": True,
        "FileWidgetButton": True, "FileWidgetFilter": "", "RelativeStorage": 1, "StorageMode": 0,
        "StorageType": None, "UseLink": False, "FullUrl": False})


#: What a name of a place or an office may hold: its address.
SHORT_KINDS = tuple(kind for kind in personal.KINDS if kind not in (personalpatterns.ADDRESS, personalpatterns.BIRTH))


#: Begins as an empty text, because QGIS writes the word NULL into boxes of texts that are null.
EMPTY = "''"


def free_text(
    field: str, label: str, longest: int, least: int = 0, lines: bool = True, check: str = "", hint: str = "",
    **more: Any,
) -> Question:
    """A text that may name nobody: what looks personal is refused, with what to do instead.

    Parameters
    ----------
    field, label : str
    longest, least : int
        Letters.
    lines : bool
        A long text, with home addresses refused as well; False for one line such as the name of a hall.
    check, hint : str
        A further check, and what to do where it does not hold.
    """
    parts = [f"length(coalesce(\"{field}\", '')) <= {longest}",
             personal.qgis_constraint(field, None if lines else SHORT_KINDS)]
    if least:
        parts.insert(0, f"length(trim(coalesce(\"{field}\", ''))) >= {least}")
    if check:
        parts.insert(0, f"({check})")
    rule = tr("Leave out names, telephone numbers, e-mail and home addresses, number plates and identity numbers: say"
              " what happens, where and when. At most {most} letters.") if lines else tr(
        "Leave out names, telephone numbers, e-mail addresses and number plates. At most {most} letters.")
    make = long_text if lines else one_line
    more.setdefault("default", EMPTY)
    return make(field, label, check=" and ".join(parts), hint=f"{hint} {rule.format(most=longest)}".strip(),
                required=least > 0, **more)


def names_nobody(text: str, lines: bool = True) -> bool:
    """Whether the rule of :func:`free_text` takes a text: nothing in it looks personal."""
    columns = QgsFields()
    columns.append(make_field("text", "text"))
    feature = QgsFeature(columns)
    feature.setAttribute(0, text)
    context = QgsExpressionContext()
    context.setFields(columns)
    context.setFeature(feature)
    return bool(QgsExpression(personal.qgis_constraint("text", None if lines else SHORT_KINDS)).evaluate(context))


def one_line(field: str, label: str, **more: Any) -> Question:
    """A text of one line."""
    return Question(field, label, "TextEdit", {"IsMultiline": False, "UseHtml": False}, **more)


def day(field: str, label: str, **more: Any) -> Question:
    """A day, which may be left open."""
    return Question(field, label, "DateTime", {
        "allow_null": True, "calendar_popup": True, "display_format": "yyyy-MM-dd", "field_format": "yyyy-MM-dd",
        "field_iso_format": False}, **more)


def number(field: str, label: str, most: float = 1e9, step: float = 1, digits: int = 0, **more: Any) -> Question:
    """A number from 0, which may be left open."""
    return Question(field, label, "Range", {
        "AllowNull": True, "Min": 0, "Max": most, "Precision": digits, "Step": step, "Style": "SpinBox"}, **more)


def tick(field: str, label: str, **more: Any) -> Question:
    """Yes or no."""
    return Question(field, label, "CheckBox", {}, **more)


def moment(field: str, label: str, **more: Any) -> Question:
    """A day and a time."""
    return Question(field, label, "DateTime", {
        "allow_null": False, "calendar_popup": True, "display_format": "yyyy-MM-dd HH:mm",
        "field_format": "yyyy-MM-dd HH:mm:ss", "field_iso_format": False}, **more)


def from_layer(
    field: str, label: str, layer: QgsVectorLayer, key: str, shown: str, allow_null: bool = False, only: str = "",
    **more: Any,
) -> Question:
    """A feature of another layer, by its key; found by its id or name, so that no folder is kept in the file.

    ``only`` is an expression on the other layer's features, in which ``current_value('field')`` is this form's.
    """
    return Question(field, label, "ValueRelation", {
        "Layer": layer.id(), "LayerName": layer.name(), "LayerSource": "", "LayerProviderName": "ogr",
        "Key": key, "Value": shown, "AllowNull": allow_null, "AllowMulti": False, "OrderByValue": True,
        "UseCompleter": not only, "NofColumns": 1, "FilterExpression": only}, **more)


def key(field: str, label: str) -> Question:
    """The random key of a row: numbers given by a file collide when phones come back; a copy gets one of its own."""
    return hidden(field, label, default="uuid('WithoutBraces')", required=True, unique=True)


def kept_when_copied(expression: str) -> str:
    """Return a default for ``on_update`` that leaves alone what a row brings along that is pasted or split.

    QGIS works out such defaults for every new row and drops the row's own value, unless the default is NULL; it is
    worked out in forms and whenever a row that is there changes (a new one has as ``$id`` 0, or the least number).
    """
    return f"case when @form_mode is not null or ($id <> 0 and $id > -1e18) then {expression} end"


TODAY = "to_date(now())"


def began(field: str, of: str, value: str, without: Sequence[str]) -> str:
    """Return the default, for ``on_update``, of the day on which a field took a value.

    It is kept once it is known or was corrected, and open again when the field goes back to a value of ``without``.
    """
    listed = ", ".join(f"'{v}'" for v in without)
    back = f" when \"{of}\" in ({listed}) then NULL" if without else ""
    return kept_when_copied(
        f"case when \"{of}\" = '{value}' then coalesce(\"{field}\", {TODAY}){back} else \"{field}\" end")


def hidden(field: str, label: str, **more: Any) -> Question:
    """A field that the form fills by itself."""
    return Question(field, label, "Hidden", {}, **more)


def apply(layer: QgsVectorLayer, questions: Sequence[Question], tabs: Sequence[tuple]) -> None:
    """Give a layer its form.

    Parameters
    ----------
    layer : QgsVectorLayer
    questions : list of Question
    tabs : list of (title, list of Group or Related)

    Raises
    ------
    ValueError
        For an expression that QGIS cannot read, or a field that is not there.
    """
    for question in questions:
        layer.setFieldAlias(_index(layer, question.field), question.label)
    strong = QgsFieldConstraints.ConstraintStrength.ConstraintStrengthHard
    for question in questions:
        index = _index(layer, question.field)
        if question.widget:
            layer.setEditorWidgetSetup(index, QgsEditorWidgetSetup(question.widget, question.config or {}))
        for expression in (question.default, question.check):
            if expression and QgsExpression(expression).hasParserError():
                raise ValueError(f"{question.field}: {expression}")
        if question.default:
            layer.setDefaultValueDefinition(index, QgsDefaultValue(question.default, question.on_update))
        if question.required:
            layer.setFieldConstraint(index, QgsFieldConstraints.Constraint.ConstraintNotNull, strong)
        if question.unique:
            layer.setFieldConstraint(index, QgsFieldConstraints.Constraint.ConstraintUnique, strong)
        if question.check:
            layer.setConstraintExpression(index, question.check, question.hint)
            layer.setFieldConstraint(index, QgsFieldConstraints.Constraint.ConstraintExpression, strong)
    config = layer.editFormConfig()
    config.setLayout(QgsEditFormConfig.EditorLayout.TabLayout)
    config.clearTabs()
    for question in questions:  # a phone is narrow, and questions are long
        config.setLabelOnTop(_index(layer, question.field), question.widget != "CheckBox")
        config.setReuseLastValue(_index(layer, question.field), question.reuse)
    for title, groups in tabs:
        config.addTab(_tab(layer, title, groups))
    layer.setEditFormConfig(config)


def bind_relations(layer: QgsVectorLayer, relations: QgsRelationManager) -> None:
    """Bind the lists of related rows in a layer's form to the relations of the project that it will be kept in.

    QGIS looks for them in the project that is open in the desktop, which is another one, and forgets the rest.
    """
    for tab in layer.editFormConfig().tabs():
        for child in tab.children():
            if isinstance(child, QgsAttributeEditorRelation):
                child.init(relations)


def _tab(layer: QgsVectorLayer, title: str, groups: Sequence[Group]) -> QgsAttributeEditorContainer:
    tab = QgsAttributeEditorContainer(title, None)
    set_group_box(tab, False)
    tab.setColumnCount(1)
    for group in groups:
        if isinstance(group, Related):
            tab.addChildElement(_rows(group, tab))
            continue
        box = tab
        if group.title or group.shown:
            box = QgsAttributeEditorContainer(group.title, tab)
            set_group_box(box, True)
            box.setColumnCount(1)
            if group.shown:
                box.setVisibilityExpression(QgsOptionalExpression(QgsExpression(group.shown)))
            tab.addChildElement(box)
        for name in group.fields:
            box.addChildElement(QgsAttributeEditorField(name, _index(layer, name), box))
    return tab


def _rows(related: Related, tab: QgsAttributeEditorContainer) -> QgsAttributeEditorRelation:
    out = QgsAttributeEditorRelation(related.relation, tab)
    out.setLabel(related.title)
    out.setRelationWidgetTypeId("relation_editor")  # left open, QGIS notes for every form that it takes another one
    return out


def _index(layer: QgsVectorLayer, name: str) -> int:
    index = layer.fields().indexOf(name)
    if index < 0:
        raise ValueError(f"no field {name}")
    return index
