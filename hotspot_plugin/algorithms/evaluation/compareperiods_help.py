"""The help page of the comparison of two periods."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the page in the user's language."""
    return tr(
        "<p>Compares the recorded incidents of two periods, in each area, for each type and as a whole, and says"
        " which changes are more than chance. A percentage cannot say that: from 1 to 3 is +200 % and mostly luck."
        "</p>"
        "<p><b>Feeding it.</b> Both periods may be in one layer (INCIDENTS). Where each period has a file of its"
        " own, give the earlier one as INCIDENTS and the later one as AFTER_INCIDENTS, both made by 'Prepare"
        " incident data' with the same mapping. Give the unlocated incidents too: where the share of records with"
        " a place changes, counts on the map change with it although nothing happened on the street.</p>"
        "<p><b>Periods</b> include their first and last day. Unequal lengths (also leap years) are accounted for:"
        " rates, percentages and tests are per day. Compare the same season, and whole weeks or months. Where dates"
        " say no more than the month, only whole months are taken.</p>"
        "<p><b>Fields of the result</b></p><ul>"
        "<li><b>CUR_CNT, PREV_CNT, DIFF_CNT</b>: counts of the later and the earlier period, and their difference.</li>"
        "<li><b>PERC, perc_low, perc_high</b>: change per day in per cent with its exact 95 % interval (Clopper and"
        " Pearson); null where the previous count is 0, because there is no percentage of nothing.</li>"
        "<li><b>prev_rate, cur_rate</b>: incidents per 30 days.</li>"
        "<li><b>exp_cnt</b>: the count to expect had nothing changed: the previous one at the length of the current"
        " period; for areas chosen for their high previous count moved towards the mean (see below).</li>"
        "<li><b>z_score</b>: 2 (&radic;current - &radic;previous), of rates where lengths differ. Beyond &plusmn;3"
        " is rare by chance (about 3 in 100 areas with counts of 5 or more); the map is coloured by it, never by"
        " per cent.</li>"
        "<li><b>p_value</b>: exact two-sided E-test (Krishnamoorthy and Thomson 2004), right for small counts; for"
        " unequal lengths with the pooled variance (Gu et al. 2008), because the other is lopsided then."
        " <b>q_value</b>: the same after allowing for the number of areas (Benjamini and Hochberg 1995).</li>"
        "<li><b>chg_class, chg_code</b>: 'more' or 'fewer' only with q below 0.05 and a change of 5 incidents or"
        " more; 'perhaps' where only z is beyond &plusmn;3 and the change 5 or more.</li></ul>"
        "<p><b>Areas chosen because they had many incidents</b> (hot spots of the earlier period) have fewer later"
        " even if nothing is done: part of a high count is luck that does not come back. Say so in SELECTED_ON; the"
        " tool finds it by itself where the layer carries the record of 'Find hot spots'. exp_cnt then is the"
        " empirical Bayes expectation, and the report shows it beside the observed count.</p>"
        "<p><b>Assumptions.</b> Incidents happen one by one, independently (Poisson). Series and repeat"
        " victimisation make chance larger than that, so treat p-values near 0.05 with care. The result is about"
        " <i>recorded</i> incidents: changes in recording, reporting or geocoding read like changes of crime. State"
        " known ones in NOTES; they are printed in the report and added to the sentence.</p>"
    )
