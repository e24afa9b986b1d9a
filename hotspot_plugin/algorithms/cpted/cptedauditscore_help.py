"""The help of 'Score CPTED audit'."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the help in the user's language."""
    return tr(
        "<p>Turns the visits of 'Create CPTED audit form' into marks of places: a field for each item (0 to 2, the name"
        " that the profiles of 'Score CPTED' read), scores of the principles from 0 to 100, and how far auditors agree."
        "</p>"
        "<p><b>Marks.</b> Of the visits of one auditor to a place by day (or by night) the newest counts. The marks of"
        " an auditor are averaged first, then those of the auditors by their weight. 'Not applicable' takes an item out"
        " of what is asked of the place; 'not seen' leaves it open. Neither is a low mark, and an item that nobody"
        " marked is empty, never 0.</p>"
        "<p><b>Complete</b> is an audit by day and by night. aud_score, the mean of the principles, is given to"
        " complete places of which at least MIN_SEEN (60 %) of the items that apply were seen; ALLOW_INCOMPLETE gives"
        " it to the others as well. Items and principles are given as far as they were seen.</p>"
        "<p><b>Agreement.</b> Two auditors who judged the same place, both by day or both by night, make a pair of"
        " marks. Cohen's kappa with quadratic weights (1968) says how far they agree beyond chance: 1 fully, 0 as by"
        " chance. The interval holds 95 % of {draws} resamples of the places. With more than two auditors none is the"
        " first: each pair counts half in either order. <b>An item below MIN_KAPPA (0.60) is dropped</b> from scores"
        " and fields: it measures the auditor, not the place; make its answers plainer, or train. An item with fewer"
        " than MIN_PAIRS pairs, or on which all marks are the same, is used without a test, and told so. Kappa is low"
        " as well where nearly all places are alike: look at same_sh beside it.</p>"
        "<p><b>Places.</b> With PLACES visits are joined by place_id, and where that is missing or unknown by location"
        " (DISTANCE). Places without a visit stay, without marks. Without PLACES the result are points amid the visits."
        "</p>"
        "<p><b>Who would be pushed out?</b> The answers stay with the place (who_uses, pushed_out) and stand in the"
        " report: read them before measures are chosen. They are words of auditors, for internal use; do not publish"
        " them unread.</p>"
        "<p><b>Limits.</b> Agreement shows that two people judge alike, not that they judge rightly. Auditors from the"
        " place and from outside see different things: let both walk. Marks of different forms do not compare.</p>"
    ).format(draws=999)
