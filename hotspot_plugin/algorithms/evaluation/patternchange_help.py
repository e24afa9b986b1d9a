"""The help page of the change in spatial pattern."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the page in the user's language."""
    return tr(
        "<p>Asks whether incidents are spread over the areas as they were before: <b>shares, not numbers</b>. If every"
        " area halves, the pattern is the same. So the tool answers “did it move?” and “does burglary lie where robbery"
        " lies?”, never “did it fall?”: for that use 'Compare two periods by area'.</p>"
        "<p><b>When to use it:</b> for the places of a whole town over two periods, or for two kinds of data (crime and"
        " calls, crashes and crime): give one as INCIDENTS and the other as AFTER_INCIDENTS, or both as counts in two"
        " fields of the areas.</p>"
        "<p><b>How an area is judged</b> (METHOD)</p><ul>"
        "<li><b>Test of proportions</b> (Wheeler, Steenbeek and Andresen 2018): is the area's share of the later"
        " incidents that of the earlier ones? p is two-sided; q allows for the number of areas, however they depend on"
        " each other (Benjamini and Yekutieli 2001), and an area changed where q is below 0.05. Chi-square is taken"
        " times (N - 1) / N, and Fisher's exact test steps in where an expected number is below 1 (Campbell 2007).</li>"
        "<li><b>Resampling</b> (Andresen 2009): 200 samples of 85 % of the later incidents; the five lowest and highest"
        " shares are dropped, and the area is similar where the earlier share lies in the rest. The sixth lowest and"
        " sixth highest are taken from the hypergeometric distribution that the samples follow, so nothing is drawn and"
        " the answer is always the same. It depends on which period is called the earlier, and does not allow for the"
        " number of areas.</li></ul>"
        "<p><b>S</b> is the share of areas that are similar: of all areas (global), of those with an incident in either"
        " period (robust; empty areas are no proof of likeness), and over the number that could be similar at all"
        " (generalised, for few incidents on many areas). <b>S alone proves nothing:</b> with few incidents chance"
        " makes patterns differ, in the resampling form by very much. So the incidents of each area are parted between"
        " the periods at random (DRAWS), and S is shown beside what chance alone makes of it. P_VALUE is for the"
        " pattern as a whole, by chi-square over all areas with the same draws.</p>"
        "<p><b>Fields of the result</b></p><ul>"
        "<li><b>PREV_CNT, CUR_CNT, prev_share, cur_share</b>: counts and shares of the earlier and the later"
        " period.</li>"
        "<li><b>diff_share, diff_low, diff_high</b>: later less earlier share with its 95 % interval (Newcombe 1998),"
        " not allowing for the number of areas.</li>"
        "<li><b>pat_p, pat_q</b>: as above; empty in the resampling form and without incidents.</li>"
        "<li><b>localS, pat_class</b>: 1 gained, 0 similar, -1 lost; empty where there is no incident.</li></ul>"
        "<p><b>Assumptions and limits.</b> Incidents are taken as independent: series and repeats at one address make"
        " chance larger than assumed. Shares sum to 1: where one area gains much, others lose share though nothing"
        " happened there, so look at the numbers too. “Similar” means that no change was shown, not that there was"
        " none. Areas chosen because they had many incidents lose share by chance alone (regression to the mean): use"
        " areas that cover the whole place. Smaller areas show less; other boundaries give another S. Where geocoding"
        " or recording changed in one part of town, the pattern changes with it.</p>"
    )
