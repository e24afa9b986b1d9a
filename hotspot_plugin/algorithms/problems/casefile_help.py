"""The help of 'Create a case file'."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the help in the user's language."""
    return tr(
        "<p>Makes the <b>case file</b>: one GeoPackage in which a project keeps the tables of 'Problem register'"
        " (problems, places, actions, what was delivered, partners, commitments, meetings, answers, roles) and those of"
        " 'Create community input layers' (input_points, input_areas, categories), with all their forms, lists and"
        " relations. The plugin's panel works in it; it opens as well in plain QGIS and in QField, where the plugin is"
        " not needed: the project lies in the file and, as .qgs, beside it.</p>"
        "<p><b>Use it</b> wherever a register is asked for: 'Problem register' adds new places to it (REGISTER),"
        " 'Community meeting handout' and 'Evaluation report' read it, and its layers input_points and input_areas are"
        " community input for all tools that take some. A register and an input file that were made alone stay as they"
        " are and can be used on.</p>"
        "<p><b>Nobody is named.</b> People stand in it as roles; residents as random tokens. Texts that look personal"
        " cannot be saved. See the two tools named above for the fields and the forms.</p>"
        "<p><b>One journal</b> of every change is kept by the file itself, whichever program writes. Of problems and"
        " what belongs to them it keeps the values before and after. Of residents' reports it keeps that they were"
        " made, changed or deleted and what became of them (status, days, answer), but never the resident's words,"
        " token or photo, and of a deleted report nothing but that it was deleted: who takes back the consent is"
        " forgotten here too. The role of who wrote is known where the plugin's panel wrote, and for problems also from"
        " their field <i>role</i>; in plain QGIS and QField reports have none.</p>"
        "<p><b>Practice.</b> Where the areas are practice data, the file and its layers say so, and so do reports that"
        " are made from it.</p>"
        "<p><b>What it says of itself</b> stands in the table <i>case_info</i> (kind, version, plugin, made, practice,"
        " and settings of the panel): by it a file of another kind, or of a newer plugin, is told and left alone.</p>"
        "<p><b>Limits.</b> A GeoPackage is for one office and its phones. Let one person write at a time, above all on"
        " a network share or in a folder that a service copies to the cloud; for more at once use a database. Keep"
        " copies: who may write to the file may also do away with its rules. An existing file is never written over."
        " QField itself was not run for the tests of this tool; the forms use only what QGIS itself stores.</p>")
