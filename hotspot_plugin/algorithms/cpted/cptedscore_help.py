"""The help of 'Score CPTED'."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the help in the user's language."""
    return tr(
        "<p>Scores places by crime prevention through environmental design: natural surveillance, access control,"
        " territoriality, maintenance and activity support, each from 0 (very weak) to 100 (very good), and overall."
        " Every number can be followed back: which indicator, its value, its scale, its weight.</p>"
        "<p><b>Profile.</b> A table says which indicators speak for which principle. Each has a measure: value (a field"
        " of the places, such as lux_mean of 'Street lighting' or an audit's mark), count, density (per 100 m of"
        " street, per hectare), share (of the place within a distance of features), distance (metres to the nearest),"
        " nearest (field of the nearest), mean (of a field) or raster (mean of a raster). Five profiles come with the"
        " plugin; they are starting points by judgement, not standards: change them with those who know the place, and"
        " keep one profile for all places and years that you compare.</p>"
        "<p><b>Scale.</b> The anchors low and high are the values of 0 and 100 points (low above high: less is better),"
        " in between in proportion, beyond cut off. They are fixed, so that scores compare between years and towns;"
        " percentiles of the data (p10) can be given, and scores then hold for this set of places alone.</p>"
        "<p><b>What is missing counts for nothing.</b> An indicator without a value is left out of the mean, and"
        " meas_sh says what share of the weights was measured. Below MIN_MEASURED (0.6) a place is 'not scored', and"
        " never gets a middling number. An audited indicator outranks a measured one of the same name.</p>"
        "<p><b>Weights.</b> As in the profile, equal, or from pairwise comparisons of the principles (analytic"
        " hierarchy process, Saaty 1980); comparisons with a consistency ratio above 0.10 are refused unless allowed."
        " Weights are judgements: need_low and need_high hold 90 % of the ranks over {draws} draws of other weights"
        " (SMAA, Lahdelma et al. 1998), and low10_sh says how often the place is in the lowest tenth.</p>"
        "<p><b>Mean.</b> Arithmetic lets strengths make up for weaknesses; geometric does so less, and order can"
        " change: look at both before you decide.</p>"
        "<p><b>Fields.</b> score, s_surv, s_acc, s_terr, s_main, s_act: points; score_cl: very weak (below 20), weak"
        " (40), fair (60), good (80), very good; weakest: the principle with the lowest score; need_rank: 1 is the"
        " lowest score.</p>"
        "<p><b>What this cannot see.</b> A map knows neither who feels safe, nor how a place is used, nor the height"
        " of a hedge. A score describes surroundings and says nothing about the people who live there; it does not"
        " show that crime is caused by them. Walk the place by day and by night, and ask those who use it, before"
        " anything is built or taken away.</p>").format(draws=500)
