"""What can be answered to a question, and what was answered that cannot: codes are found, never averaged.

A scale is written as ``1-5``, as labels from low to high (``Never; Sometimes; Often``), or as codes with labels
(``1 = Very dissatisfied; 2 = Dissatisfied; ...``). Answers may be numbers, numbers kept as text in any script, or
labels; capitals and spaces do not matter.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Sequence

import numpy as np

from ..errors import InputError

_RANGE = re.compile(r"^\s*([+-]?\d+)\s*(?:-|–|—|\.\.|…|to)\s*([+-]?\d+)\s*$", re.IGNORECASE)
_MOST = 101
#: words of "no answer" in the languages that surveys are most often held in
_NO_ANSWER = (
    "na", "n/a", "none", "no answer", "no opinion", "no response", "not applicable", "does not apply", "refused",
    "refuse", "prefer not", "rather not", "don't know", "dont know", "do not know", "unknown", "not sure", "unsure",
    "skipped", "missing", "blank", "keine angabe", "k.a.", "weiß nicht", "no sabe", "no contesta", "ns/nc",
    "sans réponse", "ne sait pas", "nsp", "não sabe", "nao sabe", "sem resposta", "non so", "не знаю", "нет ответа",
    "无回答", "不知道", "不清楚", "わからない", "無回答", "모름", "무응답", "لا أعرف", "لا إجابة", "पता नहीं",
    "bilmiyorum", "không biết",
)


@dataclass(frozen=True)
class Scale:
    """The answers of a question, from low to high.

    Attributes
    ----------
    values : (k,) array
        Numbers that are averaged.
    labels : list of str
        Words of the answers; numbers where there are none.
    worded, coded : bool
        Whether there are words, and whether the numbers are those of the data (and not only the order of the words).
    good : (k,) array of bool
        Answers that the share is of.
    """

    values: np.ndarray
    labels: list
    worded: bool
    good: np.ndarray
    coded: bool = True

    @property
    def limits(self) -> tuple[float, float]:
        """Least and greatest value."""
        return float(self.values.min()), float(self.values.max())

    def written(self) -> str:
        """Return the scale as a reader would say it."""
        whole = not self.worded and len(self.values) > 2 and bool((np.diff(self.values) == 1).all())
        if whole:
            return f"{self.labels[0]}–{self.labels[-1]}"
        return "; ".join(f"{v:g} = {label}" if self.worded else label for v, label in zip(self.values, self.labels))


@dataclass(frozen=True)
class Question:
    """A question with its answers.

    Attributes
    ----------
    name : str
    scale : Scale
    answer : (n,) array of int
        Number of the answer in the scale; -1 for none.
    missing : list of (str, int)
        Why there is no answer, and how often: the codes given, and nothing entered.
    """

    name: str
    scale: Scale
    answer: np.ndarray
    missing: list

    @property
    def value(self) -> np.ndarray:
        """(n,) array of numbers to average; NaN for no answer."""
        return np.where(self.answer >= 0, self.scale.values[self.answer], np.nan)

    @property
    def good(self) -> np.ndarray:
        """(n,) array of 0 and 1 that the share is of; NaN for no answer."""
        return np.where(self.answer >= 0, self.scale.good[self.answer], np.nan).astype(float)

    def is_answer(self, k: int) -> np.ndarray:
        """(n,) array of 0 and 1: who gave answer ``k`` of the scale; NaN for no answer."""
        return np.where(self.answer >= 0, self.answer == k, np.nan).astype(float)


def plain(text: object) -> str:
    """Return a text by which answers are compared: one form of each letter, no capitals, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", str(text)).casefold().replace("’", "'").split())


def as_number(text: str) -> float:
    """Return the number that a text says, in the digits of any script; NaN for none."""
    try:
        return float(plain(text).replace(",", ".").replace("−", "-").replace("_", "x"))
    except ValueError:
        return np.nan


def by_question(text: str, questions: Sequence[str], parameter: str) -> dict:
    """Split a setting into what it says of each question: ``field: ...`` lines, and one for all others.

    Returns
    -------
    dict of str to str
        "" is what holds for all others.
    """
    out: dict = {}
    for line in (line.strip() for line in text.splitlines()):
        if not line:
            continue
        head, colon, rest = line.partition(":")
        name = head.strip() if colon and head.strip() in questions else ""
        if name in out:
            raise InputError(
                parameter, "Two lines are about {question}. Write one line for each question: 'name of the field: ...'"
                " and at most one line without a name, for all others.",
                question=f"'{name}'" if name else "all questions")
        out[name] = rest.strip() if name else line
    return out


