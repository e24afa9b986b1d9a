"""The help page of the weighted displacement difference."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the page in the user's language."""
    return tr(
        "<p>Did places where something was done change more than places where nothing was done, with what may have"
        " moved around the corner counted? The answer is a number of incidents with its interval, which a council can"
        " read: 118 fewer, 95 % interval 40 to 196 fewer.</p>"
        "<p><b>WDD</b> = (&Delta;T - &Delta;C) + (&Delta;DT - &Delta;DC): the change in the treated areas less that in"
        " the comparison areas, and the same for the areas around each (Wheeler and Ratcliffe 2018). Its variance is"
        " the sum of the counts (Poisson), times overdispersion. The 95 % interval comes first, the 90 % one beside it"
        " (the published spreadsheet prints 90 %).</p>"
        "<p><b>Feeding it.</b> INPUT holds the areas and their roles: treated, control, treated_displacement,"
        " control_displacement. Either its fields hold the counts (BEFORE_FIELD, AFTER_FIELD; INPUT may then be a"
        " table), or INCIDENTS are counted in the areas in two periods. Displacement areas are needed round both or"
        " round neither. Several areas may have the same role; they are summed.</p>"
        "<p><b>Weights.</b> Periods of unequal length: earlier counts are divided by the ratio (from the dates, or from"
        " BEFORE_TIME and AFTER_TIME). Comparison areas of another size: by their area or another size over that of"
        " the treated areas (WEIGHTING 1 and 2), or each area's count by a field as it stands (3).</p>"
        "<p><b>Overdispersion</b> (&phi;): series, repeats and weather make counts vary more than chance. With"
        " INCIDENTS it is estimated from the time before: how the roles' counts of 28 days (7 days for short periods,"
        " months where dates say no more) move against one another, with what all share taken out (their"
        " squared distances over those of chance). With several areas of a role it is also estimated from how"
        " differently they changed; the larger is used, with Student's t. It is never below 1. Where neither can be"
        " done a warning says so: 1 is assumed, or state it in OVERDISPERSION. Slow drifts that differ between treated"
        " and comparison areas are not in it.</p><p><b>Types and harm.</b> With a type field each type has its row,"
        " with q-values for their number (Benjamini and Hochberg). Harm is the same difference of summed harm (field"
        " 'harm' of 'Group and weigh crime types', HARM_WEIGHTS, or a table of types), with the sum of squared harm as"
        " its variance.</p><p><b>WDQ</b>, the weighted displacement quotient, is the change around the treated areas as"
        " a share of their own (Bowers and Johnson 2003): above 1 the surroundings gained more, 0 to 1 they gained too,"
        " -1 to 0 some moved, below -1 more moved than was gained. It is 'not defined' where the treated areas did not"
        " fall against the comparison areas, or where that fall could be chance: its interval (Fieller) then has no"
        " bounds. The total net effect is the number prevented at the comparison areas' <i>rate</i> of change.</p>"
        "<p><b>Assumption.</b> Without the measure, treated and comparison areas would have changed by the same"
        " <i>number</i> of incidents. What can be checked is checked: whether they did so in the two halves of the time"
        " before, and whether they have about as many incidents. Areas chosen for a high count fall by themselves"
        " (regression to the mean): say so in SELECTED_ON, or keep the record of the layer, and the earlier count is"
        " replaced by its empirical Bayes expectation among all places of that size. That needs the incidents of the"
        " whole town.</p>"
        "<p><b>Limits.</b> No difference shown is not 'no effect': the report says how large a fall would have had to"
        " be to be found. One comparison area makes the result hang on what happened there. Few areas chosen by hand"
        " are no experiment. The result is about <i>recorded</i> incidents.</p>"
    )
