"""The help page of dated events."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the page in the user's language."""
    return tr(
        "<p>For events with a date at many places: street lights out and repaired, cameras switched on, premises"
        " closed. Compares the days during and after the events with the days before, in rings round the places. With"
        " an end the event is over (before, during, after); without one the change stays (before, after).</p>"
        "<p><b>Each place is its own control.</b> The incidents that a place had in two states of its calendar are"
        " split between them: a Poisson model with an effect for every place, which drops out of the calculation"
        " (conditional maximum likelihood, as in a self-controlled case series). Busy and quiet places, or light and"
        " dark ones, are thus never compared with each other. A place without any incident says nothing"
        " about the ratio.</p>"
        "<p><b>Rings.</b> An incident belongs to the nearest place and counts once, in the ring of its distance. Rings"
        " are the result and no setting to try out: all of them are shown, and the intervals and p-values allow for the"
        " number looked at (rings times states times parts of the day; Bonferroni for intervals, Holm for p).</p>"
        "<p><b>The calendar of a place.</b> Every day of the incidents' time is one of: during (from the start to the"
        " day before the end), before (BEFORE_DAYS up to the start), after (AFTER_DAYS from the day after the end),"
        " left out, or far from any event. Left out are LEAD days before the start, as reports come late; the day of"
        " the end; LAG days after it; days after one event and before the next of the same place; and days on which an"
        " event ran within NEAR_EVENTS at another place or may have begun. Events that overlap at one place are one."
        " So each day at each place counts once, in one state, and the days are added up exactly. Where the change"
        " stays, a near one takes days before only.</p>"
        "<p><b>Season, trend, weekday.</b> Days count by what the town leads to expect: the mean of 28 days round them,"
        " times the weekday, from incidents beyond all rings (from all, where those are fewer than 200 in 28 days). The"
        " doubt of this level is in the intervals.</p>"
        "<p><b>Intervals.</b> From the score test, with the variance between places (sandwich) or that of the placebo"
        " dates where these are larger than Poisson's; with up to 40 incidents at least as wide as the exact interval."
        " So they hold with few incidents and with none on one side, where a ratio has no end.</p>"
        "<p><b>Placebo dates.</b> The calendar of each place is moved by a number of days drawn at random; what goes"
        " over the end of the data comes in at the beginning. The share of such draws with a difference as large needs"
        " no model. A ratio is called more than chance only if its interval for all ratios and the placebo dates both"
        " say so.</p>"
        "<p><b>It assumes</b> that a place would have gone on as before and as the town did; that dates are right; that"
        " the event did not come because of the incidents (a rise just before the start speaks for that, see the weeks"
        " in the report); that nothing else came with it. Where an event works by night only, look at night and day:"
        " the day should show nothing.</p>"
        "<p><b>Limits.</b> During an event crime may move farther than the outermost ring: then it shows nowhere. A"
        " place with events most of the time has no days before. Few incidents for each event mean wide intervals:"
        " “could be chance” is then no proof that there is no effect, and the report says how large one would have had"
        " to be. Days are whole days; a night belongs to the date of its evening.</p>"
        "<p><b>Sources.</b> Farrington 1995 (self-controlled case series); Cameron and Trivedi 2013, Regression"
        " Analysis of Count Data, chapter 9; Holm 1979; on street lights Chalfin, Kaplan and LaForest 2022.</p>"
    )
