"""The help page of the incidents by day, week or month."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the page in the user's language."""
    return tr(
        "<p>Counts incidents by calendar day, week or month: the first look at any data, and the picture on which"
        " periods are chosen. Periods without incidents are there, with 0.</p>"
        "<p><b>What is not complete.</b> A period that is recorded in part looks like a fall. <i>complete</i> is false"
        " where a period begins before the data, holds days without any record that chance would not leave, or ends"
        " after the last day that seems recorded fully. That day is found as in 'Compare two periods by area' and"
        " 'Crime summary table': weeks (months) at the end with less than half of the usual number are left out, and"
        " a last day whose records stop early. Late entries that take less than half of a week are not seen so:"
        " 'Check incident data' measures them where the day of the report is known.</p>"
        "<p><b>What was to be expected.</b> A week is held against the 8 weeks before it, a day against the same"
        " weekday of the 8 weeks before, all of them complete: (&radic;m &minus; 1.5 &radic;s)&sup2; to (&radic;m +"
        " 1.5 &radic;s)&sup2; around their mean m. s is how much more the series varies than incidents that have"
        " nothing to do with one another, at least 1, from the median of all comparisons, if there are 20: holidays,"
        " weather and series of crimes make it. With s = 1 it is the range of the crime summary. More than 99 of 100"
        " periods stay in it by chance. <i>stands_out</i> also asks for 5 incidents. The log sets side by side how many"
        " stand out and how many would by chance. It is a reason to look, not a finding. Months have no range: the"
        " months before are another season.</p>"
        "<p><b>Which rows count.</b> All with a date, with or without a place. Left out and counted: rows dated before"
        " the first month with at least a quarter of the usual number (recorded later, in part), more than a year after"
        " nearly all others (errors), and, for days and weeks, dates that say only the month. COUNT, UNDATED and"
        " LEFT_OUT add up to all rows.</p>"
        "<p><b>Fields.</b> <i>per_start, per_end, per_days</i>: the period, both days included; <i>ctype</i>: the type,"
        " empty for all; <i>n</i>; <i>complete, not_compl</i>; <i>exp_mean, exp_low, exp_high, stands_out</i>.</p>"
        "<p><b>Assumptions and limits.</b> Days are those of the clock as written; with DAY_START police days. Months"
        " differ in length: <i>per_days</i> says by how much. Whether a change between two periods is more than"
        " chance is for 'Compare two periods by area'.</p>"
        "<p><b>Sources.</b> Weekly charts with Poisson limits for crime counts: Wheeler 2016, Tables and graphs for"
        " monitoring temporal crime trends.</p>"
    )
