"""The help page of the crime summary table."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the page in the user's language."""
    return tr(
        "<p>The table for the Monday meeting: each type, each area and each type in each area, over the last 7 and 28"
        " days and the year, beside what was before. Where things happen is for 'Find hot spots'; whether one change"
        " is real, for 'Compare two periods by area'.</p>"
        "<p><b>Windows.</b> All end on AS_OF; left empty, on the last day that is recorded fully.</p><ul>"
        "<li><b>7 days</b>, beside the mean of the 8 weeks before.</li>"
        "<li><b>28 days</b>, beside the 28 before and the 28 that end on the same date last year. 28 days hold every"
        " weekday four times.</li>"
        "<li><b>Year to date</b>, beside last year to the same date (28 February for the 29th). With a leap year one"
        " of them has a day more: z and per cent are a day, and the report gives the days.</li></ul>"
        "<p>A window that the data do not cover is empty, never 0: where they begin later, or where days are missing"
        " that chance would not leave without any record.</p>"
        "<p><b>What is more than chance.</b> For equal windows z = 2 (&radic;now &minus; &radic;before); for unequal"
        " ones the square roots of the daily rates, scaled alike. The expected range of a week is (&radic;m &minus;"
        " 1.5)&sup2; to (&radic;m + 1.5)&sup2; around the mean m of the 8 weeks before (z of &plusmn;3). An arrow, a"
        " word and a colour stand only at z of 3 or beyond and at least 5 incidents apart, for in a table of hundreds"
        " of lines something always looks dramatic. The report says how many would stand out by chance alone."
        " Incidents that come in series, and seasons, make more of them: it is a reason to look, not a finding.</p>"
        "<p><b>Per cent</b> is empty where the count before is under 30: from 1 to 3 is +200 % and mostly chance. It"
        " never colours anything.</p>"
        "<p><b>Sums.</b> Lines of one level (whole, type, area, type in area) add up to the whole. Records outside"
        " all areas and without a place have lines of their own. <i>n_all</i> counts every record, whatever its date:"
        " its sums are the rows of the layers read. A type in an area without any record has no line.</p>"
        "<p><b>Before you read it out.</b> Recent days still grow while reports come in; set AS_OF a few days back if"
        " yours come late. A type that is new or renamed this year looks like a rise: the log names such types. Dates"
        " that say only the month cannot be used.</p>"
        "<p><b>Fields.</b> <i>level, area, ctype</i>: the line. <i>n_7, exp_7, exp_7_low, exp_7_high, z_7</i>: the"
        " week and its expected range. <i>n_28, n_28_prev, z_28, perc_28</i>; <i>n_28_year, z_28_year, perc_year</i>;"
        " <i>ytd, ytd_last, z_ytd, perc_ytd</i>. <i>weeks, spark</i>: the last 13 weeks, oldest first. <i>flags</i>:"
        " what stands out.</p>"
        "<p><b>Internal.</b> Small numbers of a type in an area can point to a person. What shall leave the building"
        " is made by 'Prepare data for publication'.</p>"
        "<p><b>Sources.</b> Poisson z and weekly charts for crime counts: Wheeler 2016, Tables and graphs for"
        " monitoring temporal crime trends.</p>"
    )
