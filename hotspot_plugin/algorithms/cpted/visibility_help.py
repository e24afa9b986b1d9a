"""The help page of the visible area."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the page in the user's language."""
    return tr(
        "<p>Draws what can be seen from a place (its isovist, or visible area) among buildings, walls and fences, and"
        " measures it: how large, how far, how much of its edge hides something. For entrances, stops, benches,"
        " cameras, or every few metres along streets and paths. Who looks onto a street is asked by 'Overlooked"
        " streets'.</p>"
        "<p><b>Method.</b> Exact, not by rays: the obstacles within RANGE are cut to straight pieces and the nearest"
        " piece in every direction is found by an angular sweep. Pieces may cross, touch and repeat. Where nothing"
        " hides the view it ends at RANGE; the numbers count that arc exactly, the polygon has a corner every 3"
        " degrees on it and so misses less than 0.05 % of its area.</p>"
        "<p><b>Fields of the result</b>, beside those of the input</p><ul>"
        "<li><b>area, perimeter</b>: of the visible area, in square metres and metres.</li>"
        "<li><b>max_view, min_view</b>: longest line of sight, and distance to the nearest obstacle; both end at"
        " RANGE.</li>"
        "<li><b>occlusiv</b>: occlusivity, metres of the outline that are the edge of something hidden: no wall and"
        " not the end of RANGE. Much of it means many corners behind which someone can stand.</li>"
        "<li><b>open_share</b>: area over that of the full circle; 1 is open ground.</li>"
        "<li><b>at_m</b>: metres along the line. <b>view_note</b>: in or on an obstacle.</li>"
        "<li>In LINES area, open_share and occlusiv are means over the <b>n_pos</b> viewpoints of the line,"
        " <b>open_min</b> is its least open_share and max_view its longest.</li></ul>"
        "<p><b>Where a viewpoint stands.</b> On the outline of a polygon it is put 1 cm before the wall and sees what"
        " the wall sees. On a line it sees to both sides, as if that line were not there. Inside a polygon nothing is"
        " visible: the row stays, without shape and numbers and with a note, unless MOVE_OUT lets it step out to the"
        " nearest wall.</p>"
        "<p><b>What it cannot see.</b> The view is in plan. <b>Buildings are the usual obstacle: without a layer of"
        " them the view is overstated</b>, often many times. Heights count only if given; slopes, trees, parked cars"
        " and seasons not at all. A fence that one looks through hides as much as a wall: leave it out of the layer by"
        " a filter. What can be seen is not what is looked at, and a wide view is not yet a safe place.</p>"
        "<p><b>Source.</b> Benedikt, M. L. (1979), To take hold of space: isovists and isovist fields, Environment and"
        " Planning B 6, 47-65.</p>"
    )
