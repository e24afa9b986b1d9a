"""The help of 'Create community input layers'."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the help in the user's language."""
    return tr(
        "<p>Makes a GeoPackage in which is kept what residents say about places: the layers <b>input_points</b> and"
        " <b>input_areas</b> with a form in three tabs (what, who told us, what became of it). One report is one row."
        " Lists, checks and values to begin with are kept in the file: neither QGIS nor QField needs the plugin. A"
        " project lies in the GeoPackage and, for QField, as a .qgs file beside it; copy both to the phone.</p>"
        "<p><b>Nobody is named.</b> There is no field for a name, telephone number or home address. A text that looks"
        " as if it held one (e-mail, telephone, number plate, identity or bank number, home address, 'my name is …')"
        " cannot be saved; the form says what to leave out. A name that nothing announces ('John did it') is not"
        " found: read texts before you pass them on.</p>"
        "<p><b>Voices, not reports.</b> <i>voice_id</i> is a random token of one person: three groups of four, such as"
        " 7F3A-09C2-B41D. Each new report gets a fresh one. For <b>one resident with several reports</b> copy the token"
        " of the first into the next (in QField hold it with the pin beside the field, in QGIS paste it), or let the"
        " person keep it on a slip of paper: the report of this tool prints slips. On a <b>device that one person"
        " uses</b> set the variable <i>voice_token</i> (QGIS: settings, options, variables; QField: settings,"
        " variables): then all reports of the device bear it. The token is not made from anything about the person; who"
        " wants to can take several, so a number of voices is an upper limit.</p>"
        "<p><b>Consent</b> has no value to begin with, because people must be asked. Rows with 'none' are left out by"
        " the tools that read the layer; delete them.</p>"
        "<p><b>What became of it.</b> new, acknowledged, in work, done, declined. The day of each is filled in when the"
        " status changes, can be corrected, and is taken back when the status is; done and declined ask for an"
        " answer.</p>"
        "<p><b>Categories</b> may be your own; the table <i>categories</i> in the file keeps their labels and the"
        " groups of crime with which they are compared (output PAIRS).</p>"
        "<p><b>Fields.</b> input_id (random key), category, concern (1 not worried to 5 very worried), day_part, said"
        " (500 letters), wish (patrol, light, repair, talk, enforcement, other), photo (path relative to the project),"
        " source (survey, meeting, report, walk, portal), org, said_on, lang, consent (count, quote, none), voice_id,"
        " status, response, ack_on, work_on, done_on, declin_on.</p>"
        "<p><b>Limits.</b> Phones write position and time into photos: strip them before you publish ('Import community"
        " input' does). Who has no phone needs the form on paper, and who is not asked is not heard: see who is missing"
        " before you compare places. An existing file is never written over. QField itself was not run for the tests of"
        " this tool; the form uses only what QGIS itself stores.</p>")
