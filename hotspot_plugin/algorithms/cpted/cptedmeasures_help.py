"""The help of 'CPTED measures and budget'."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the help in the user's language."""
    return tr(
        "<p>From weak principles, crime types and hours of each place to measures that fit, each with the reason, what"
        " is known of its effect, its side effects and whom to ask; and, with your budget and your costs, the set that"
        " prevents most.</p>"
        "<p><b>What is proposed.</b> A measure of the catalogue is proposed where its principle scores below WEAK,"
        " where something happened that it is meant for (by type, by day or by night), where its condition holds, and"
        " where it does not exist already (EXISTING). Night is from {start} to {end} o'clock. What was not measured is"
        " not taken for weak. Measures that take something away from people who use a place (closing a path, gates,"
        " removing seats) are left out unless ALLOW_RESTRICTIVE.</p>"
        "<p><b>The catalogue</b> is a table to be read and changed (CATALOGUE_COPY saves it). Effects are shares"
        " prevented as published for other places, with the source; low_is says what the lower end is: the lowest of"
        " several reviews, or half of the estimate by rule, where only one is known. Read the source before a decision"
        " rests on its figure: not all of them were looked up again for this version. Measures without a published"
        " effect are listed and never chosen by the optimum; that nothing is published does not mean that they do not"
        " work.</p>"
        "<p><b>Costs</b> are yours: no amounts come with the plugin. COSTS has a line for each measure that you would"
        " pay for: measure, cost_low, cost_high, for one unit and over its whole life or as long as you count what it"
        " prevents. How many units a place takes is a rule of thumb of the catalogue (amount, per).</p>"
        "<p><b>The choice.</b> Expected is what was recorded in a year. Measures at one place overlap: together they"
        " prevent 1 − ∏(1 − e) of it and never the sum; of one family (two kinds of light) a place gets one at most."
        " All bundles of up to {most} measures of a place are candidates of a multiple-choice knapsack, solved exactly"
        " or with its gap stated. By default effects are taken at their lower and costs at their upper ends. Crimes"
        " behind doors (EXCLUDE), what officers found themselves, and incidents of an unknown hour, for measures of the"
        " night, count for nothing. NEXT tells what more money would buy.</p>"
        "<p><b>Fields.</b> n_prop, proposed, n_chosen, chosen, cost_low, cost_high, prev_low, prev_high by place; the"
        " table of proposals has a row for each measure at each place, with why.</p>"
        "<p><b>What this cannot say.</b> Effects come from other places and times and can be none, or harm, here."
        " Recorded numbers of few places swing by chance, and places that were chosen because they had many will have"
        " fewer next year without any measure (regression to the mean). Displacement is not counted. 'Relate crime to"
        " environment' does not feed this tool, because going together is no effect. Ask those who use the place before"
        " anything is decided.</p>")
