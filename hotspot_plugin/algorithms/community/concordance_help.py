"""The help page of 'Compare crime with community concern'."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the help in the user's language."""
    return tr(
        "<p>Sets what is recorded beside what residents say, area by area, and names the places to talk about. Any two"
        " counted layers can be compared: crashes and crime, graffiti and mischief. Each area gets one of five classes:"
        " <b>too little to say</b>, <b>both high</b>, <b>felt but not recorded</b>, <b>recorded but not felt</b>,"
        " <b>both low</b>, and a sentence.</p>"
        "<p><b>High</b> means that the 95 % interval of the area's rate lies above the city's. <b>Not high</b> means"
        " that it stays below a ratio that would matter (1.5). Where it does neither, or where fewer than the minimum"
        " (5 within the agency, 10 for the public) are counted and to be expected, there is too little to say. 'Both"
        " low' is: neither is high.</p>"
        "<p><b>Rates</b> are per resident, kilometre of street or square kilometre, the same for both layers. Counts"
        " are Poisson, rates differ between areas as a gamma distribution (empirical Bayes, Clayton and Kaldor 1987);"
        " the intervals include that this distribution is itself estimated (Christiansen and Morris 1997), so that they"
        " are wide where few areas tell little, also where the best estimate is no difference at all. Small areas are"
        " drawn to the mean: they do not top the list by chance. Of the areas called high, the number to be expected"
        " to be wrong is told. In simulations of independent incidents fewer than"
        " 0.2 % of all areas are falsely called high.</p>"
        "<p><b>Voices, not reports</b>: a resident counts once in an area, however often he or she reports. Fewer"
        " voices than the minimum are neither shown nor turned into a rate.</p>"
        "<p><b>Categories and groups</b>: worry about dark streets beside burglaries compares nothing. Without PAIRS:"
        " unsafe with all; violence with violence, assault, robbery, weapons; harassment with harassment, stalking,"
        " public order; theft with theft, burglary, robbery; vehicle with vehicle crime; drugs with drugs; disorder"
        " with anti-social behaviour, public order, nuisance; damage with damage, mischief, arson, graffiti; light,"
        " rubbish, traffic and other with nothing. What is not compared is told, and where residents name it"
        " more than elsewhere the sentence says so. The headline takes all pairs together;"
        " the table and the report have each.</p>"
        "<p><b>Environment</b>: with CPTED scores, areas among the lowest quarter of those with enough measured are"
        " marked, and the sentence says so.</p>"
        "<p><b>Overall</b>: rank correlation of both rates, with an interval that allows for neighbours that are alike"
        " (Clifford, Richardson and Hemon 1989); its test is the more cautious of that and a permutation.</p>"
        "<p><b>Fields</b>: exposure; n_first, exp_first, rr_first, lo_first, hi_first and the same for the second;"
        " joint (0 too little, 1 both low, 2 first only, 3 second only, 4 both high), joint_cl, n_besides,"
        " rr_besides, hi_besides, env_score, env_low, talk_rank, sentence.</p>"
        "<p><b>What this cannot say</b>: who speaks is not who lives there, and few voices are not no worry. Felt but"
        " not recorded can be disorder, fear, something long past, or crime that nobody reported; the numbers do not"
        " tell which. Incidents that come in series make intervals too narrow."
        " Where areas overlap, the first in the layer holds what lies in both. Other areas, drawn otherwise, can give"
        " other classes: try a second size.</p>"
    )
