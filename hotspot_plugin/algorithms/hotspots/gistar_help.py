"""The help page of the hot spot analysis."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the page in the user's language."""
    return tr(
        "<p>Finds hot spots and cold spots: places where high (or low) values gather more than chance allows. For"
        " each place the values in its neighbourhood, itself included, are added up and compared with what the "
        "same values would give if they lay on the places in random order.</p>"
        "<p><b>When to use it:</b> you have areas or points with a count, a sum or a rate and want to know where "
        "the high ones gather. If you have incidents, 'Find hot spots' counts them and finds the hot spots in one"
        " step.</p>"
        "<p><b>What the fields mean</b></p>"
        "<ul>"
        "<li><b>GiZScore</b>: how far the sum lies above (+) or below (-) the expected one, in standard "
        "deviations under random order.</li>"
        "<li><b>GiPValue</b>: how often chance alone would give a sum that far out on its side, doubled because "
        "both hot and cold are looked for. It is never corrected for the number of places.</li>"
        "<li><b>Gi_Bin</b>: 3, 2, 1 = hot spot with 99, 95, 90 % confidence; -3, -2, -1 = cold spot; 0 = not "
        "significant; empty = not tested, because the place has no neighbour, no value, or the values do not "
        "vary. Only this field carries the control of false discoveries.</li>"
        "<li><b>NNeighbors</b>: neighbours with a value, the place itself not counted.</li>"
        "</ul>"
        "<p><b>Method:</b> Gi* and Gi of Getis and Ord (1992) as standardised by Ord and Getis (1995), with "
        "binary weights; false discoveries by Benjamini and Hochberg (1995). The normal curve is only right where"
        " a neighbourhood expects some 25 incidents: on sparse counts it draws hot spots around one or two "
        "incidents. The automatic method therefore computes, for counts that expect fewer, the exact distribution"
        " of the sum of as many values drawn without replacement; other values (rates) are drawn at random 99,999"
        " times or more where their sum is as uneven. For Gi the values are those of the other places only.</p>"
        "<p><b>Permutations</b> are the conditional ones of PySAL and GeoDa: the place keeps its value, its "
        "neighbours are drawn from all others, so they ask whether the surroundings are unusual, whatever the "
        "place itself is. The p-values can therefore differ from those of the automatic method.</p>"
        "<p><b>Assumptions and limits:</b> a hot spot is high compared with the other places of this layer, not "
        "with an outside standard. Use rates where the places differ much in people or size. Places at the edge "
        "have fewer neighbours. Neighbouring results share most of their values and are not independent. "
        "Distances are metres; layers in degrees or feet are projected first.</p>"
    )
