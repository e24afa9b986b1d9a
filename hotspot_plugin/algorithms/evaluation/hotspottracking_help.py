"""The help page of the tracking of hot spots."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the page in the user's language."""
    return tr(
        "<p>Follows hot spots from period to period by the ground that they share, so that lasting problems are told"
        " from those that came and went.</p>"
        "<p><b>Feeding it.</b> Run 'Find hot spots' once for each period (in a batch) with the same settings, and give"
        " the last period as INPUT and the others as EARLIER; or one layer with a field that tells the periods apart."
        " Other settings, cell sizes or lengths of the periods make other hot spots although nothing changed on the"
        " street.</p>"
        "<p><b>How they are joined.</b> Two hot spots of neighbouring periods that share at least OVERLAP of the"
        " smaller one are the same; each has at most one successor, the pair with most common ground first. What"
        " shares ground with one that has another successor <b>split off</b>, or was <b>taken in</b>. One that went and"
        " one that came within MOVE_DISTANCE of each other, edge to edge, <b>moved</b>, the nearest pair first: that"
        " is a guess by distance, as nobody can see the same offenders in it. One that comes where another had gone in"
        " an earlier period <b>returned</b>. <b>Grew</b> and <b>shrank</b> speak of ground, not of incidents.</p>"
        "<p><b>What is chance.</b> A hot spot is what lies above a line. One just above it drops below it by luck, and"
        " one chosen for its many incidents has fewer later by itself (regression to the mean). So give INCIDENTS:"
        " then the ground of each hot spot is counted in its own period and in those before and after (n_ground,"
        " n_before, n_after), with the exact test of two counts (E-test, per day where lengths differ). A p above 0.05"
        " says that the ground may have as many as ever. A p below does <i>not</i> prove a change, because the hot"
        " spot was chosen for its count: for a test that allows for that use 'Compare two periods by area'.</p>"
        "<p><b>Fields of the hot spots</b></p><ul>"
        "<li><b>track</b>: number of the hot spot through all periods; <b>period_no, period_of</b>: its period.</li>"
        "<li><b>event, evt_code</b>: how it relates to the period before; <b>fate, fate_code</b>: what became of it in"
        " the next.</li>"
        "<li><b>shared</b>: common ground with the one before, over the smaller of the two; <b>shift_m</b>: metres"
        " between their middles; <b>area_chg</b>: change of its ground in per cent.</li>"
        "<li><b>n_hot, area_ha</b>: incidents as its layer has them, and its ground.</li>"
        "<li><b>n_ground, n_before, n_after, p_before, p_after</b>: incidents on the same ground in its own period"
        " and in the ones before and after, where INCIDENTS are given.</li></ul>"
        "<p><b>Tracks</b>: one feature for each, with the latest ground, the periods in which it was there (history:"
        " one sign for each period, ● there, ○ not), the first and last of them, and a kind: in all periods, several to"
        " the last, with gaps, new, gone, one period only.</p>"
        "<p><b>Limits.</b> Overlaps within a period are allowed and counted once for the common ground. Two hot spots"
        " that merely touch are different. The longer the list of periods, the more returns come by luck.</p>"
    )
