"""The help page of the smallest detectable change."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the page in the user's language."""
    return tr(
        "<p>How small a change could be seen at all? Ask before a pilot starts: with 50 incidents in the treated and"
        " 50 in the comparison areas only a fall by 36 (72 %) would be found in 8 of 10 cases. A pilot that cannot find"
        " what it hopes for ends in 'no difference shown', whatever it did.</p>"
        "<p><b>Feeding it.</b> The incidents of the time before: as numbers (TREATED_N, CONTROL_N and, for"
        " displacement, those around them), from areas with roles and a field of counts, or from areas and INCIDENTS."
        " BEFORE_MONTHS says what time numbers are of; AFTER_MONTHS how long will be counted after.</p>"
        "<p><b>Method.</b> The change is judged by the weighted displacement difference. The smallest one solves x ="
        " (z<sub>&alpha;</sub> + z<sub>&beta;</sub>) &radic;(variance if the change is x), with equal periods"
        " &radic;(2T - x + 2C): for 200 and 200 incidents 75.4 (38 %). With displacement areas their counts add to the"
        " variance, and what moves next door (MOVED) is taken off the difference. Overdispersion multiplies the"
        " variance; with INCIDENTS it is estimated from the time before. Checked by simulation in the tests: found in"
        " 80 of 100.</p>"
        "<p><b>How long, how many areas.</b> The table shows both periods longer, only the later one longer (which"
        " soon stops helping, because the time before stays as uncertain as it is), and more areas of each role.</p>"
        "<p><b>Surveys.</b> SHARE_BEFORE and SHARE_AFTER give the answers needed in each wave (two proportions with"
        " pooled variance, Fleiss, Levin and Paik 2003): 42 % against 50 % takes 609. They are multiplied by the design"
        " effect of clusters (1 + (m - 1) &times; likeness) and weights (Kish), divided by who answers, and made fewer"
        " where the same people are asked again (PANEL). With comparison areas the difference of two changes is judged:"
        " about twice as many, in each. RESPONDENTS asks the other way round: which change would so many answers"
        " show?</p>"
        "<p><b>Plan.</b> PLAN_OUT keeps areas, roles, periods, outcome and test in a file with the time at which it"
        " was written and a checksum; it is never replaced. The tools that evaluate read it and say what was planned"
        " before the results and what was chosen after.</p>"
        "<p><b>Assumptions.</b> The counts before are the true level; without the measure all areas change by the same"
        " number; power is that of the normal test, good from about 10 incidents on. Areas chosen for their high count"
        " fall by themselves: plan with a count from another time.</p>"
        "<p><b>Limits.</b> Power says nothing about one result: with 80 % one true change of that size in five is"
        " missed. Do not compute it after the fact from the effect that was found; the interval says what was"
        " learnt.</p>"
    )
