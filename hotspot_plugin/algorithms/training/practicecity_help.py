"""The help of 'Create practice data'."""

from __future__ import annotations

from typing import Any


def about(tr: Any) -> str:
    """Return the help."""
    return tr(
        "Makes a town that does not exist, with incidents, reports of residents, a survey and an intervention, into one"
        " GeoPackage; and writes down all that was planted in it, so that a learner, a class or a test can check an"
        " answer.\n\n"
        "Use it to learn the tools, to train a team without real data, to try a setting before it matters, or to see"
        " what a method finds where the answer is known.\n\n"
        "What is made\n"
        "- A ground plan by rule: main roads in rays and rings, a river, a railway, quarters cut into blocks by the habit of"
        " their use (old centre, inner quarters, estates, suburbs, industry, parks), streets with names, buildings with"
        " addresses, lights, licensed premises, residents by block, patrol beats.\n"
        "- Incidents of 14 types (the names of data.police.uk, which 'Group and weigh crime types' knows), each with its own"
        " places, hours, weekdays, season, unknown times and delay of the report. A few places of every kind have most of"
        " them, as everywhere.\n"
        "- Planted: hot spots with types and peak hours; repeat locations; near repeats of burglary (a branching process);"
        " an intervention that works on some types in every second hot spot from the first day of the last year, with a"
        " part moved into a ring around; areas where residents' fear and crime agree, where they fear without crime, where"
        " crime has no voice, and a campaign of a few; a survey in two waves with a gain in the treated areas.\n"
        "- Answers in the tables truth, truth_incidents and truth_places (look there last).\n"
        "- The dirty export, table export and a CSV file: missing and default coordinates, repeats with and without"
        " number, midnight and full hours, dates that do not exist, spellings, officer-initiated records, a change of"
        " recording, and nothing that was reported after the last day; export_truth says what was done to each row.\n\n"
        "Marked as practice data\n"
        "Every layer has the field practice, and says so in its title and metadata. Reports of all tools that read such a"
        " layer, or a layer made from one, carry the banner 'Practice data'. The town lies in the sea of the Gulf of Guinea"
        " (EPSG:32631), so that nobody takes it for a place.\n\n"
        "The same seed and settings make the same town on every version of QGIS: all random numbers are made of the uniform"
        " doubles of PCG64, and no coordinate comes from GEOS.\n\n"
        "Assumptions and limits\n"
        "- Counts are Poisson; places, types and times depend on one another only as planted. Real data are wilder.\n"
        "- Shares, hours and effects are made to teach with; they are no estimates of anything and no evidence that a"
        " measure works.\n"
        "- Burglaries beyond the last day are not made, so near repeats end with the data.\n"
        "- A metropolis of two million incidents a year takes two minutes and a file of about one gigabyte, twice that"
        " with the dirty export.\n\n"
        "Distances are in metres. Open the whole map with 'Project > Open From > GeoPackage', project practice."
    )