def make_scale(text: str, good: str, parameter: str = "SCALE", good_parameter: str = "SHARE_OF") -> Scale:
    """Read a scale, and which of its answers the share is of.

    Parameters
    ----------
    text : str
        ``1-5``, labels, or codes with labels, separated by semicolons.
    good : str
        Codes or labels, separated by semicolons; "" takes all above the middle of the scale.
    """
    span = _RANGE.match(unicodedata.normalize("NFKC", text).replace("−", "-"))
    if span:
        low, high = int(span.group(1)), int(span.group(2))
        if low >= high or high - low >= _MOST:
            raise InputError(parameter, "'{given}' is no scale: write the least and the greatest mark, such as 1-5.",
                             given=text)
        values, labels = np.arange(float(low), high + 1), [str(v) for v in range(low, high + 1)]
        worded, coded = False, True
    else:
        values, labels, worded, coded = _listed(text, parameter)
    middle = (values.min() + values.max()) / 2
    if not good.strip():
        return Scale(values, labels, worded, values > middle, coded)
    chosen = [_find(part, values, labels, coded) for part in _parts(good)]
    if not chosen or min(chosen) < 0:
        wrong = next((part for part, k in zip(_parts(good), chosen) if k < 0), good)
        raise InputError(good_parameter, "'{answer}' is no answer of the scale {scale}. Name codes or labels of the"
                         " scale, separated by semicolons.", answer=wrong,
                         scale=Scale(values, labels, worded, values > middle).written())
    return Scale(values, labels, worded, np.isin(np.arange(len(values)), chosen), coded)


def _parts(text: str) -> list:
    return [part.strip() for part in re.split(r"[;；]", text) if part.strip()]


def _listed(text: str, parameter: str) -> tuple:
    parts = _parts(text)
    pairs = [part.partition("=") for part in parts]
    coded = [bool(sign) and np.isfinite(as_number(code)) for code, sign, _ in pairs]
    if len(parts) < 2 or (any(coded) and not all(coded)):
        raise InputError(
            parameter, "'{given}' is no scale. Write 1-5, or the answers from low to high separated by semicolons"
            " (Never; Sometimes; Often), or codes with labels (1 = Never; 2 = Sometimes; 3 = Often).", given=text)
    if all(coded):
        values = np.array([as_number(code) for code, _, _ in pairs])
        labels = [label.strip() or f"{value:g}" for value, (_, _, label) in zip(values, pairs)]
        order = np.argsort(values, kind="stable")
        labels, worded, own = [labels[i] for i in order], True, True
        values = values[order]
    else:
        numbers = np.array([as_number(part) for part in parts])
        if np.isfinite(numbers).all():
            values, worded, own = np.sort(numbers), False, True
            labels = [f"{value:g}" for value in values]
        else:
            values, labels, worded, own = np.arange(1.0, len(parts) + 1), parts, True, False
    if len(set(values.tolist())) < len(values) or len({plain(label) for label in labels}) < len(labels):
        raise InputError(parameter, "'{given}' names an answer twice. Write each once.", given=text)
    return values, labels, worded, own


def _find(text: str, values: np.ndarray, labels: list, coded: bool) -> int:
    """Number of the answer that a text says; -1 for none."""
    names = [plain(label) for label in labels]
    if plain(text) in names:
        return names.index(plain(text))
    # where the scale has words alone, the numbers that stand for their order are nobody's answer
    hit = np.flatnonzero((values == as_number(text)) & coded)
    return int(hit[0]) if len(hit) else -1


@dataclass(frozen=True)
class Outside:
    """Values of a question that its scale does not have.

    Attributes
    ----------
    name : str
    scale : Scale
    values : list of (str, int)
        Most frequent first.
    filled : int
        Rows with anything entered.
    naive, clean : float
        Mean with these values taken for marks, and without them; NaN where they are no numbers.
    """

    name: str
    scale: Scale
    values: list
    filled: int
    naive: float
    clean: float

    def likely(self) -> list:
        """Values that look like a code for no answer."""
        return [value for value, count in self.values if looks_missing(value, count, self.scale, self.filled)]


def looks_missing(value: str, count: int, scale: Scale, filled: int) -> bool:
    """Whether a value looks like a code for no answer rather than a slip: 8, 9, 99, -1, "don't know"."""
    number = as_number(value)
    if not np.isfinite(number):
        said = plain(value).strip(" .-–()*")
        return not said or any(said == word or (len(word) > 4 and said.startswith(word)) for word in _NO_ANSWER)
    low, high = scale.limits
    nines = number > high and bool(re.fullmatch(r"[789]|6{2,}|7+|8+|9+|9+[678]", f"{number:g}"))
    return number < 0 or nines or (number == 0 and low > 0) or (number == high + 1 and count >= max(5, 0.02 * filled))


