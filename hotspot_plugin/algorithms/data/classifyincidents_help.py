"""The help page of grouping and weighing crime types."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the page in the user's language."""
    return tr(
        "<p>Gives each incident the group, the harm and the marks that a table of types states for it, as fields that"
        " the other tools take: <b>harm</b> as a weight field, <b>cgroup</b> as a type field, <b>sensitive</b>,"
        " <b>proactive</b>, <b>public_pl</b> and <b>is_crime</b> to choose rows by. All rows stay, in their order and"
        " with all their fields; a table without places will do.</p>"
        "<p><b>The table</b> is a CSV file with the columns code, group, harm, sensitive, proactive, public_place,"
        " is_crime and, if you like, note; one line for each type. <i>code</i> is the type as it stands in the data."
        " <i>harm</i> is a number of 0 or more, or empty. The others are yes or no: an empty sensitive or proactive"
        " means no, an empty public_place or is_crime means not known. <i>proactive</i> may also be"
        " company. To begin, run the tool with a public table and TEMPLATE: it writes a table with all types of your"
        " data, filled in where known, for you to complete in a spreadsheet.</p>"
        "<p><b>Public tables</b> with the plugin: the categories of data.police.uk; the offence codes of NIBRS with the"
        " FBI's classes (crimes against persons, property, society; groups A and B); the classic offences of UCR (part"
        " I and II, by number or name). Codes, names and FBI classes are those of the publishers; sensitive,"
        " proactive and public_place, and the groups of data.police.uk, are proposals: check them. They hold no harm."
        " A fourth table only shows how harm is written: its numbers are made up. Home Office offence codes: ask your"
        " force for its list and complete it with TEMPLATE.</p>"
        "<p><b>Matching.</b> A type is the table's if both are the same once spaces around are gone and capitals are"
        " small letters. Nothing is guessed: codes that look alike are named in the log and the report for you to"
        " judge. Types that are not in the table are listed with their numbers; where they make more than"
        " MAX_UNMATCHED of all rows the tool stops, because a map of the rest would mislead. With ALLOW_UNMATCHED their"
        " fields stay empty (not known), never no.</p>"
        "<p><b>Why offences found by officers weigh nothing.</b> Drugs found at a stop, or a shop thief caught by a"
        " store detective, tell where somebody looked; weighed, they would draw officers to where officers are"
        " already. The Cambridge consensus on counting harm (Sherman and Cambridge University associates 2020) leaves"
        " out what police-initiated work and companies' own staff find, and reports it apart. So the harm of types"
        " marked proactive or company is 0, and so is that of rows whose SOURCE_FIELD says that officers began them,"
        " unless COUNT_PROACTIVE is set. Only officers' findings set the field proactive; a company's do not.</p>"
        "<p><b>Harm</b> is a judgement of your own. Days of prison of a sentencing guideline for a first offender are"
        " the usual choice (Sherman, Neyroud and Neyroud 2016). Where the table states none for a type the field is"
        " empty and other tools leave the row out when they weigh.</p>"
        "<p><b>Sensitive</b> types (sexual, domestic, against children, hate) must never be shown in public as points"
        " or small areas: a victim's home could be found.</p>"
    )
