"""The plan of an evaluation, written before its results: areas, periods, outcome and test, with a time stamp.

'Smallest detectable change' writes it; the tools that evaluate read it and say what was planned before and what
was chosen after.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np

from ...analysis.errors import InputError
from ...analysis.evaluation.compareperiods import Period
from ...layers.provenance import clean
from ...reports import formats
from ...translation import tr

KIND, VERSION = "crime-hotspots-evaluation-plan", 1
BEFORE, DURING, AFTER = "before", "during", "after"
_MONTH = 365.2425 / 12.0


@dataclass(frozen=True)
class Plan:
    """What was planned.

    Attributes
    ----------
    written : datetime64[s]
        As the file says, UTC.
    content : dict
    intact : bool
        The file is as it was written.
    """

    written: np.datetime64
    content: dict
    intact: bool

    @property
    def day(self) -> str:
        """Day on which it was written."""
        return str(self.written)[:10]

    def when(self, after: Period | None) -> str:
        """Return whether it was written before, during or after the later period, "" where that is not known."""
        if after is None:
            return ""
        day = self.written.astype("datetime64[D]")
        return BEFORE if day < after.start else DURING if day <= after.end else AFTER


def fingerprint(areas: Any, codes: np.ndarray) -> str:
    """Return what tells areas and their roles from others: of their places as read and their roles."""
    text = f"{areas.fingerprint}|{','.join(str(int(code)) for code in codes)}"
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _sum(content: dict) -> str:
    text = json.dumps({k: v for k, v in content.items() if k != "checksum"}, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def refuse_existing(path: str, parameter: str) -> None:
    """Refuse a file that is there already: a plan is never replaced."""
    if Path(path).exists():
        raise InputError(parameter, "'{file}' exists: a plan that can be replaced is none. Choose a new file.",
                         file=Path(path).name)


def write(path: str, parameter: str, content: dict) -> None:
    """Write a plan; one that is there already is never replaced.

    Raises
    ------
    InputError
        Where the file exists or cannot be written.
    """
    refuse_existing(path, parameter)
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    whole = {"kind": KIND, "version": VERSION, "written": now, **content}
    whole["checksum"] = _sum(whole)
    try:
        Path(path).write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(parameter, "The plan cannot be written ({error}). Choose a folder that you may write to.",
                         error=error.strerror or error) from error


def read(run: Any, parameter: str) -> Plan | None:
    """Read the plan that a parameter names, None where none is given.

    Raises
    ------
    InputError
        For a file that is no plan.
    """
    path = run.file(parameter)
    if not path:
        return None
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        if not isinstance(content, dict) or content.get("kind") != KIND:
            raise ValueError
        written = np.datetime64(str(content["written"]).rstrip("Z"), "s")
    except (OSError, ValueError, KeyError):
        raise InputError(parameter, "'{file}' is no plan of an evaluation. Choose the file that 'Smallest detectable"
                                    " change' has written.", file=clean(Path(path).name)) from None
    return Plan(written, content, content.get("checksum") == _sum(content))


def content(
    areas: str, roles: list, before: Period | None, after_start: Any, months: float, outcome: str, test: dict
) -> dict:
    """Return what a plan holds.

    Parameters
    ----------
    areas : str
        Their :func:`fingerprint`, "" for counts without areas.
    roles : list of int
        Areas of each role.
    before : Period or None
    after_start : datetime64[D] or None
    months : float
        Of the later period.
    outcome : str
    test : dict
    """
    return {
        "areas": areas, "roles": [int(n) for n in roles],
        "before": [str(before.start), str(before.end)] if before else None,
        "after_start": str(after_start) if after_start is not None else None, "after_months": round(float(months), 2),
        "outcome": outcome, "test": test,
    }


def deviations(plan: Plan, areas: str, roles: list, before: Period | None, after: Period | None) -> list[str]:
    """Return in words what differs from the plan.

    Parameters
    ----------
    plan : Plan
    areas, roles
        As in :func:`content`, of the evaluation.
    before, after : Period or None
        None where counts come without dates.
    """
    planned, out = plan.content, []
    if not plan.intact:
        out.append(tr("the file of the plan was changed after it was written"))
    if planned.get("areas") and planned["areas"] != areas:
        out.append(tr("other areas or roles"))
    elif planned.get("roles") and any(planned["roles"]) and list(planned["roles"]) != [int(n) for n in roles]:
        out.append(tr("another number of areas"))
    if before is not None and planned.get("before") and planned["before"] != [str(before.start), str(before.end)]:
        out.append(tr("earlier period {now} instead of {then}").format(
            now=formats.period(before.start, before.end), then=formats.period(*planned["before"])))
    if after is not None and planned.get("after_start") and planned["after_start"] != str(after.start):
        out.append(tr("later period from {now} instead of {then}").format(now=after.start, then=planned["after_start"]))
    months = planned.get("after_months")
    if after is not None and months and abs(after.days / _MONTH - months) > 0.5:
        out.append(tr("later period of {now} instead of {then} months").format(
            now=formats.number(after.days / _MONTH, 1), then=formats.number(months, 1)))
    return out


def sentence(plan: Plan | None, found: list[str], after: Period | None) -> str:
    """Say in one sentence what was planned before and what was chosen after."""
    if plan is None:
        return tr("No plan was given: whether areas, periods and outcome were chosen before the results is not known.")
    when = {
        BEFORE: tr("before the later period began"), DURING: tr("while the later period ran"),
        AFTER: tr("after the later period had ended, so with its results at hand"), "": tr("at an unknown time before"),
    }[plan.when(after)]
    out = tr("A plan was written on {day}, {when}.").format(day=plan.day, when=when)
    if plan.content.get("outcome"):
        out += " " + tr("Outcome planned: {outcome}.").format(outcome=str(plan.content["outcome"]).rstrip("."))
    return out + " " + (tr("Chosen after it: {list}.").format(list="; ".join(found)) if found else tr(
        "Areas and periods are as planned."))
