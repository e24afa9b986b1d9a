"""The help of 'Maintenance and disorder'."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the help in the user's language."""
    return tr(
        "<p>Counts reports of disrepair (graffiti, litter, lights out, abandonment) at streets, areas or points: how"
        " many, how recent, how many open, how long repair takes, and how often the same spot is reported again. Its"
        " fields are indicators for 'Score CPTED'.</p>"
        "<p><b>Reports are not conditions.</b> Neighbourhoods with the same problem report at up to three times"
        " different rates. Give <b>all</b> reports of any kind to the city's hotline as ALL_REPORTS: rep_ratio then"
        " sets these reports, as a part of all reports of the place, beside the same part elsewhere. Without them the"
        " comparison is by length or area and says who reports as much as what is broken; that is told. What an auditor"
        " saw (AUDIT_FIELD, 0 neglected to 2 well kept) outranks reports in mnt_class, and the report lists where the"
        " two disagree.</p>"
        "<p><b>Which reports.</b> All within DISTANCE of a place; one near two streets counts at both, but once in the"
        " totals. Areas take what is inside. CATEGORIES picks kinds; make a run for each that you judge apart. A"
        " weight adds up in rep_sum and recent, and is not used for tests.</p>"
        "<p><b>Recency.</b> recent = Σ weight · 0.5^(age / HALF_LIFE), age from the report to AS_OF.</p>"
        "<p><b>Time to repair.</b> Days by which half are repaired (Kaplan and Meier 1958, interval by Greenwood on the"
        " logarithm, as R's survfit): open reports count as lasting at least until AS_OF, so that a service that leaves"
        " the hard ones open does not look fast. Empty where half are not reached.</p>"
        "<p><b>Again.</b> again_sh: of the repairs at least REPEAT_DAYS before AS_OF, the share after which the same"
        " kind was reported within REPEAT_DISTANCE of the spot and within REPEAT_DAYS.</p>"
        "<p><b>Classes.</b> more or fewer than elsewhere: exact test (binomial given the sum), false discovery rate"
        " 5 %. mnt_class: seen poor, fair or good (thirds of the audit's scale), else by reports. 'Nothing reported'"
        " is not 'well kept'.</p>"
        "<p><b>Fields for 'Score CPTED'.</b> rec_dens (recent reports per 100 m or hectare), rep_ratio, n_open,"
        " fix_days and again_sh can be lines of a profile with the measure value; less is better in all of them. n_rep"
        " counts rows, rep_sum adds up weights, n_fixed and n_open leave out what is not known; open_max are the days"
        " that the oldest open report has been open.</p>"
        "<p><b>Assumptions and limits.</b> The test takes reports for independent; ten calls about one wall are not,"
        " so look at the spot before you act on a difference. A report closed on paper counts as repaired. Reports that"
        " nobody makes are invisible: who has no time, no phone or no trust does not report. Few reports are no proof"
        " of order, and many are a sign of neighbours who care as well.</p>")
