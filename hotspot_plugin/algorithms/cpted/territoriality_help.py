"""The help page of frontage and boundaries."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the page in the user's language."""
    return tr(
        "<p>Measures how the edges of places are marked, and whose land meets there: how much of a frontage has a fence"
        " or wall, where public land meets private land and whether that is marked, what lies vacant, and how mixed"
        " uses and owners are. It is the territorial part of CPTED (crime prevention through environmental design) as"
        " numbers that anyone can check on a map. Every part is measured only where its layers are given.</p>"
        "<p><b>More fence is not better.</b> A low hedge can mark a boundary that a high wall only hides behind, and"
        " walls take eyes off the street. Read the numbers with 'Overlooked streets (natural surveillance)'.</p>"
        "<p><b>Frontage</b> is the edge of an area, or both sides of a street's centre line.</p>"
        "<p><b>Fences and walls</b> cover the part of the frontage that lies square in front of them: up to DISTANCE"
        " inside the edge (and 2 m outside it), or up to DISTANCE from the centre line. A fence between two plots that"
        " only meets the frontage covers none of it. A gap is an opening of MIN_GAP or more between two of them; gates"
        " and driveways are gaps, and so are houses, unless their outlines are given as walls.</p>"
        "<p><b>Transition.</b> Every 2 m along the frontage the land at DISTANCE inside is compared with that at"
        " DISTANCE outside; for a street, which is public itself, with the land on that side. PUBLIC_VALUES says what"
        " is public, other known land is private. Land that no polygon covers is what UNCOVERED says. Where the two"
        " sides differ, public meets private: <i>trans_sh</i> is its share of the frontage known on both sides,"
        " <i>mark_sh</i> the share of it with a fence or wall.</p><p><b>Vacant land</b>: land whose use is one of"
        " VACANT_VALUES, or polygons of VACANT, as a share of the area (of a street: of both sides); points of VACANT"
        " are counted in an area, or within DISTANCE of a street. Land without a known use is left out of the"
        " share.</p><p><b>Mix</b> = - sum p ln p / ln k (Shannon 1948), p the share of each use (or owner) in the unit"
        " and k the number of uses that occur in any of the units: 0 one use, 1 all uses alike. k is told; results with"
        " another list of uses cannot be compared. Pieces of less than 1 m2 are flaws of the drawing and do not"
        " count.</p><p><b>Fields</b></p><ul>"
        "<li><b>front_m, bound_sh, gaps, gap_max</b>: frontage, share with a fence or wall, gaps and the widest; of"
        " streets also <b>bound_l, bound_r</b>, left and right as drawn.</li>"
        "<li><b>trans_sh, mark_sh, pub_sh</b>: transition, its marked share, share of public land.</li>"
        "<li><b>land_sh, vac_sh, vac_n</b>: share of the land that is known, share vacant, vacant places.</li>"
        "<li><b>use_mix, n_uses, top_use, own_mix, n_owners</b>: the mix, how many, and the commonest use.</li></ul>"
        "<p><b>What a map cannot see</b>: the height of a fence and whether one can see through it, whether it stands"
        " or lies, signs, planting and paving that mark a border without any fence, who looks after a place, who feels"
        " at home there and who is shut out. The year of the survey matters: fences come and go. Zoning says what is"
        " allowed, not what is there. Walk there and ask before you decide; an audit outranks these numbers.</p>"
    )
