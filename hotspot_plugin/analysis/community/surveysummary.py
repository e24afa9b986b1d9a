"""Results of a survey by area and group: who answered, what they said, and who was not heard."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..progress import Progress, silent
from ..significance import benjamini_hochberg
from . import survey
from .survey import Beside, Design, Estimates
from .surveyscale import Question

#: answers from which a share is shown whatever its error, and the relative standard error up to which fewer do
ENOUGH, LARGEST_RSE = 30, 0.30
#: false discovery rate at which an area or group is called different
LEVEL = 0.05
ABOVE, ALIKE, BELOW, TOO_FEW = 1, 0, -1, 9
#: Respondents whose class is known from which on the sample is compared with the population.
LEAST_COMPARED = 10


@dataclass(frozen=True)
class Group:
    """Respondents by a variable: area, age, language.

    Attributes
    ----------
    name : str
    classes : list of str
        The real ones first, then those of respondents whose class is not known.
    code : (n,) array of int
    real : int
        How many classes are real ones.
    """

    name: str
    classes: list
    code: np.ndarray
    real: int

    @property
    def counts(self) -> np.ndarray:
        """(k,) array: respondents of each class."""
        return np.bincount(self.code, minlength=len(self.classes))

    @property
    def among(self) -> np.ndarray:
        """(n,) array of int: the real class of each respondent, -1 where it is not known."""
        return np.where(self.code < self.real, self.code, -1)


@dataclass(frozen=True)
class Missing:
    """Who did not answer a question.

    Attributes
    ----------
    group : Group or None
        None for all respondents.
    rate : Estimates
        Share without an answer, each respondent counting once (no weights).
    q : (k,) array
        p-value of a difference from the other classes after allowing for the number of classes.
    """

    group: Group | None
    rate: Estimates
    q: np.ndarray


@dataclass(frozen=True)
class Part:
    """What the classes of a group say to a question; one class for all respondents.

    Attributes
    ----------
    group : Group or None
    respondents : (k,) array of int
    share, mean : Estimates
    share_bounds, mean_bounds : (array, array)
        Least and most that the estimate could be, whatever those without an answer think.
    beside : Beside
        The measure compared, each class beside all others.
    q : (k,) array
    hidden, unsure : (k,) array of bool
        Too few respondents to tell anything of; too few answers to show a share.
    code : (k,) array of int
        :data:`ABOVE`, :data:`ALIKE`, :data:`BELOW` or :data:`TOO_FEW`.
    """

    group: Group | None
    respondents: np.ndarray
    share: Estimates
    mean: Estimates
    share_bounds: tuple
    mean_bounds: tuple
    beside: Beside
    q: np.ndarray
    hidden: np.ndarray
    unsure: np.ndarray
    code: np.ndarray


@dataclass(frozen=True)
class Result:
    """A question with its results.

    Attributes
    ----------
    question : Question
    missing : list of Missing
        Of all, then by group.
    answers : list of Estimates
        Share of each answer of the scale among all.
    answers_by : list of list of Estimates
        The same by group, in the order of ``parts``.
    whole : Part
    parts : list of Part
        By group.
    """

    question: Question
    missing: list
    answers: list
    answers_by: list
    whole: Part
    parts: list


def summarise(
    question: Question, design: Design, plain: Design, groups: list, least: int, public: bool, by_mean: bool = False,
    progress: Progress = silent,
) -> Result:
    """Compute the results of a question.

    Parameters
    ----------
    question : Question
    design : Design
        With the weights of the estimates.
    plain : Design
        The same strata and clusters with a weight of 1 for each respondent, for non-response.
    groups : list of Group
    least : int
        Fewest respondents and answers of which anything is told.
    public : bool
        Withhold a second class where the one that is withheld could be found by subtraction.
    by_mean : bool
        Compare means, not shares.
    progress : Progress
    """
    absent = (question.answer < 0).astype(float)
    missing, parts, by = [], [], []
    for i, group in enumerate([None, *groups]):
        progress(i / (len(groups) + 1))
        missing.append(_missing(absent, plain, group, progress))
        parts.append(_part(question, design, group, least, public, by_mean, progress))
        code, classes = (group.code, len(group.classes)) if group else (None, 1)
        by.append([survey.estimate(design, question.is_answer(k), code, classes, share=True, progress=progress)
                   for k in range(len(question.scale.values))])
    return Result(question, missing, by[0], by[1:], parts[0], parts[1:])


def _missing(absent: np.ndarray, plain: Design, group: Group | None, progress: Progress) -> Missing:
    if group is None:
        return Missing(None, survey.estimate(plain, absent, share=True), np.full(1, np.nan))
    rate = survey.estimate(plain, absent, group.code, len(group.classes), share=True, progress=progress)
    p = survey.beside_others(plain, absent, group.code, len(group.classes), True, progress).p
    return Missing(group, rate, benjamini_hochberg(p))


def _part(
    question: Question, design: Design, group: Group | None, least: int, public: bool, by_mean: bool,
    progress: Progress,
) -> Part:
    code, classes = (group.code, len(group.classes)) if group else (None, 1)
    limits = question.scale.limits
    share = survey.estimate(design, question.good, code, classes, share=True, progress=progress)
    mean = survey.estimate(design, question.value, code, classes, limits, progress=progress)
    given = survey.estimate(design, (question.answer >= 0).astype(float), code, classes, share=True)
    beside = Beside(np.full(classes, np.nan), np.full(classes, np.nan))
    if group is not None:
        found = survey.beside_others(design, question.value if by_mean else question.good, group.among, group.real,
                                     not by_mean, progress)
        beside.difference[: group.real], beside.p[: group.real] = found.difference, found.p
    hidden = withheld(share.n, group.real if group else 1, least, public)
    unsure = (share.n < ENOUGH) & ~(share.rse <= LARGEST_RSE) & ~hidden
    # what is not shown is not tested either, so that it does not weigh on the others
    dim = hidden | (unsure & (not by_mean))
    beside.difference[dim], beside.p[dim] = np.nan, np.nan
    q = benjamini_hochberg(beside.p)
    verdict = np.where(dim, TOO_FEW, np.where(q < LEVEL, np.sign(beside.difference), ALIKE)).astype(np.int64)
    respondents = group.counts if group else np.array([len(question.answer)])
    return Part(group, respondents, share, mean, survey.bounds(share.value, given.value, (0.0, 1.0)),
                survey.bounds(mean.value, given.value, limits), beside, q, hidden, unsure, verdict)


def withheld(n: np.ndarray, real: int, least: int, public: bool) -> np.ndarray:
    """Which classes have too few answers to tell anything of.

    Parameters
    ----------
    n : (k,) array of int
    real : int
        How many of them are real classes; the sum over all is told.
    least : int
    public : bool
        Where a single class is withheld, the next smallest is too: else it could be found by subtraction.
    """
    hidden = n < least
    if public and (hidden & (n > 0)).sum() == 1 and len(n) > 1:
        rest = np.where(hidden, np.iinfo(np.int64).max, n)
        hidden[int(rest.argmin())] = True
    return hidden


@dataclass(frozen=True)
class Heard:
    """A group of the survey beside the population.

    Attributes
    ----------
    group : Group
    people : (k,) array
        Residents of each real class.
    sample : Estimates
        Share of each class among the respondents whose class is known.
    share : (k,) array
        Share of the population.
    short : (k,) array
        Respondents to expect by the population, less those there are; both weighted as the sample was drawn.
    q : (k,) array
    code : (k,) array of int
        :data:`BELOW` for a class that was heard too little, :data:`ABOVE` for one heard more than its share.
    """

    group: Group
    people: np.ndarray
    sample: Estimates
    share: np.ndarray
    short: np.ndarray
    q: np.ndarray
    code: np.ndarray


def heard(group: Group, people: np.ndarray, base: Design) -> Heard:
    """Compare who answered with who lives there.

    Parameters
    ----------
    group : Group
    people : (k,) array
        Residents of the real classes; NaN where it is not known: neither these nor their respondents are compared.
    base : Design
        With the weights of the drawing, before raking: what it corrects is not a lack of voices.
    """
    known = np.isfinite(people)
    inside = (group.code < group.real) & np.append(known, np.zeros(1, bool))[np.minimum(group.code, group.real)]
    total = float(people[known].sum())
    share = np.where(known, people / max(total, 1e-12), np.nan)
    member = np.where(inside, 0, -1)
    each = [survey.estimate(base, (group.code == k).astype(float), member, share=True) for k in range(group.real)]
    sample = Estimates(*(np.concatenate([getattr(e, name) for e in each]) for name in Estimates.__dataclass_fields__))
    p = np.where(known, survey.against_known(sample, share), np.nan)
    q = benjamini_hochberg(p)
    # of a sample drawn with unequal chances, as many as its weights say
    short = np.where(known, (share - sample.value) * inside.sum(), np.nan)
    # of a handful of respondents each class would seem to speak too much or too little
    clear = (q < LEVEL) & (sample.n >= LEAST_COMPARED)
    code = np.where(clear, np.where(sample.value < share, BELOW, ABOVE), ALIKE)
    return Heard(group, people, sample, share, short, q, code.astype(np.int64))
