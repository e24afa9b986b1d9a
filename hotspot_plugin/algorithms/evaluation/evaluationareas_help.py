"""The help page of the areas of an evaluation."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the page in the user's language."""
    return tr(
        "<p>Lays out an evaluation before it is counted: treated areas go in; rings around them, in which incidents"
        " that move would turn up, areas to compare with, and rings around these come out, with their role in a field."
        " The result is the input of 'Weighted displacement difference', 'Smallest detectable change', 'Difference in"
        " differences' and 'Synthetic control'.</p>"
        "<p><b>Nothing after the start is looked at.</b> Areas are chosen by the incidents before START alone; later"
        " ones are let go as they are read, and a time before that reaches the start is refused.</p>"
        "<p><b>Areas to compare with.</b> Give a layer (beats, cells, other hot spots found by the same rule), or leave"
        " it empty: then cells as large as the middle treated area are taken. Left out, counted and told are areas on"
        " treated ground, nearer than EXCLUSION to a treated area (what moves there would count as what would have"
        " happened anyway), on the ground of OTHER treatments widened by OTHER_BUFFER, and, where the treated areas"
        " were chosen for their many incidents, areas that the same rule would not have chosen. Of the rest those are"
        " taken that together are most alike in level (incidents a year), trend (its change from year to year, the"
        " slope of a line of least squares through units of 28 or 7 days, or months), the count on the days of choice,"
        " and other fields (MATCH_FIELDS): optimal assignment, each area once, the distance being the root mean square"
        " of the differences in standard deviations. CALIPER sets how far a pair may differ in any of them. AS_GIVEN"
        " takes your areas as they are and shows the same balance.</p>"
        "<p><b>Balance.</b> Standardised mean differences, before any choice and after: up to 0.1 alike, up to 0.25"
        " nearly (Austin 2009; Stuart 2010); and the ratio of variances. They are measured by the pooled standard"
        " deviation before the choice, so that both can be compared.</p>"
        "<p><b>Chosen for their many incidents?</b> Such areas fall by themselves (regression to the mean). SELECTED_ON"
        " says how the treated areas were chosen; the record of 'Find hot spots' and 'Generate patrol zones' is read."
        " Comparison areas must then have had at least the count of the least treated area on the same days, or be"
        " found by the same tool for the same days, so that both fall alike. Days of choice after the start are"
        " refused. The days stay in the record, and the tools that evaluate take them from there.</p>"
        "<p><b>Rings.</b> RING_DISTANCE around each area, straight or along STREETS (ground within STREET_DEPTH of a"
        " street that one can walk to within the distance; lines that cross without a common corner, as bridges do, are"
        " not joined). No ring holds ground of an area of the evaluation, of another treatment or of another ring: what"
        " two rings reach goes to the nearer area (in steps of a sixth of the distance), to the treated before the"
        " comparison. What was cut out is told. Look at half and at twice the distance too: nobody knows how far"
        " incidents move.</p>"
        "<p><b>Plan.</b> PLAN_OUT writes areas, periods, outcome and test with the time at which it was written, and is"
        " never replaced. The tools that evaluate then say what was planned before and what was chosen after.</p>"
        "<p><b>Assumption:</b> without the measure the treated areas would have gone on like the others. Likeness"
        " before the start speaks for it and does not prove it. <b>Limits.</b> Matching on counts with much chance in"
        " them makes pairs that drift apart again by themselves (Daw and Hatfield 2018): CHANCE_SHARE says how much of"
        " the differences is chance; a longer time before lowers it. With more than one comparison area for each"
        " treated area the counts must be weighed later (WEIGHTING by area).</p>"
    )
