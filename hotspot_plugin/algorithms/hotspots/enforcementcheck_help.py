"""The help page of 'Officer-initiated activity check'."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the page in the user's language."""
    return tr(
        "<p>Searches for hot spots twice, with and without the records that officers began themselves (stops, searches,"
        " drugs found, checks on patrol), and says which hot spots stay, vanish, appear or change their rank.</p>"
        "<p><b>When to use it:</b> before a map of hot spots sends officers anywhere, above all when 'Find hot spots'"
        " warns that more than 10 % of the incidents were found by officers. Such records say where officers looked. A"
        " map made of them sends officers there again, and the next map agrees (Lum and Isaac 2016; Ensign and others"
        " 2018).</p>"
        "<p><b>Who found it:</b> the field <i>proactive</i> that 'Group and weigh crime types' adds, any field of yes"
        " and no, or SOURCE_FIELD with the values that mean officers. That may be the type, where there is no source:"
        " Drugs; Possession of weapons. Incidents without a value count as reported by others and are told. What a"
        " company's staff find (shop theft) is not officers' work and stays in.</p>"
        "<p><b>Like with like:</b> both searches are those of 'Find hot spots' with the same study area, cells, test,"
        " period and limits, MIN_COUNT included; only the incidents differ.</p>"
        "<ul>"
        "<li><b>kept:</b> at least half of the hot spot's area lies in hot spots of the search without officers'"
        " records. Its partner is the one that shares most of its area; rank_wo is the partner's rank.</li>"
        "<li><b>rank changed:</b> kept, and its rank changes beyond chance.</li>"
        "<li><b>vanished:</b> less than half of it is left.</li>"
        "<li><b>appears:</b> a hot spot without officers' records, of which less than half was hot before.</li>"
        "</ul>"
        "<p><b>What chance does:</b> with fewer incidents weak hot spots vanish whatever is removed. So as many"
        " incidents are removed at random and searched again, DRAWS times: a permutation test of the hypothesis that"
        " who found an incident has nothing to do with where it lies. <i>p_thin</i> is the share of removals in which"
        " the same happens to the hot spot, rank_low to rank_high the ranks of 95 % of them. <i>pro_q</i> is the exact"
        " (hypergeometric) probability that officers' share in its outline differs so much from elsewhere, corrected"
        " for the number of hot spots (Benjamini and Hochberg 1995). A change is <i>beyond</i> chance if both are below"
        " 0.05.</p>"
        "<p><b>Fields of the hot spots compared:</b> hs_status, beyond, rank_with, rank_wo, rank_low, rank_high, n"
        " (incidents in the outline), n_wo (without officers' records), pro_share (officers' share), pro_q, pro_type"
        " (commonest type of officers' records), overlap_sh (share of the area in hot spots of the other search),"
        " p_thin, area_ha.</p>"
        "<p><b>Reading it:</b> a hot spot that vanishes beyond chance rests on officers' work: it may be a real drugs"
        " market, a festival, a custody suite or a habit of patrol. Ask what the public reports there before sending"
        " more officers. One that vanishes within chance was weak to begin with. The layer of hot spots without"
        " officers' records is the one for 'Generate patrol zones'; show the ranks of both.</p>"
        "<p><b>Limits:</b> reports of the public are not free of habit either: who calls, and what is recorded, differs"
        " between neighbourhoods. Records that belong together (one stop, three offences) make pro_q too small. A table"
        " of types says what officers find as a rule, not who began this record: a source field is better.</p>"
        "<p>Lengths are metres; layers in degrees or feet are projected first.</p>"
    )
