"""Short forms in the dock: the questions, words and choices are those of the form in the case file."""

from __future__ import annotations

from typing import Any, Callable, Sequence

from qgis.gui import QgsDateEdit
from qgis.PyQt.QtCore import QDate, QEvent, QLocale, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QFontMetrics, QKeySequence
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QShortcut,
    QSizePolicy,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from ..translation import tr
from . import states, theme
from .days import day_box

#: Numbers are smaller, by kind: what their columns hold.
_LARGEST = {"integer": 2.0**31, "number": 1e15}
#: Under this name a draft has what was chosen on the map.
_PLACE = "(place)"
#: Lines of a text field before it scrolls.
_LINES = 3


class _Text(QPlainTextEdit):
    """A text of several lines, as high as three; Tab goes on to the next field."""

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(0, _LINES * QFontMetrics(self.font()).lineSpacing() + 2 * theme.unit(self))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return self.sizeHint()


class Field(QWidget):
    """One question with its answer, and what to do below it where the answer is not taken."""

    changed = pyqtSignal()

    def __init__(self, asked: Any, choices: dict | None = None, label: str = "") -> None:
        super().__init__()
        self.asked, self.label = asked, label or asked.label
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(max(2, theme.unit(self) // 4))
        words = self.label
        self.choices = asked.choices if choices is None else choices
        self.input = self._make(words)
        self.input.setObjectName(asked.field)
        self.input.setAccessibleName(words)
        if asked.kind != "boolean":
            title = QLabel(words.replace("&", "&&"))
            title.setWordWrap(True)
            title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            title.setBuddy(self.input)
            column.addWidget(title)
        column.addWidget(self.input)
        self.hint = states.label("", f"hint_{asked.field}")
        self.hint.hide()
        column.addWidget(self.hint)

    def _make(self, words: str) -> QWidget:
        asked = self.asked
        if self.choices or asked.widget == "ValueRelation":
            out = QComboBox()
            out.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            out.setMinimumContentsLength(8)
            if not (asked.required and asked.choices):
                out.addItem(tr("(not filled in)"), None)
            for value, text in self.choices.items():
                out.addItem(str(text), value)
            out.currentIndexChanged.connect(self._changed)
        elif asked.kind == "date":
            out = day_box(asked.field)
            out.valueChanged.connect(self._changed)
        elif asked.kind == "boolean":
            out = QCheckBox(words)
            out.toggled.connect(self._changed)
        elif asked.lines:
            out = _Text()
            out.textChanged.connect(self._changed)
        else:
            out = QLineEdit()
            out.textChanged.connect(self._changed)
        if not isinstance(out, (_Text, QCheckBox)):
            out.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        return out

    def _changed(self, *_: Any) -> None:
        self.say("")
        if isinstance(self.input, (QLineEdit, _Text)) and self.asked.kind == "text":
            self._look_for_people()
        self.changed.emit()

    def _look_for_people(self) -> None:
        from ..layers import forms

        if not forms.names_nobody(self.value() or "", self.asked.lines):
            self.say(tr("This looks like a name, a number or an address of a person. Write it without."))

    def say(self, hint: str) -> None:
        """Show what to do about the answer; nothing for ""."""
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        palette = self.hint.palette()
        palette.setColor(self.hint.foregroundRole(), theme.colour("problem"))
        self.hint.setPalette(palette)
        self.input.setAccessibleDescription(hint)

    def value(self) -> Any:
        """Return the answer as the case file keeps it; a number that is none stays the text it is."""
        one = self.input
        if isinstance(one, QComboBox):
            return one.currentData()
        if isinstance(one, QCheckBox):
            return one.isChecked()
        if isinstance(one, QgsDateEdit):
            day = one.date()
            return None if one.isNull() or not day.isValid() else day.toString("yyyy-MM-dd")
        text = (one.toPlainText() if isinstance(one, _Text) else one.text()).replace("\0", "").strip()
        if self.asked.kind in ("number", "integer"):
            return _number(text, self.asked.kind)
        return text or None

    def set_value(self, value: Any) -> None:
        """Show an answer."""
        one = self.input
        if isinstance(one, QComboBox):
            index = one.findData(value) if value not in (None, "") else one.findData(None)
            if index < 0 and value not in (None, ""):
                one.addItem(str(value), value)
                index = one.count() - 1
            one.setCurrentIndex(index if index >= 0 else 0)
        elif isinstance(one, QCheckBox):
            one.setChecked(bool(value))
        elif isinstance(one, QgsDateEdit):
            day = QDate.fromString(str(value or "")[:10], "yyyy-MM-dd")
            if day.isValid():
                one.setDate(day)
            else:
                one.clear()
        elif isinstance(one, _Text):
            one.setPlainText(str(value or ""))
        else:
            one.setText("" if value is None else str(value) if not isinstance(value, float) else QLocale().toString(
                value, "f", QLocale.FloatingPointPrecisionOption.FloatingPointShortest))


def _number(text: str, kind: str) -> Any:
    if not text:
        return None
    for locale in (QLocale(), QLocale.c()):
        value, well = locale.toDouble(text)
        if well and abs(value) < _LARGEST[kind] and (kind == "number" or value.is_integer()):
            return int(value) if kind == "integer" else value
    return text


class RowForm(QWidget):
    """Some questions of a table.

    Parameters
    ----------
    asked : dict of str to Asked
        All questions of the table.
    names : sequence of str
        Those to ask, in this order.
    choices : dict of str to dict
        Value -> text of fields that choose among rows, such as roles.
    labels : dict of str to str
        Words in place of those of the file.
    """

    changed = pyqtSignal()

    def __init__(self, asked: dict, names: Sequence[str], choices: dict | None = None,
                 labels: dict | None = None) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.unit(self))
        self.fields = {}
        for name in names:
            if name in asked:
                one = self.fields[name] = Field(asked[name], (choices or {}).get(name), (labels or {}).get(name, ""))
                one.changed.connect(self.changed)
                column.addWidget(one)

    def values(self) -> dict:
        """Return the answers by field."""
        return {name: one.value() for name, one in self.fields.items()}

    def set_values(self, values: dict) -> None:
        """Show answers."""
        for name, one in self.fields.items():
            if name in values:
                one.set_value(values[name])

    def show_faults(self, faults: dict) -> list:
        """Say what to do below each field, go to the first; return what belongs to no field of this form."""
        first = None
        for name, one in self.fields.items():
            if name in faults:
                one.say(faults[name])
                first = first or one
        if first is not None:
            first.input.setFocus()
        return [hint for name, hint in faults.items() if name not in self.fields]

    def wrong_numbers(self) -> dict:
        """Return field -> what to do, where a number is asked for and something else written."""
        hints = {"number": tr("This is no number."), "integer": tr("Write a whole number.")}
        return {name: hints[one.asked.kind] for name, one in self.fields.items()
                if one.asked.kind in hints and isinstance(one.value(), str)}


class FormCard(states.Card):
    """A form with Save and Cancel that keeps what is half written.

    Parameters
    ----------
    title, text : str
    form : RowForm
    save : callable
        Gets the answers when they are to be saved.
    leave : callable
        Called when the form is left without saving.
    drafts, draft : Drafts, str
        Where half-filled answers are kept, and under which name.
    start : dict
        Answers to begin with.
    words : str
        On the button that saves.
    place : Picker
        Where it is, which is kept with what is half written.
    """

    def __init__(self, title: str, form: RowForm, save: Callable[[dict], None], leave: Callable[[], None],
                 drafts: Any = None, draft: str = "", start: dict | None = None, words: str = "", text: str = "",
                 name: str = "card_form", more: Sequence[QWidget] = (), place: Any = None) -> None:
        self.save_button = states.button(words or tr("&Save"), self.save, "save", "/mActionFileSave.svg", primary=True)
        self.leave_button = states.button(tr("Cancel"), self.leave, "leave_form", "/mActionRemove.svg")
        super().__init__("quiet", title, text, [self.save_button, *more, self.leave_button], name)
        self.form, self._save, self._leave = form, save, leave
        self._drafts, self.draft = drafts, draft if drafts is not None else ""
        self.start = dict(start or {})
        form.set_values(self.start)
        self.start = {**self.start, **form.values()}
        self.news = states.label("", "form_news")
        self.news.hide()
        self.body.insertWidget(2, self.news)
        self.body.insertWidget(3, form)
        self.place = place
        if place is not None:
            self.body.insertWidget(4, place)
        kept = drafts.get(draft) if drafts is not None and draft else None
        if kept:
            form.set_values(kept)
            if place is not None and isinstance(kept.get(_PLACE), dict):
                place.take_up(kept[_PLACE])
            self.say(tr("You had not finished this. What you wrote is here again."))
        form.changed.connect(self._keep)
        if place is not None:
            place.changed.connect(self._keep)
        for keys, slot in ((QKeySequence("Ctrl+Return"), self.save), (QKeySequence(Qt.Key.Key_Escape), self.leave)):
            short = QShortcut(keys, self)
            short.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            short.activated.connect(slot)
        self.order([place.where, place.draw, place.finish] if place is not None else ())
        first = next(iter(form.fields.values()), None)
        if first is not None:
            first.input.setFocus()

    def order(self, more: Sequence[QWidget] = ()) -> None:
        """Bring the questions, then ``more``, then the buttons into the order of Tab."""
        in_order([*(one.input for one in self.form.fields.values()), *more, self.save_button, self.leave_button])

    def say(self, text: str) -> None:
        """Show a sentence above the questions."""
        self.news.setText(text)
        self.news.setVisible(bool(text))

    def changes(self) -> dict:
        """Return the answers that are not what they were."""
        return {name: value for name, value in self.form.values().items() if _plain(value) != _plain(
            self.start.get(name))}

    def save(self) -> None:
        """Hand over the answers."""
        if not self.save_button.isEnabled():
            return
        wrong = self.form.wrong_numbers()
        if wrong:
            self.form.show_faults(wrong)
            return
        self.save_button.setEnabled(False)
        self._save(self.form.values())

    def refused(self, error: Any) -> bool:
        """Show what the file refuses, and let it be saved again; return whether every hint found its field."""
        self.save_button.setEnabled(True)
        rest = self.form.show_faults(error.fields)
        self.say(" ".join(rest))
        return bool(error.fields)

    def written(self) -> str:
        """Return what was written, a line for each answer, to be kept elsewhere."""
        return "\n".join(f"{self.form.fields[name].label}: {value}" for name, value in self.changes().items() if value)

    def again(self) -> None:
        """Let it be saved again."""
        self.save_button.setEnabled(True)

    def done(self) -> None:
        """Forget what was half written, because it is saved."""
        if self._drafts is not None and self.draft:
            self._drafts.drop(self.draft)

    def leave(self) -> None:
        """Give the form up."""
        self.done()
        self._leave()

    def _keep(self) -> None:
        if self._drafts is None or not self.draft:
            return
        # only what was changed: all else may have been changed by somebody else when the draft is taken up
        values, place = self.changes(), self.place.keeps() if self.place is not None else None
        if values or place:
            self._drafts.keep(self.draft, {**values, **({_PLACE: place} if place else {})})
        else:
            self.done()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange and self.isEnabled() and hasattr(self, "save_button"):
            self.save_button.setEnabled(True)


def _plain(value: Any) -> Any:
    """Return an answer so that none, an empty text and a box that is not ticked are alike, but 0 is a number."""
    return None if value in ("", None) or value is False else value


def back_button(slot: Callable[[], None]) -> QWidget:
    """Return the button that leads back to the list; its arrow points to where the line begins."""
    out = states.button(tr("&All problems"), slot, "back")
    out.setIcon(out.style().standardIcon(QStyle.StandardPixmap.SP_ArrowBack))
    return out


def in_order(widgets: Sequence[QWidget]) -> None:
    """Let Tab go from one widget to the next in this order; buttons are made before the questions above them."""
    for one, after in zip(widgets, widgets[1:]):
        QWidget.setTabOrder(one, after)


def role_choices(roles: Sequence[str], own: str = "") -> dict:
    """Return the roles to choose from; the user's own among them."""
    return {role: role for role in dict.fromkeys([*roles, *([own] if own else [])])}
