"""The help page of the synthetic control."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the page in the user's language."""
    return tr(
        "<p>For one or few treated areas and a long time before: finds the weights with which comparison areas together"
        " went as the treated ones did before the start, and reads off what they would have had afterwards (Abadie,"
        " Diamond and Hainmueller 2010). With many treated areas use 'Difference in differences'.</p>"
        "<p><b>Feeding it.</b> Areas with a role (treated, control) and either incidents with the date of the start, or"
        " counts in fields in order of time. Areas around the treated ones (displacement) take no part: what moved"
        " there must not count as what would have happened anyway. Ten or more units of time before the start and ten"
        " or more comparison areas are the least that makes sense; with fewer than 19 comparison areas no result can"
        " reach 5 %, and the tool says so.</p>"
        "<p><b>How it works.</b> Counts of several treated areas are added and divided by their number. Weights are not"
        " negative and sum to 1, so nothing is extrapolated: the treated must lie within the range of the others. The"
        " effect is the recorded less the expected number, for all treated areas and all units after the start. As"
        " published, the weights that fit best before the start are taken; with many comparison areas they fit noise."
        " The default adds to the sum of squares what the noise of the weighted counts costs in other units (weight"
        " squared x mean count, as for Poisson counts), which spreads the weights.</p>"
        "<p><b>What is chance.</b> Groups of as many areas are looked at as if something had been done there (placebos;"
        " all groups, or DRAWS of them at random), each with weights of the remaining ones. The treated areas take part"
        " in this with the effect found taken off again, so that the test keeps its level. P_VALUE is the"
        " share of placebos, the treated one counted, whose mean gap after the start is as large, in units of what was"
        " missed before; P_RATIO is the same for the ratio of RMSPE after to before. The 95 % interval holds the"
        " effects that this test does not reject.</p>"
        "<p><b>Assumption:</b> without the measure the treated areas would have gone on like their weighted comparison."
        " It can be looked at only before the start (FIT: RMSPE before over the mean of the treated; above 0.25 nothing"
        " should be read off). The interval further takes the treated areas as drawn from the same kind as the"
        " comparison areas. <b>Treated areas chosen for their many incidents before the start</b> fall by themselves"
        " (regression to the mean): part of such a fall is then read as an effect. Choose comparison areas by"
        " the same rule (SELECTED_ON).</p>"
        "<p><b>Fields</b>: weight, counts before and after of each comparison area; in the series: treated (per area),"
        " synthetic, gap, and the middle 95 % of the gaps of the placebos.</p>"
        "<p><b>Limits.</b> A gap that could be chance is no proof that there was no effect. Whatever else happened in"
        " the treated areas at that time is part of the gap. Dates say when incidents were recorded to have happened;"
        " late reports make the last units too low: end earlier (UNTIL).</p>"
    )
