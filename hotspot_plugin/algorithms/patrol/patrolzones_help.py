"""The help page of the patrol zones."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the page in the user's language."""
    return tr(
        "<p>Chooses where to patrol: the hot spots that together hold the most incidents within what there is to"
        " spend (hectares, kilometres of street, or officer-hours a day), and groups near ones into compact zones"
        " that can be walked in one visit.</p>"
        "<p><b>When to use it:</b> after 'Find hot spots', with its hot spots as input; or with any areas that carry"
        " a number (grid cells, blocks, places with a harm score).</p>"
        "<p><b>How it works</b></p>"
        "<ol>"
        "<li>Areas within the merging distance grow into zones of at most the largest area, from the densest on."
        " Gaps between them become part of the zone and count as its ground, because a patrol walks through them."
        " The boundary ends a zone; zones share no ground. Each step of a growth is a candidate.</li>"
        "<li>Of all sets of at most so many candidates that fit the budget, the one with the most incidents is"
        " taken: exactly, by dynamic programming (Nemhauser and Ullmann 1969) with a Lagrangian bound, or, where"
        " that would take too long, the best found with its distance from the best possible (GAP). The choice is"
        " the best among these candidates; another way of grouping could hold more or less. Of equal plans the"
        " cheaper one is taken, and the same data always give the same zones.</li>"
        "<li>With incidents that have dates, each zone gets its weekly peak: consecutive days and hours that hold"
        " more than an even week would (scan statistic, Kulldorff 1997), in the shifts where these are given. Shifts"
        " may cross midnight; with a police day that begins at 06:00, what begins at 02:00 belongs to the day"
        " before.</li>"
        "</ol>"
        "<p><b>Whose records make the zones:</b> of classified incidents (fields proactive and public_pl), those that"
        " officers found themselves and those of types that no patrol sees are counted, told and left out, unless you"
        " keep them; the ranks that the first would have made are shown. Records of officers draw officers to where"
        " they have been. The number that areas bring along was counted before: there, only the share of such records"
        " in each zone can be shown.</p>"
        "<p><b>The response proposed (kind, kind_why)</b> is that of the first of these rules that a zone meets; all"
        " others that it meets are named beside it. The thresholds are stated conventions, not findings:</p>"
        "<ol>"
        "<li><b>place manager</b>: more than 50 % of the incidents (of at least 5) at one place;</li>"
        "<li><b>environment</b>: more than 50 % of the residents with a wish ask for light or repair;</li>"
        "<li><b>guardian</b>: more than 50 % of the incidents are thefts from homes or of and from vehicles;</li>"
        "<li><b>guardian</b>: more than 50 % are of types that no patrol sees;</li>"
        "<li><b>environment</b>: 60 % or more of the known times between 20:00 and 06:00, beyond chance, and not on"
        " some nights of the week alone;</li>"
        "<li><b>patrol</b>: a peak of at least 1.5 times an even week, p below 0.05;</li>"
        "<li><b>patrol</b>: more than 50 % of the residents with a wish ask for patrol;</li>"
        "<li><b>guardian</b>: no window of the week holds 1.5 times its part, so incidents are spread over it;</li>"
        "<li><b>patrol</b>: fewer than 30 known times or a peak that could be chance, and nothing else speaks.</li>"
        "</ol>"
        "<p>It is a proposal to be judged by those who know the place, after the problem analysis triangle (Eck 2003):"
        " who runs the place, who looks after what is theirs, what in the place makes it easy.</p>"
        "<p><b>Residents:</b> reports in a zone or within the distance of it count, by voice: one resident counts once"
        " for each thing named, whatever the number of reports. What fewer than 5 voices say is not told. Their wishes"
        " do not move zones, but they come before peaks in the response proposed, and a main wish other than patrol is"
        " a warning. <b>Groups</b> of residents play no part in anything: their share in the zones is shown beside"
        " that in the whole area, so that nobody's burden stays hidden.</p>"
        "<p><b>Planning visits:</b> a visit of 12 to 20 minutes does more than a drive past and more than a longer"
        " stay (Koper 1995); a unit can serve 2 to 5 hot spots in a shift, in an order that cannot be foreseen."
        " <b>When the hours do not suffice, drop visits, not minutes:</b> never under 12 minutes, and one visit of"
        " 15 to 20 minutes a day is a plan that has worked (Basford et al. 2021). Officer-hours of a zone = visits a"
        " day x (minutes of a visit + travel) x officers / 60. Plan no more than about 40 % of the time that calls"
        " leave free; expect about 60 % of it to be delivered.</p>"
        "<p><b>What the fields mean</b></p>"
        "<ul>"
        "<li><b>rank, n, share</b>: rank by the incidents of its areas; share of all incidents (of the incident"
        " layer where given, counted in the zone's own ground, <b>n_inside</b>).</li>"
        "<li><b>area_ha, street_km, hours, residents</b>: what the zone costs and whom it concerns.</li>"
        "<li><b>peak_days, peak_from, peak_to, peak_share</b>: empty where fewer than 30 incidents of the zone have"
        " a known time of day. <b>peak_lift</b>: times more than an even week; <b>peak_p</b>: chance makes such a"
        " peak somewhere in the week with at most this probability; above 0.05 it may be chance. Times that stand"
        " for 'unknown' (a pile at 00:00) and spans of more than a day take no part; shorter spans are spread"
        " evenly over their hours. A window past midnight belongs to the day on which it begins.</li>"
        "<li><b>place1_sh</b>: share of the busiest single place. Where it is more than half, the zone is one address:"
        " think of its place manager, not of patrol.</li>"
        "<li><b>voices, top_conc, conc_share, conc_mean, top_wish, wish_share</b>: residents who reported in or near"
        " the zone, what most of them are concerned about and wish, and with which share; two names where they are"
        " level.</li>"
        "<li><b>n_pro, pro_share, n_notpub, rank_pro</b>: incidents in the zone that officers found themselves, their"
        " share, those that no patrol sees, and the rank with the first counted; empty where it is not known.</li>"
        "<li><b>next_gain</b>: incidents that the next zone in rank adds per officer-hour, hectare or kilometre; in"
        " the last row, what a larger budget would add.</li>"
        "</ul>"
        "<p><b>Limits:</b> zones repeat what the records hold: where police look, more is recorded. A place chosen"
        " because last year was bad tends to look better next year by itself: the record of the zones says on which"
        " days they were chosen, and 'Compare two periods by area' allows for it. Who does not report is not heard."
        " Who lives in the zones is part of the decision: without a population layer the report says that it was not"
        " checked. Distances are metres; layers in degrees or feet are projected first.</p>"
    )


