"""The help page of the interrupted time series."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the page in the user's language."""
    return tr(
        "<p>Did a series of counts change when something began, in level or in slope, beyond what its own past leads to"
        " expect? For a measure in one place, or in a whole town, with many units of time; with comparison areas the"
        " answer is much safer.</p>"
        "<p><b>Feeding it.</b> INPUT holds the treated areas (role treated), whose counts are added up, and if possible"
        " comparison areas (role control), added up too. Either INCIDENTS are counted by month, 28 days, week or"
        " quarter around START, or fields hold the counts in order of time. At least 8 units before and 4 after; 24"
        " months before are a good series.</p>"
        "<p><b>Model.</b> Segmented regression of counts (quasi-Poisson, the length of each unit allowed for): a line"
        " before, a step and another slope after, and the season as one or two waves a year where at least two years"
        " are there. With comparison areas the ratio of treated to comparison counts is modelled (quasi-binomial), so"
        " that season, weather, and changes of recording that both share cancel.</p>"
        "<p><b>Result.</b> The whole time after against what was to be expected is the headline: per cent, and"
        " incidents fewer. Level (at the start) and slope (for each unit after) stand beside; they pull against each"
        " other, so do not pick the nicer one.</p>"
        "<p><b>Interval.</b> The widest of three: counts that vary more than chance; Newey and West's for residuals"
        " that hang together; and residuals each following the last (AR(1)), its correlation corrected for what the"
        " regression takes away and enlarged by a standard error, as short series tell it badly. Durbin and Watson's"
        " and Ljung and Box's tests are told. How often the intervals hold is measured in the guide.</p>"
        "<p><b>Assumption.</b> Without the measure the line before, and the season, would have gone on (with comparison"
        " areas: the ratio). A line carried on far is a guess: the band shows how wide. Nothing else began at the same"
        " time: see NOTES; that cannot be checked from the counts.</p>"
        "<p><b>Plan.</b> PLAN is the file that 'Smallest detectable change' wrote before: the report says whether that"
        " was before the later period, and which areas or periods were chosen after.</p>"
        "<p><b>Limits.</b> No change shown is not “no effect”. Areas chosen for a recent high fall by themselves"
        " (regression to the mean), which here looks exactly like a step: say so in SELECTED_ON, use a long time"
        " before, and comparison areas that were chosen in the same way. The result is about <i>recorded</i>"
        " incidents.</p>"
    )
