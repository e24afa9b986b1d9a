"""The help page of the overlooked streets."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the page in the user's language."""
    return tr(
        "<p>Counts who can look onto each street, area or point: windows, entrances and active places (shops, cafes,"
        " stops, playgrounds) within RANGE and with a free line of sight, by day and by night. Natural surveillance is"
        " one of the principles of CPTED; what one sees from a place itself is drawn by 'Visible area'.</p>"
        "<p><b>Method.</b> Streets are looked at every SPACING metres, areas on a lattice of that width, points where"
        " they are. A watcher counts at a position if it is no farther than RANGE and no obstacle lies on the straight"
        " line between, other than within half a metre of the watcher (its own window lies on a wall). Each watcher"
        " counts by the share of the day, or of the night, that it is there: without opening hours always, with them as"
        " long as it is open. By night a view onto an unlit position counts UNLIT_WEIGHT. Then the mean over the"
        " positions of the place is taken.</p>"
        "<p><b>Watchers.</b> Points count one each. Lines and polygons given as WINDOWS are taken for facades, with a"
        " window every FACADE_SPACING metres, for want of the true ones; polygons (buildings) then hide the view"
        " too. Lines and polygons given as entrances or active places count as one watcher each. A"
        " watcher inside a building looks from its nearest outer wall within FACADE, or sees nothing and is told.</p>"
        "<p><b>Fields of the result</b></p><ul>"
        "<li><b>watch_day, watch_ngt</b>: watchers who overlook a position, mean over the place, at an average moment"
        " by day and by night.</li>"
        "<li><b>day_class, ngt_class</b> (day_code, ngt_code): <i>not overlooked</i> 0, <i>little</i> below 1,"
        " <i>overlooked</i> from 1, <i>well overlooked</i> from 3 watchers (LIMITS). These limits are a convention, not"
        " a finding; with a window every 5 m of facade most streets of a town reach them.</li>"
        "<li><b>n_watch</b>: different watchers who see any of the place; of them <b>n_window, n_entrance,"
        " n_active</b>. <b>n_near</b>: those within RANGE, seen or hidden. <b>view_share</b>: n_watch over n_near.</li>"
        "<li><b>seen_share</b>: share of the positions that anyone sees; <b>seen_day</b> by someone there by day,"
        " <b>seen_ngt</b> by someone there by night, and lit. <b>lit_share</b>: share of the positions that are"
        " lit. <b>n_pos</b>: positions looked at.</li></ul>"
        "<p><b>Light.</b> From a raster in lux ('Street lighting' makes one; lit from LUX_LEAST), or from light points"
        " (lit within LIGHT_DISTANCE). Where the raster has no value the light is unknown: such positions count"
        " neither as lit nor as dark, and are left out of the night. Of light points give those of all owners: what is"
        " far from them counts as unlit. Without raster and points only hours count by night.</p>"
        "<p><b>What it cannot see.</b> <b>Buildings are the usual obstacle; where none is given, sight is"
        " overstated.</b> The view is in plan: floors, slopes, trees, parked cars, curtains and blank windows are not"
        " known, nor who is at home, looks, or would step in. Windows every few metres of facade are a guess. A low"
        " number is a reason to go and look, not a finding; a high one is no proof of safety.</p>"
        "<p><b>Sources.</b> Eyes on the street: Jacobs 1961; windows and doors onto shared ground: Newman 1972. A"
        " face is made out within about 30 m: Gehl 1987, Life between Buildings.</p>"
    )