def read_question(
    name: str, texts: np.ndarray, scale: Scale, missing: Sequence[str], parameter: str = "MISSING_CODES",
) -> Question | Outside:
    """Put the texts of a column on their scale.

    Parameters
    ----------
    name : str
    texts : (n,) object array of str or None
    scale : Scale
    missing : sequence of str
        Codes of no answer.

    Returns
    -------
    Question, or Outside where a value is neither an answer nor a code of no answer

    Raises
    ------
    InputError
        If a code of no answer is an answer of the scale.
    """
    codes = [str(code).partition("=")[0].strip() for code in missing]
    told = {code: str(text).strip() for code, text in zip(codes, missing)}
    for code in codes:
        if _find(code, scale.values, scale.labels, scale.coded) >= 0:
            raise InputError(
                parameter, "'{code}' cannot mean no answer, because it is an answer of the scale {scale} of"
                " '{question}'. Write a line of its own for that question: '{question}: codes', or change the scale.",
                code=code, scale=scale.written(), question=name)
    filled = np.array([t is not None and plain(t) != "" for t in texts], dtype=bool)
    kinds, number, times = np.unique(np.array([plain(t) for t in texts[filled]], dtype=str), return_inverse=True,
                                     return_counts=True)
    answer_of = np.array([_find(kind, scale.values, scale.labels, scale.coded) for kind in kinds], dtype=np.int64)
    code_of = np.array([_code(kind, codes) for kind in kinds], dtype=np.int64)
    out = np.flatnonzero((answer_of < 0) & (code_of < 0))
    if len(out):
        order = out[np.argsort(-times[out], kind="stable")]
        numbers = np.array([scale.values[a] if a >= 0 else as_number(k) for a, k in zip(answer_of, kinds)])
        taken = np.isfinite(numbers) & (code_of < 0)
        on = answer_of >= 0
        naive = float(numbers[taken] @ times[taken] / times[taken].sum()) if np.isfinite(numbers[out]).any() else np.nan
        clean = float(numbers[on] @ times[on] / times[on].sum()) if on.any() else np.nan
        first = {kind: str(t).strip() for t in reversed(texts[filled].tolist()) for kind in [plain(t)]}
        return Outside(name, scale, [(first[kinds[i]], int(times[i])) for i in order], int(filled.sum()), naive, clean)
    answer = np.full(len(texts), -1, dtype=np.int64)
    if len(kinds):
        answer[filled] = answer_of[np.asarray(number).ravel()]
    counted = [(told[code], int(times[code_of == k].sum())) for k, code in enumerate(codes)]
    left = [(code, count) for code, count in counted if count] + [("", int((~filled).sum()))]
    return Question(name, scale, answer, [pair for pair in left if pair[1]])


def _code(kind: str, codes: Sequence[str]) -> int:
    """Number of the code of no answer that a text is; -1 for none."""
    number = as_number(kind)
    return next((k for k, code in enumerate(codes)
                 if plain(code) == kind or (np.isfinite(number) and as_number(code) == number)), -1)


def ask(outside: Sequence[Outside], rows: int, parameter: str = "MISSING_CODES") -> InputError:
    """Return the question to the user: what do these values mean, and how to answer.

    Parameters
    ----------
    outside : sequence of Outside
    rows : int
        Rows of the survey.
    """
    found = []
    for o in outside[:6]:
        values = ", ".join(f"{value} ({count}x)" for value, count in o.values[:8])
        more = f" and {len(o.values) - 8} more" if len(o.values) > 8 else ""
        found.append(f"'{o.name}' (scale {o.scale.written()}): {values}{more}")
    if len(outside) > 6:
        found.append(f"and {len(outside) - 6} more questions")
    first = next((o for o in outside if np.isfinite(o.naive) and np.isfinite(o.clean)), None)
    codes = list(dict.fromkeys(value for o in outside for value in o.likely()))
    slips = list(dict.fromkeys(value for o in outside for value, _ in o.values if value not in codes))
    text = ("There are values outside the scale, and only you can say what they mean. {found}. {effect}If they mean 'no"
            " answer' or 'don't know', write them into MISSING_CODES{codes}. {slips}Nothing was computed.")
    effect = (f"Taken for marks they would make the mean of '{first.name}' {first.naive:.2f} instead of"
              f" {first.clean:.2f}. " if first else "")
    suggested = f": these look so: {'; '.join(codes[:12])}" if codes else ", separated by semicolons"
    slip = (f"These do not look like codes: {'; '.join(slips[:8])}. Mend them in the data, or change SCALE. " if slips
            else "If they are answers, change SCALE. ")
    return InputError(parameter, text, found="; ".join(found), effect=effect, codes=suggested, slips=slip)
