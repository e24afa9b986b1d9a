"""The help page of the counting tool."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the help in the user's language."""
    return tr(
        "<p>Gives each area the number of incidents in it: the start of most analyses by district, cell or street."
        " Rows add up: incidents in no area are counted and told, with the first row, and an incident on the side"
        " that two areas share belongs to exactly one of them (an area holds its west and south sides, like a grid"
        " cell; the outer side of all areas counts as inside).</p>"
        "<p><b>Polygons and cells</b>: n and per_km2. Where areas overlap, every area counts all that it holds,"
        " unless you choose otherwise, and the log says how many count twice.</p>"
        "<p><b>Streets</b>: an incident counts for the nearest line within the distance, for the first of equally"
        " near ones (as at a crossing). Fields n and per_km.</p>"
        "<p><b>Types</b>: one column for each value, t_ and eight letters; at most 40, rarer ones together in"
        " t_other, rows without a type in t_none.</p>"
        "<p><b>Rate per 1,000 residents</b>: empty where fewer live than the least population (100). Downtowns, malls"
        " and parks have many visitors and few residents, so the rate misleads there; many_visit marks areas above 5"
        " times the median rate.</p>"
        "<p>Fields: n, sum, t_…, per_km2 or per_km, per_1000, many_visit. Areas, lengths and distances are measured"
        " in a metric coordinate system.</p>"
    )
