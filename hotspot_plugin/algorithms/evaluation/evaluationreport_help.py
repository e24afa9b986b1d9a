"""The help page of the report of an evaluation."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the page in the user's language."""
    return tr(
        "<p>Puts the results of an evaluation into one report that an analyst can defend and a council can read: the"
        " question, the design, the map, the data and what was left out, the results with their intervals, placebo and"
        " power, residents and their participation, what was delivered and what it cost, what could be wrong, the"
        " decision it feeds, and a paragraph in plain words. The page prints on A4 (print it to PDF from the browser);"
        " a JSON file with all numbers lies beside it.</p>"
        "<p><b>Feeding it.</b> Give the layers or tables that the tools of the evaluation wrote (RESULTS): each carries"
        " its record. In a model, or where a layer was saved without its metadata, give the text PROVENANCE of a tool,"
        " or files of it (RECORDS). Taken are the results of 'Weighted displacement difference', 'Difference in"
        " differences', 'Interrupted time series', 'Synthetic control', 'Before, during and after dated events', 'Test"
        " change in spatial pattern', 'Compare two periods by area', 'Smallest detectable change', 'Treated, buffer and"
        " comparison areas', surveys and patrol dosage. Nothing is computed anew.</p>"
        "<p><b>Whether the designs agree.</b> The change in the treated areas is set side by side in per cent of what"
        " was to be expected. Of the weighted displacement difference that is its part in the treated areas over what"
        " was counted there less that part. Two designs contradict where both are clear and point in different"
        " directions, or where their intervals have nothing in common. Results without a comparison (two periods"
        " alone), of another question, or of a synthetic control with a poor fit are shown and do not count. Estimates"
        " of one place are never pooled: the designs use the same incidents and are no independent witnesses.</p>"
        "<p><b>Several places.</b> With 'The results are of different places' the effects of 'Difference in"
        " differences' are pooled: random effects (DerSimonian and Laird 1986), with the interval of Hartung and Knapp"
        " (2001) where that is wider, the fixed effect beside it, and whether places differ by more than chance"
        " (Cochran's Q, I²).</p>"
        "<p><b>Planned before, chosen after.</b> With the PLAN the report says which result is the one that was"
        " planned, when the plan was written, whether its file was changed, and what differs.</p>"
        "<p><b>No finding is no proof.</b> Where nothing is beyond chance the report says so, gives the changes that"
        " fit all designs, and how small a fall would have been missed.</p>"
        "<p><b>Participation</b> is written as a list: Meetings held = 4 > 12, one a line. From the REGISTER come"
        " deliveries (dose), costs, the meetings at which the PROBLEM was asked about, and the time until an"
        " answer.</p><p><b>Output</b>: one row for each result that states a change, with its interval and whether it"
        " counts.</p><p><b>Limits.</b> The report is as good as the results it gathers; assumptions and warnings of"
        " each tool are carried over. Texts that you write are printed as they are: name no persons.</p>"
    )