def numbers(tr: Callable[[str], str]) -> tuple:
    """Return name, title and help of each number."""
    return (
        ("ZONE_COUNT", tr("Zones"), tr("Number of zones chosen.")),
        ("INCIDENT_SHARE", tr("Share of the incidents"), tr(
            "Share (0 to 1) of all incidents that the zones hold: of the incident layer (within the boundary)"
            " where given; else of those that the input's field 'share' was counted of; else of those in the"
            " areas given.")),
        ("AREA_SHARE", tr("Share of the land"), tr(
            "Share (0 to 1) of the boundary's land that the zones take; without a boundary, of the ground that"
            " the incidents span; without incidents, of the areas given.")),
        ("ZONE_AREA", tr("Hectares"), tr("Hectares of all zones.")),
        ("STREET_KM", tr("Kilometres of street"), tr("Kilometres of street in all zones; none without streets.")),
        ("OFFICER_HOURS", tr("Officer-hours"), tr("Officer-hours a day that visiting all zones takes.")),
        ("RESIDENTS", tr("Residents"), tr("People who live in the zones; none without a population layer.")),
        ("GAP", tr("Gap"), tr(
            "How far the incidents held can be from the best choice among the candidates, as a share of it; 0"
            " where the best is proved.")),
        ("NEXT_COST", tr("Next step of the budget"), tr(
            "The larger budget that NEXT_GAIN is about, in hectares, kilometres or officer-hours; none without a"
            " budget.")),
        ("NEXT_GAIN", tr("Incidents that it would add"), tr(
            "Incidents that a budget larger by NEXT_COST would add with as many zones at most.")),
        ("NEXT_ZONE_GAIN", tr("Incidents that one more zone would add"), tr(
            "With the same budget and one more zone allowed.")),
        ("PROACTIVE_SHARE", tr("Share found by officers"), tr(
            "Share (0 to 1) of the incidents, within the boundary, that officers found themselves; none without the"
            " field 'proactive'.")),
        ("SINGLE_PLACES", tr("Zones of one place"), tr(
            "Zones in which more than half of the incidents lie at one place.")),
        ("NOT_PATROL", tr("Zones that ask for something else"), tr(
            "Zones for which another response than patrol is proposed.")),
    )
