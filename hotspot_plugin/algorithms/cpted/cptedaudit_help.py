"""The help of 'Create CPTED audit form'."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the help in the user's language."""
    return tr(
        "<p>Makes a GeoPackage with which people audit places on foot, in QField on a phone or in QGIS: the layer <b>"
        "places</b> (yours, or empty to be drawn) and the layer <b>audits</b>, one point for each visit, with a form in"
        " tabs. Widgets, checks and values to begin with are kept in the file: no plugin is needed to fill it in. A"
        " project lies in the GeoPackage and, for QField, as a .qgs file beside it. 'Score CPTED audit' reads the"
        " result.</p>"
        "<p><b>Items.</b> By principle (natural surveillance, access control, territoriality, maintenance, activity"
        " support), each with what 0, 1 and 2 look like there, 8 not applicable and 9 not seen. An item begins as 9, so"
        " that nobody marks by accident what nobody looked at. Items of the night are asked on visits by night only."
        " Five forms come with the plugin; they are starting points by judgement, to be changed in the CSV file (COPY,"
        " then FORM_FILE). Items named as in a profile of 'Score CPTED' feed it.</p>"
        "<p><b>Who uses this place, and who would be pushed out?</b> Both questions must be answered before a visit can"
        " be saved: measures that drive people away are no improvement for them.</p>"
        "<p><b>By day and by night.</b> An audit of a place is complete with a visit by day and one by night; the"
        " colour of the places shows in the field what is missing.</p>"
        "<p><b>Two auditors.</b> A share of the places (DOUBLE_SHARE, 20 %), drawn at random, is marked for two people"
        " who do not talk about their marks. Without them nobody knows whether the form measures the place or the"
        " auditor. With fewer than about 20 such places agreement stays uncertain.</p>"
        "<p><b>Nobody is named.</b> Auditors are codes such as K07; names, e-mail addresses and telephone numbers are"
        " refused. Photos are kept beside the file (folder DCIM) and linked by relative path; phones write position and"
        " time into them: show no faces, no number plates, and strip them before you publish.</p>"
        "<p><b>Limits.</b> A checklist sees what its makers thought of. Ask those who use the place, and walk with"
        " them. An existing file is never written over, because it may hold audits. QField itself was not run for the"
        " tests of this tool; the form uses only what QGIS itself stores.</p>")
