"""The help of 'Problem register'."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the help in the user's language."""
    return tr(
        "<p>Makes one GeoPackage in which problems are kept from the first look to the decision: <b>problems</b> (scan,"
        " analyse, respond, assess, closed), their <b>places</b>, <b>actions</b>, a log of what was <b>delivered</b>,"
        " <b>partners</b> and their <b>commitments</b>, <b>meetings</b> and interviews with what was asked and <b>"
        "answered</b>, and a <b>journal</b> of every change. It opens in plain QGIS and in QField with its forms, lists"
        " and relations: the project lies in the file and, as .qgs, beside it. The plugin is not needed there.</p>"
        "<p><b>To begin.</b> Give hot spots, patrol zones, repeat locations or scored places: each becomes a problem in"
        " the stage 'scan' with its place and the filter of its incidents. What these layers say is taken over: the"
        " rank, the commonest type (top_type), the number of incidents as baseline (only with its days), the kind of"
        " response that patrol zones propose and why, residents' main concern, chosen CPTED measures as planned"
        " actions. Points and lines become areas (RADIUS).</p>"
        "<p><b>To add.</b> With REGISTER new places are added to a register that exists. Rows that stand in it are"
        " never changed: a place that an open problem has already (OVERLAP) is left out and counted. All rows are added"
        " or none. Without REGISTER a new file is made; an existing one is never written over.</p>"
        "<p><b>Nobody is named.</b> Owners, deciders and contacts are roles from the table <i>roles</i>. Free texts"
        " that look as if they held a name, telephone number, e-mail or home address, number plate or identity number"
        " cannot be saved in the form. New problems, actions, partners, meetings and answers are <i>internal</i> until"
        " somebody makes them <i>partners</i> or <i>public</i>; 'Community meeting handout' tells the public ones"
        " only.</p>"
        "<p><b>Baseline and target.</b> A target needs a measure and a baseline, a decision needs its reason. Places"
        " that were chosen because their number was high fall back by themselves: take as baseline days other than"
        " those by which they were chosen, or judge the result with the tools of the group Evaluation.</p>"
        "<p><b>Incidents of a problem.</b> <i>flt_expr</i> is a QGIS expression, <i>flt_layer</i> the layer it is meant"
        " for; the form refuses an expression that QGIS cannot read. The first one finds what lies in the problem's"
        " places. Add the incidents to the project and paste it into 'Select by expression' or 'Extract by"
        " expression'.</p>"
        "<p><b>The journal</b> is kept by the file itself (SQL triggers), whichever program writes: table, key, field,"
        " before, after, moment (UTC) and role. The file knows no user: the role is the one that the row bears, so set"
        " the variable <i>my_role</i> once (QGIS: settings, options, variables; QField: settings, variables), and it"
        " changes with each edit; of a deletion it tells who wrote last. Entries cannot be changed or deleted, but for"
        " personal data: set the text to [removed] (DB Manager: UPDATE journal SET old_val = '[removed]' WHERE …). Who"
        " may write to the file can do away with the rules: keep copies.</p>"
        "<p><b>Limits.</b> A GeoPackage is for one office and its phones. On a network share let one person edit at a"
        " time, and save before others add; for more at once use a database. QField itself was not run for the tests of"
        " this tool; the forms use only what QGIS itself stores.</p>")
