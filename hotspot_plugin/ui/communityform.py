"""The short form of a report: what it is about, how worried, and the consent that saves it."""

from __future__ import annotations

from typing import Any

from qgis.PyQt.QtCore import QDate, QSize, Qt, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDateEdit,
    QFormLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ..analysis.community import inputs
from ..reports import formats
from ..translation import tr
from . import states, theme
from .days import read_one_way
from .fold import EvenLayout, Fold

#: Milliseconds after the last key until a text is looked at.
_PAUSE = 150


class _Pick(QPushButton):
    """A button no wider than its text: styles make others as wide as a dialog's."""

    def sizeHint(self) -> QSize:  # noqa: N802
        hint, gap = super().sizeHint(), theme.unit(self)
        lines = [line.replace("&", "") for line in self.text().split("\n")]
        wide = max(self.fontMetrics().horizontalAdvance(line) for line in lines) + gap
        return QSize(min(hint.width(), wide), max(hint.height(), len(lines) * self.fontMetrics().lineSpacing() + gap))


class Picks(QWidget):
    """Buttons of which one is chosen; ``picked(value)`` when it is."""

    picked = pyqtSignal(object)

    def __init__(self, name: str, title: str) -> None:
        super().__init__()
        self.name = name
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.flow = EvenLayout(self, max(2, theme.unit(self) // 2))
        self.group = QButtonGroup(self)
        self.group.setExclusive(True)
        self.group.buttonClicked.connect(lambda one: self.picked.emit(one.property("value")))
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def offer(self, choices: list) -> None:
        """Show other choices: (value, text, spoken, key); the one chosen stays where it is still there."""
        before = self.value
        states.clear(self.flow)
        for one in self.group.buttons():
            self.group.removeButton(one)
        for value, text, spoken, key in choices:
            button = _Pick(text)
            button.setCheckable(True)
            button.setAutoDefault(True)
            button.setObjectName(f"{self.name}_{value}")
            button.setProperty("value", value)
            button.setAccessibleName(spoken)
            button.setToolTip(tr("{choice} – key {key}").format(choice=spoken, key=key) if key else spoken)
            self.group.addButton(button)
            self.flow.addWidget(button)
        self.value = before

    @property
    def value(self) -> Any:
        chosen = self.group.checkedButton()
        return chosen.property("value") if chosen is not None else None

    @value.setter
    def value(self, value: Any) -> None:
        self.group.setExclusive(False)
        for one in self.group.buttons():
            one.setChecked(value is not None and one.property("value") == value)
        self.group.setExclusive(True)

    def begin(self) -> None:
        """Put the keyboard on the one chosen, else the first."""
        one = self.group.checkedButton() or (self.group.buttons() or [None])[0]
        if one is not None:
            one.setFocus(Qt.FocusReason.TabFocusReason)


class ReportForm(QWidget):
    """The form.

    Signals
    -------
    changed
        Something was filled in.
    wanted(str)
        It shall be saved, with this consent: count or quote.
    left
        The user gave up.
    stepped(QWidget)
        What is asked next.
    """

    changed = pyqtSignal()
    wanted = pyqtSignal(str)
    left = pyqtSignal()
    stepped = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("report_form")
        gap = theme.unit(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gap)
        self._filling = False
        self._keys: dict = {}
        self._asked: dict = {}
        self._rules: dict = {}
        self._check = QTimer(self)
        self._check.setSingleShot(True)
        self._check.setInterval(_PAUSE)
        self._check.timeout.connect(self.look)
        self.about = states.label(tr("What is it about?"), "about")
        column.addWidget(self.about)
        self.category = Picks("category", tr("What is it about?"))
        self.category.picked.connect(self._category_picked)
        column.addWidget(self.category)
        column.addWidget(states.label(tr("How worried is the person?")))
        self.concern = Picks("concern", tr("How worried is the person?"))
        self.concern.picked.connect(self._concern_picked)
        column.addWidget(self.concern)
        column.addWidget(self._more())
        self.hint = states.label("", "hint")
        self.hint.setVisible(False)
        column.addWidget(self.hint)
        column.addWidget(states.label(tr(
            "Ask whether it may be used. Who does not agree is not saved: press 'Throw away'."), "consent"))
        self.count = states.button(tr("Save: may be counted"), lambda: self.save("count"), "save_count", "", tr(
            "The person agrees to be counted; the words are never passed on"), primary=True)
        self.quote = states.button(tr("Save: may also be quoted"), lambda: self.save("quote"), "save_quote", "", tr(
            "The person agrees to be counted, and to be quoted without a name"))
        self.away = states.button(tr("Throw away"), self.left.emit, "throw_away", "", tr("Nothing is kept of it"))
        buttons = QWidget()
        row = EvenLayout(buttons, gap)
        for one in (self.count, self.quote, self.away):
            row.addWidget(one)
        column.addWidget(buttons)
        self.offer({})

    def _more(self) -> Fold:
        self.more = Fold(tr("More, if you like"), "more")
        rows = QFormLayout()
        rows.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        rows.setSpacing(max(2, theme.unit(self) // 2))
        self.said = QPlainTextEdit()
        self.said.setTabChangesFocus(True)
        self.said.setFixedHeight(self.said.fontMetrics().lineSpacing() * 3 + 2 * theme.unit(self))
        self.said.setPlaceholderText(tr("What happens, where and when; no names"))
        self.org = QLineEdit()
        self.org.setMaxLength(120)
        self.boxes = {name: QComboBox() for name in (inputs.DAY_PART, inputs.WISH, inputs.SOURCE, inputs.LANG)}
        self.day = QDateEdit()
        self.day.setCalendarPopup(True)
        read_one_way(self.day)
        self.day.setDate(QDate.currentDate())
        self.day.setMaximumDate(QDate.currentDate())
        self.same = states.button(tr("Same person as the last one"), None, "same_person", "", tr(
            "Counts as the same voice as the report that was saved last; nobody is named"))
        self.same.setCheckable(True)
        self.same.setEnabled(False)
        for name, text, widget in (
            (inputs.DAY_PART, tr("At what &time of day?"), self.boxes[inputs.DAY_PART]),
            (inputs.SAID, tr("Own &words (no names)"), self.said),
            (inputs.WISH, tr("What is w&ished for?"), self.boxes[inputs.WISH]),
            (inputs.SOURCE, tr("How did it reach &us?"), self.boxes[inputs.SOURCE]),
            (inputs.ORGANISED, tr("Which &organisation took it down?"), self.org),
            (inputs.LANG, tr("In which &language?"), self.boxes[inputs.LANG]),
            (inputs.SAID_ON, tr("On which &day was it said?"), self.day),
        ):
            widget.setObjectName(name)
            widget.setAccessibleName(text.replace("&", ""))
            if isinstance(widget, QComboBox):
                widget.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
                widget.setMinimumContentsLength(6)
                widget.currentIndexChanged.connect(self._edited)
            rows.addRow(text, widget)
        self.said.textChanged.connect(self._edited)
        self.org.textEdited.connect(self._edited)
        self.day.dateChanged.connect(self._edited)
        self.same.toggled.connect(self._edited)
        self.more.body.addLayout(rows)
        self.more.body.addWidget(self.same)
        return self.more

    # --- what is offered -----------------------------------------------------------------------
    def offer(self, asked: dict) -> None:
        """Show the choices of the form of a case file (field -> Asked); those of the plugin where it has none."""
        from ..algorithms.community import inputwords as words

        own = {inputs.CATEGORY: words.categories(), inputs.CONCERN: words.concerns(),
               inputs.DAY_PART: words.day_parts(), inputs.WISH: words.wishes(), inputs.SOURCE: words.sources(),
               inputs.LANG: {}}
        told = {name: (asked[name].choices if name in asked else {}) or otherwise for name, otherwise in own.items()}
        self._asked = asked
        self._rules = {name: asked[name].hint for name in (inputs.SAID, inputs.ORGANISED) if name in asked}
        self._filling = True
        taken: dict = {}
        for value, text in told[inputs.CATEGORY].items():
            letter = next((c for c in str(text).upper() if c.isalpha() and c not in taken), "")
            if letter:
                taken[letter] = value
        self._keys = taken
        letters = {value: letter for letter, value in taken.items()}
        self.category.offer([(v, _marked(str(t), letters.get(v, "")), str(t), letters.get(v, ""))
                             for v, t in told[inputs.CATEGORY].items()])
        self.concern.offer([(v, _stacked(str(t)), str(t), str(v)) for v, t in told[inputs.CONCERN].items()])
        for name, box in self.boxes.items():
            before = box.currentData()
            box.clear()
            if name in (inputs.WISH, inputs.LANG):
                box.addItem("–", None)
            for value, text in told[name].items():
                box.addItem(str(text), value)
            self._select(name, before)
        self._filling = False

    def words(self) -> dict:
        """Return category and status -> value -> text, as the case file has them."""
        from ..algorithms.community import inputwords as words

        own = {inputs.CATEGORY: words.categories(), inputs.STATUS: words.statuses()}
        return {name: (self._asked[name].choices if name in self._asked else {}) or otherwise
                for name, otherwise in own.items()}

    def _select(self, name: str, value: Any) -> None:
        box = self.boxes[name]
        index = box.findData(value) if value is not None else -1
        if index < 0:
            index = max(0, box.findData({inputs.DAY_PART: "any", inputs.SOURCE: "report"}.get(name)))
        box.setCurrentIndex(index)

    # --- what is filled in ---------------------------------------------------------------------
    def values(self) -> dict:
        """Return what was filled in; the day as year-month-day."""
        return {
            inputs.CATEGORY: self.category.value, inputs.CONCERN: self.concern.value,
            **{name: box.currentData() for name, box in self.boxes.items()},
            inputs.SAID: self.said.toPlainText().replace("\0", "").strip(), inputs.ORGANISED: self.org.text().strip(),
            inputs.SAID_ON: self.day.date().toString(Qt.DateFormat.ISODate), "same": self.same.isChecked()}

    def fill(self, values: dict) -> None:
        """Fill in what was kept; what is missing is emptied."""
        self._filling = True
        self.category.value = values.get(inputs.CATEGORY)
        self.concern.value = values.get(inputs.CONCERN)
        for name in self.boxes:
            self._select(name, values.get(name))
        self.said.setPlainText(str(values.get(inputs.SAID) or ""))
        self.org.setText(str(values.get(inputs.ORGANISED) or ""))
        today = QDate.currentDate()
        self.day.setMaximumDate(today)
        day = QDate.fromString(str(values.get(inputs.SAID_ON) or ""), Qt.DateFormat.ISODate)
        self.day.setDate(day if day.isValid() else today)
        self.same.setChecked(bool(values.get("same")) and self.same.isEnabled())
        self.more.open(bool(values.get(inputs.SAID) or values.get(inputs.WISH) or values.get(inputs.ORGANISED)))
        self._filling = False
        self.look()

    def begin(self) -> None:
        """Put the keyboard where something is still to be said."""
        if self.category.value is None:
            self.category.begin()
            self.stepped.emit(self.category)
        elif self.concern.value is None:
            self.concern.begin()
            self.stepped.emit(self.concern)
        else:
            self.count.setFocus(Qt.FocusReason.TabFocusReason)
            self.stepped.emit(self.quote)

    def _edited(self, *_: Any) -> None:
        if not self._filling:
            self._check.start()
            self.changed.emit()

    def _category_picked(self, value: Any) -> None:
        self.changed.emit()
        self.look()
        self.begin()

    def _concern_picked(self, value: Any) -> None:
        self.changed.emit()
        self.look()
        self.begin()

    def keyPressEvent(self, event: Any) -> None:  # noqa: N802
        """Letters choose what it is about, numbers how worried; texts keep their own keys."""
        key = event.text().upper()
        if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            super().keyPressEvent(event)
        elif key in self._keys:
            self.category.value = self._keys[key]
            self._category_picked(self._keys[key])
        elif key in "12345" and key:
            self.concern.value = int(key)
            self._concern_picked(int(key))
        else:
            super().keyPressEvent(event)

    # --- what is refused -----------------------------------------------------------------------
    def look(self) -> str:
        """Say what is wrong with the texts; return it."""
        self._check.stop()
        text, where = "", None
        long = too_long(self.said.toPlainText())
        if long:
            where, text = self.said, long
        elif self._faulty(self.said):
            where, text = self.said, self._rules.get(inputs.SAID) or tr(
                "Leave out names, telephone numbers, e-mail and home addresses, number plates and identity numbers:"
                " say what happens, where and when. At most {most} letters.").format(most=inputs.TEXT_LENGTH)
        elif self._faulty(self.org):
            where, text = self.org, self._rules.get(inputs.ORGANISED) or tr(
                "Leave out names, telephone numbers, e-mail addresses and number plates. At most {most} letters."
            ).format(most=120)
        self._say(text)
        if where is not None:
            self.more.open()
        return text

    def _say(self, text: str) -> None:
        self.hint.setText("⚠ " + text if text else "")
        self.hint.setAccessibleName(text)
        self.hint.setVisible(bool(text))
        palette = self.hint.palette()
        palette.setColor(self.hint.foregroundRole(), theme.colour("problem"))
        self.hint.setPalette(palette)

    def save(self, consent: str) -> None:
        """Ask for saving, where nothing is missing."""
        if self.look():
            wrong = self.said if self._faulty(self.said) else self.org
            wrong.setFocus(Qt.FocusReason.OtherFocusReason)
            self.stepped.emit(wrong)
        elif self.category.value is None or self.concern.value is None:
            self._say(tr("Choose how worried the person is, from 1 to 5.") if self.category.value else
                      tr("Choose what it is about."))
            self.begin()
        else:
            self.wanted.emit(consent)

    def _faulty(self, widget: QWidget) -> bool:
        from ..layers.forms import names_nobody

        if widget is self.org:
            return bool(self.org.text().strip()) and not names_nobody(self.org.text(), lines=False)
        text = self.said.toPlainText()
        return bool(text.strip()) and (len(text) > inputs.TEXT_LENGTH or not names_nobody(text))


def too_long(text: str) -> str:
    """Return by how much a text is too long, "" if it is not."""
    if len(text) <= inputs.TEXT_LENGTH:
        return ""
    return tr("This is too long: {count} letters, at most {most} are kept. Write it shorter.").format(
        count=formats.number(len(text)), most=formats.number(inputs.TEXT_LENGTH))


def _marked(text: str, letter: str) -> str:
    """Return a text with its letter underlined."""
    at = text.upper().find(letter) if letter else -1
    plain = text.replace("&", "&&")
    return plain if at < 0 or "&" in text else f"{plain[:at]}&{plain[at:]}"


def _stacked(text: str) -> str:
    """Return "2 – a little worried" in short lines."""
    number, dash, words = text.partition(" – ")
    return "\n".join([number, *_two(words)]) if dash else text


def _two(words: str) -> list:
    """Return words in two lines of about the same length."""
    parts = words.split()
    cuts = [(" ".join(parts[:k]), " ".join(parts[k:])) for k in range(1, len(parts))]
    return list(min(cuts, key=lambda c: max(map(len, c)))) if cuts else [words, ""]
