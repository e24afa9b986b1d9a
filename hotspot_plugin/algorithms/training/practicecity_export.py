"""The dirty export of a practice town, as a table of texts and as a CSV file."""

from __future__ import annotations

import csv
from typing import Any, Callable

import numpy as np

from ...analysis.errors import InputError
from ...analysis.training import crimetypes as ct
from ...analysis.training import townexport
from ...layers import geopackage as gp

_WRITTEN = {"Violence and sexual offences": "VIOLENCE & SEXUAL OFFS", "Criminal damage and arson": "CRIM DAMAGE/ARSON",
            "Vehicle crime": "VEH CRIME", "Other theft": "THEFT - OTHER", "Anti-social behaviour": "ASB "}
#: a local heading to what it means
HEADER = ("CASE_NO", "OFFENCE", "FROM_DATE", "FROM_TIME", "TO_DATE", "TO_TIME", "REPORTED", "LOCATION", "EASTING",
          "NORTHING", "HOW_RECEIVED", "BEAT")


def columns(maker: Any, export: townexport.Export) -> dict:
    """Return the columns as functions that return the texts of the rows from one to another."""
    town, inc = maker.town, maker.town.incidents
    first = town.settings.first_day
    spelling = [_WRITTEN.get(name, name.upper()) for name in ct.NAMES]
    low = int(min(inc.begin.min(), 0)) // 1440
    span = np.arange(low, int(inc.report.max()) // 1440 + 2)
    days = [f"{t[8:]}/{t[5:7]}/{t[:4]}" for t in np.datetime_as_string(first + span).tolist()]
    clock = [f"{k // 60:02d}:{k % 60:02d}" for k in range(1440)]
    end, report = inc.end[export.of], inc.report[export.of]
    x, y = export.x + maker.cx, export.y + maker.cy

    def date(minutes: np.ndarray) -> Callable:
        return lambda a, b: [days[k - low] for k in (minutes[a:b] // 1440).tolist()]

    def time(minutes: np.ndarray) -> Callable:
        return lambda a, b: [clock[k] for k in (minutes[a:b] % 1440).tolist()]

    def from_date(a: int, b: int) -> list:
        return ["31/02/" + t[6:] if bad else t for t, bad in
                zip(date(export.begin)(a, b), export.faults["nodate"][a:b].tolist())]

    def offence(a: int, b: int) -> list:
        return [spelling[k] if odd else ct.NAMES[k] for k, odd in
                zip(export.type[a:b].tolist(), export.faults["spelling"][a:b].tolist())]

    def coordinate(values: np.ndarray) -> Callable:
        # a decimal comma, as half of the world writes it
        return lambda a, b: ["0" if zero else None if v != v else f"{v:.1f}".replace(".", ",") for v, zero in
                             zip(values[a:b].tolist(), export.faults["zero"][a:b].tolist())]

    def reported(a: int, b: int) -> list:
        return [f"{d} {t}" for d, t in zip(date(report)(a, b), time(report)(a, b))]

    year = str(first)[:4]
    place = inc.place[export.of]
    beat = town.places.beat[place]
    return {
        "CASE_NO": lambda a, b: [f"{year}-{k + 1:07d}" if has else None for k, has in
                                 zip(export.of[a:b].tolist(), export.number[a:b].tolist())],
        "OFFENCE": offence, "FROM_DATE": from_date, "FROM_TIME": time(export.begin), "TO_DATE": date(end),
        "TO_TIME": time(end), "REPORTED": reported,
        "LOCATION": lambda a, b: [maker.names[k] for k in place[a:b].tolist()],
        "EASTING": coordinate(x), "NORTHING": coordinate(y),
        "HOW_RECEIVED": lambda a, b: [townexport.SOURCES[k] for k in inc.source[export.of[a:b]].tolist()],
        "BEAT": lambda a, b: [town.plan.beat_names[k] for k in beat[a:b].tolist()],
    }


def faults(export: townexport.Export) -> list:
    """Return the faults of each row."""
    return townexport.spoiled(export)


def tell(export: townexport.Export, table: Any) -> None:
    """Write into the table of truths what was spoiled."""
    add = table.add
    for name, meaning in townexport.FAULTS.items():
        count = len(export.late) if name == "late" else int(export.faults[name].sum())
        add("export", 0, "", name, count, "rows", meaning)
    add("export", 0, "", "rows", len(export), "rows", "of the export")
    add("export", 0, "", "change of recording", str(export.changed), "", "reports since that day are recoded")
    add("export", 0, "", "recoded share", townexport.RECODED, "share",
        "of anti-social behaviour that is recorded as public order since then")
    add("export", 0, "", "officer-initiated", "ON-VIEW", "", "HOW_RECEIVED of records that officers made themselves")


def write_csv(path: str, maker: Any, export: townexport.Export, progress: Any) -> None:
    """Write the export as a CSV file with semicolons, in the code page of an old Windows."""
    parts = columns(maker, export)
    try:
        with open(path, "w", encoding="cp1252", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow([*HEADER, "PRACTICE_DATA"])
            for start in range(0, len(export), gp.CHUNK):
                progress(start / max(len(export), 1))
                stop = min(start + gp.CHUNK, len(export))
                writer.writerows(zip(*(parts[name](start, stop) for name in HEADER), ["yes"] * (stop - start)))
    except OSError as error:
        raise InputError("DIRTY_CSV", "The export cannot be written ({error}). Choose a folder that you may write to.",
                         error=error.strerror or error) from error
