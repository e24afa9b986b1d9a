"""What the tools of an evaluation found, in plain words: a sentence, what belongs to it, and what to doubt."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from ..reports import formats
from ..translation import tr
from .page import REFUSED

#: Standard deviations up to which areas were alike, and nearly so; as 'evaluationareas' says it.
_ALIKE, _NEARLY = 0.1, 0.25
#: Times as large as planned that the smallest change to be seen must be, after the fact, to say so.
_LARGER = 1.25
#: Level of all tests.
_LEVEL = 0.05


@dataclass(frozen=True)
class Finding:
    """An answer.

    Attributes
    ----------
    mood : str
        good (it can be said), calm (nothing is shown) or doubt.
    headline, text, doubt : str
    """

    mood: str
    headline: str
    text: str = ""
    doubt: str = ""


def asked_as() -> dict:
    """Return how the steps ask for what the tools call by a name of their own."""
    return {
        "MISSING_CODES": tr("Values that mean &no answer"), "SCALE": tr("What could be &answered"),
        "QUESTIONS": tr("&Questions"), "TREATED": tr("Which of these areas did the measure &reach?"),
        "START": tr("Since &when?"), "SELECTED_ON": tr("&How were these areas chosen?"),
        "CANDIDATES": tr("Choose similar areas &from"), "RING_DISTANCE": tr("How far is &next door?")}


def refusal(text: str) -> str:
    """Return why a tool refused, with what the user is to change called as the step calls it.

    Parameters
    ----------
    text : str
        As the tools say it: "Title (PARAMETER): reason".
    """
    asked, about = asked_as(), REFUSED.match(text)
    if about is not None:
        text = f"{about[2]}: {text[about.end():]}" if about[2] in asked else text[about.end():]
    for name, question in asked.items():
        text = re.sub(rf"\b{name}\b", tr("'{question}'").format(question=question.replace("&", "")), text)
    return text


def record(outcome: Any) -> dict:
    """Return the record of a run."""
    try:
        return json.loads(outcome.results.get("PROVENANCE") or "{}")
    except ValueError:
        return {}


def effect(outcome: Any) -> Any:
    """Return the change in per cent of what was to be expected, as the evaluation report takes it; None without."""
    from ..analysis.evaluation import evaluationreport

    return evaluationreport.effect_of(0, record(outcome))


def _count(value: Any) -> str:
    return formats.number(abs(value), 0)


def _one(value: float) -> str:
    """Return a difference, in incidents fewer or more."""
    if round(value) == 0:
        return tr("no change")
    return (tr("{count} fewer") if value < 0 else tr("{count} more")).format(count=_count(value))


def _range(low: Any, high: Any) -> str:
    """Return an interval of a difference, in incidents fewer or more."""
    return tr("{low} to {high}").format(low=_one(low), high=_one(high))


def percent(value: float) -> str:
    """Return a change in per cent in words."""
    if round(value) == 0:
        return tr("no change")
    return (tr("{number} % fewer") if value < 0 else tr("{number} % more")).format(number=_count(value))


# --- step 2 ---------------------------------------------------------------------------------
def compared(outcome: Any) -> Finding:
    """Compared with what, and how alike these were."""
    found = outcome.results
    number, past = found.get("CONTROL") or 0, found.get("CONTROL_PAST")
    worst = found.get("SMD_WORST")
    if worst is None:
        mood, alike = "doubt", tr("How alike they were before cannot be said.")
    elif worst <= _ALIKE:
        mood, alike = "good", tr("They went alike before.")
    elif worst <= _NEARLY:
        mood, alike = "good", tr("They went nearly alike before.")
    else:
        mood, alike = "doubt", tr("They were not alike before.")
    headline = tr("{treated} areas, compared with {number} others. {alike}").format(
        treated=found.get("TREATED"), number=number, alike=alike)
    text = tr("Before the start {treated} incidents were recorded where something was done, and {others} in the"
              " others.").format(treated=formats.number(found.get("TREATED_PAST")), others=formats.number(past))
    rings = found.get("TREATED_RINGS") or 0
    if rings:
        text += " " + tr("The ground around them is looked at too, because trouble may move next door.")
    without = found.get("WITHOUT_PARTNER") or 0
    if without:
        text += " " + tr("For {count} areas no similar one was found.").format(count=without)
    doubt = tr("We take it that both would have gone the same way without the measure. Nobody can see whether that is"
               " so.")
    if mood == "doubt":
        doubt = tr("Areas that differed before may go different ways for that reason alone. More areas to compare"
                   " with would help.") + " " + doubt
    return Finding(mood, headline, text, doubt)


# --- step 3 ---------------------------------------------------------------------------------
def moved(outcome: Any) -> Finding:
    """What changed, and what happened next door."""
    found = outcome.results
    wdd, low, high = (found.get(name) for name in ("WDD", "LOW", "HIGH"))
    next_door = found.get("DISPLACED") is not None
    where = tr("the areas and their surroundings") if next_door else tr("the areas")
    if low is None or high is None:
        return Finding("doubt", tr("How sure the difference is cannot be said."), "", _moved_doubt(found))
    unlike = _unlike(found, wdd, low, high)
    if unlike:
        headline = (tr("By numbers {count} fewer incidents than expected in {where}, but by shares it could be chance.")
                    if wdd < 0 else tr("By numbers {count} more incidents than expected in {where}, but by shares it"
                                       " could be chance.")).format(count=_count(wdd), where=where)
        mood = "doubt"
    elif low > 0 or high < 0:
        headline = (tr("{count} fewer incidents than expected in {where}.") if wdd < 0 else tr(
            "{count} more incidents than expected in {where}.")).format(count=_count(wdd), where=where)
        mood = "good" if wdd < 0 else "doubt"
    elif next_door and _beyond(found["LOCAL_LOW"], found["LOCAL_HIGH"]):
        headline = (tr("{count} fewer incidents than expected where something was done; together with next door it"
                       " could be chance.") if found["LOCAL"] < 0 else tr(
                           "{count} more incidents than expected where something was done; together with next door it"
                           " could be chance.")).format(count=_count(found["LOCAL"]))
        mood = "calm" if found["LOCAL"] < 0 else "doubt"
    else:
        headline = tr("No difference is shown for {where}: it could be chance.").format(where=where)
        mood = "calm"
    guess = tr("The best guess for both together is {guess}; anything from {range} fits what was counted (95 %).") \
        if next_door else tr("The best guess is {guess}; anything from {range} fits what was counted (95 %).")
    parts = [guess.format(guess=_one(wdd), range=_range(low, high))]
    if next_door:
        parts.append(_where_done(found))
        parts.append(_next_door(found))
    detectable = found.get("DETECTABLE")
    if low <= 0 <= high and detectable is not None:
        parts.append(tr("Only a fall of about {count} incidents or more would have been seen in 8 of 10 cases.").format(
            count=_count(detectable)))
    return Finding(mood, headline, "\n".join(parts), _moved_doubt(found, unlike))


def _unlike(found: dict, wdd: Any, low: Any, high: Any) -> bool:
    """Whether the difference by number is beyond chance and that by rate is not, or the other way."""
    net_low, net_high = found.get("NET_LOW"), found.get("NET_HIGH")
    if wdd is None or net_low is None or net_high is None:
        return False
    return (low > 0 or high < 0) and net_low <= 0 <= net_high


def _beyond(low: Any, high: Any) -> bool:
    """Whether an interval leaves out no change."""
    return low is not None and high is not None and (low > 0 or high < 0)


def _where_done(found: dict) -> str:
    low, high = found["LOCAL_LOW"], found["LOCAL_HIGH"]
    if low is None or high is None:
        return tr("Where something was done: cannot be said.")
    return tr("Where something was done: {guess} ({range}); {verdict}.").format(
        guess=_one(found["LOCAL"]), range=_range(low, high),
        verdict=tr("more than chance") if _beyond(low, high) else tr("it could be chance"))


def _next_door(found: dict) -> str:
    low, high, value = found["DISPLACED_LOW"], found["DISPLACED_HIGH"], found["DISPLACED"]
    if low is None or high is None:
        return tr("Next door: cannot be said.")
    if low > 0:
        verdict = tr("some of it seems to have moved there")
    elif high < 0:
        verdict = tr("they seem to have gained too")
    else:
        verdict = tr("it could be chance")
    return tr("Next door: {guess} ({range}); {verdict}.").format(
        guess=_one(value), range=_range(low, high), verdict=verdict)


def _moved_doubt(found: dict, unlike: bool = False) -> str:
    doubt = tr("It rests on the others showing what would have happened anyway, and on nothing moving farther than next"
               " door.")
    if unlike:
        doubt = tr("The areas had very different numbers of incidents, so this difference should not be used alone.") \
            + " " + doubt
    return doubt


# --- step 4 ---------------------------------------------------------------------------------
def sure(power: Any, other: Any, before: Any, why: str = "") -> Finding:
    """How small a change could have been seen, and whether another way to ask says the same.

    Parameters
    ----------
    power, other, before : Outcome or None
        Of 'detectableeffect', 'diffindiff', 'weighteddisplacement'.
    why : str
        Why the other way could not be gone.
    """
    parts, doubts, mood, headline = [], [], "calm", ""
    if power is not None:
        headline = _smallest(power.results, before.results if before is not None else {})
    if other is not None:
        said, doubt = _other(other.results)
        parts.append(said)
        doubts.append(doubt)
        mood, verdict = _agree(before, other)
        parts.insert(0, headline)
        headline = verdict
    elif why:
        mood = "doubt"
        parts.append(tr("Asking another way was not possible: {why}").format(why=why))
    doubts.append(tr("Both ways use the same records: that they agree says that the answer does not hang on one"
                     " assumption, not that it is twice as sure.") if other is not None else tr(
                         "One way of asking rests on one assumption."))
    return Finding(mood, headline, "\n".join(part for part in parts if part), " ".join(doubts))


def _smallest(found: dict, later: dict) -> str:
    fall = found.get("FALL_PERC")
    if fall is None:
        return tr("With so few incidents not even an end of all of them would stand out from chance.")
    planned, seen = found.get("FALL_ALL") or found.get("FALL"), later.get("DETECTABLE")
    if planned and seen and seen > _LARGER * planned:
        return tr("By the time before, a fall by {percent} % ({count} incidents) would have been seen in 8 of 10 cases."
                  " But then the areas varied more than that: only a larger one would have been, see step 3.").format(
            percent=formats.number(fall, 0), count=_count(found["FALL"]))
    return tr("A fall by {percent} % ({count} incidents) or more would have been seen in 8 of 10 cases; a smaller one"
              " would often be missed.").format(percent=formats.number(fall, 0), count=_count(found["FALL"]))


def _other(found: dict) -> tuple[str, str]:
    value, low, high = (found.get(name) for name in ("EFFECT", "LOW", "HIGH"))
    if value is None or low is None or high is None:
        return tr("Asked another way, nothing can be said."), ""
    verdict = tr("it could be chance") if low <= 0 <= high else tr("more than chance")
    said = tr("Asked another way, as a share and step by step through time: {value} than the others ({low} to {high},"
              " 95 %); {verdict}.").format(value=percent(value), low=percent(low), high=percent(high), verdict=verdict)
    checks = [(found.get("TREND_P"), tr("the areas went apart already before the start")),
              (found.get("FAKE_P"), tr("a start in the middle of the time before, when nothing happened, shows an"
                                       " 'effect' too"))]
    failed = [text for p, text in checks if p is not None and p < _LEVEL]
    if failed:
        doubt = tr("A check failed: {failed}. The difference may not come from the measure.").format(
            failed=tr(" and ").join(failed))
    else:
        doubt = tr("Before the start the areas did not clearly go apart, and a made-up start shows nothing; both checks"
                   " would miss small differences.")
    if found.get("PLACEBO_COUNT"):
        doubt += " " + tr("Of {count} made-up choices of areas, {share} % show as much.").format(
            count=formats.number(found["PLACEBO_COUNT"]), share=formats.number(100.0 * found["PLACEBO_P"], 0))
    else:
        doubt += " " + tr("There are too few areas to try made-up choices of areas.")
    return said, doubt


def _agree(before: Any, other: Any) -> tuple[str, str]:
    from ..analysis.evaluation import evaluationreport as analysis

    effects = [one for one in (effect(x) for x in (before, other) if x is not None) if one is not None]
    if len(effects) < 2:
        return "calm", tr("One way of asking gave an answer.")
    state = analysis.agreement(effects).state
    fewer = effects[0].value < 0
    return {
        analysis.ALL_CLEAR: ("good" if fewer else "doubt", tr(
            "Both ways agree: fewer incidents than expected where something was done.") if fewer else tr(
                "Both ways agree: more incidents than expected where something was done.")),
        analysis.SOME_CLEAR: ("doubt", tr("The two ways do not contradict each other, but only one sees a change beyond"
                                          " chance.")),
        analysis.NONE_CLEAR: ("calm", tr("Both ways agree that no change is shown; that is no proof that there was"
                                         " none.")),
        analysis.CONTRADICT: ("doubt", tr("The two ways contradict each other: do not use either alone.")),
    }.get(state, ("calm", tr("One way of asking gave an answer.")))


# --- step 5 ---------------------------------------------------------------------------------
def survey(outcome: Any, question: str) -> Finding:
    """What a survey says."""
    found = outcome.results
    value, low, high = (found.get(name) for name in ("EFFECT", "LOW", "HIGH"))
    alone = found.get("CONTROL_BEFORE") is None
    doubt = tr("Only those who answered are heard; others may think otherwise.")
    if found.get("TREATED_BEFORE") is None or value is None or low is None:
        return Finding("doubt", tr("Too few people answered to say what changed."), "", doubt)
    headline = tr("'{question}': high answers from {before} % before to {after} % after, where something was"
                  " done").format(question=question, before=formats.number(found["TREATED_BEFORE"], 0),
                                  after=formats.number(found["TREATED_AFTER"], 0))
    if alone:
        headline += "."
        doubt = tr("Nobody elsewhere was compared with, so opinion may have moved as much everywhere.") + " " + doubt
    else:
        headline += tr("; from {before} % to {after} % elsewhere.").format(
            before=formats.number(found["CONTROL_BEFORE"], 0), after=formats.number(found["CONTROL_AFTER"], 0))
    text = tr("The difference is {value} points; {low} to {high} fits the answers (95 %).").format(
        value=formats.number(value, 0, sign=True), low=formats.number(low, 0, sign=True),
        high=formats.number(high, 0, sign=True))
    clear = low > 0 or high < 0
    text += " " + (tr("That is more than chance.") if clear else tr("It could be chance."))
    detectable = found.get("DETECTABLE")
    if not clear and detectable is not None:
        text += " " + tr("A change of less than {points} points would often have been missed.").format(
            points=formats.number(detectable, 0))
    return Finding("calm", headline, text, doubt)  # whether more high answers are good depends on the question


def concern(before: Any, after: Any) -> Finding:
    """What reports of residents say before and after."""
    doubt = tr("Those who report are not all who live there, and more may report when somebody asks.")
    ends = [[one.results.get(name) for name in ("MEAN_CONCERN", "MEAN_LOW", "MEAN_HIGH")] for one in (before, after)]
    if any(value is None for row in ends for value in row):
        return Finding("doubt", tr("Too few residents reported there to say whether they worry less."), tr(
            "{before} reports before, {after} after.").format(before=before.results.get("REPORTS_USED"),
                                                              after=after.results.get("REPORTS_USED")), doubt)
    (one, low, high), (two, low2, high2) = ends
    apart = high2 < low or low2 > high
    if apart:
        headline = tr("Residents who report from there worry less than before.") if two < one else tr(
            "Residents who report from there worry more than before.")
    else:
        headline = tr("No clear change in how much residents who report from there worry.")
    text = tr("Mean worry from 1 (not at all) to 5 (very much): {one} before ({low} to {high}, {n} residents), {two}"
              " after ({low2} to {high2}, {m} residents).").format(
        one=formats.number(one, 1), low=formats.number(low, 1), high=formats.number(high, 1),
        n=before.results.get("VOICES"), two=formats.number(two, 1), low2=formats.number(low2, 1),
        high2=formats.number(high2, 1), m=after.results.get("VOICES"))
    return Finding("good" if apart and two < one else "doubt" if apart else "calm", headline, text, doubt)


def participation(before: Any, after: Any) -> str:
    """Return the line for the report."""
    values = [one.results.get("MEAN_CONCERN") for one in (before, after)]
    if any(value is None for value in values):
        return ""
    return "{} = {:.2f} > {:.2f}".format(tr("Mean worry of residents who report (1 to 5)"), *values)


# --- the report -----------------------------------------------------------------------------
def whole(outcome: Any) -> Finding:
    """The paragraph for those who read no numbers."""
    state = outcome.results.get("AGREEMENT")
    mood = {"all": "good", "contradict": "doubt", }.get(str(state), "calm")
    return Finding(mood, tr("The report is ready"), str(outcome.results.get("PLAIN") or ""))
