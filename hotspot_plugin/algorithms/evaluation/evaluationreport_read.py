"""Gathers what an evaluation left: records of results, the plan, areas, the register, and numbers of participation."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ...analysis.errors import InputError
from ...analysis.evaluation import design
from ...analysis.evaluation import evaluationreport as analysis
from ...analysis.evaluation.pooling import Pooled
from ...analysis.problems import register
from ...layers import fields, provenance, sources, sql
from ...reports import formats
from ...translation import tr
from . import design_plan


@dataclass(frozen=True)
class Result:
    """A result with its record.

    Attributes
    ----------
    tool : str
        Id of the tool.
    title : str
        Its name in words, with the name of the result where one tool gave several.
    record : dict
    """

    tool: str
    title: str
    record: dict

    @property
    def numbers(self) -> dict:
        """What the tool returned."""
        return self.record.get("results") or {}

    @property
    def settings(self) -> dict:
        """Its settings."""
        return self.record.get("parameters") or {}


@dataclass(frozen=True)
class Done:
    """What the register says of a problem: what was done, what it cost, what was decided.

    Attributes
    ----------
    title, decision, reason : str
    actions, done : int
    deliveries : list of (kind, number, minutes, amounts by unit)
    cost, spent : float
    meetings, residents, asked, answered : int
        Meetings at which it was asked about, residents who were there, and what was asked and answered.
    days : float
        Middle number of days from the meeting to the answer; NaN without dates.
    """

    title: str
    decision: str
    reason: str
    actions: int
    done: int
    deliveries: list
    cost: float
    spent: float
    meetings: int
    residents: int
    asked: int
    answered: int
    days: float


@dataclass(frozen=True)
class Data:
    """Everything that the report is made of."""

    results: list
    effects: list
    together: analysis.Agreement
    plan: design_plan.Plan | None
    deviations: dict
    areas: Any
    codes: Any
    done: Done | None
    residents: list
    texts: dict
    problems: list = field(default_factory=list)
    pooled: Pooled | None = None

    def title(self, row: int) -> str:
        """Return the name of the result that an effect comes from."""
        return self.results[row].title if row < len(self.results) else tr("All places together")


def read(run: Any) -> Data:
    """Read all parts."""
    tool = run.tool
    results = _results(run)
    run.progress(0.3)
    plan = design_plan.read(run, tool.PLAN)
    effects = [e for k, r in enumerate(results) if (e := analysis.effect_of(k, r.record)) is not None]
    pooled = None
    if run.flag(tool.PLACES):
        effects, pooled = analysis.pooled(effects, [r.record for r in results])
        _check_places(tool, results, effects, pooled)
    areas, codes = None, None
    if run.has(tool.INPUT):
        role = run.field(tool.ROLE_FIELD, of=tool.INPUT, schema=fields.ROLE)
        if not role:
            raise InputError(tool.ROLE_FIELD, "Choose the field with the role of the areas; there is no field 'role'.")
        areas = run.areas(tool.INPUT, texts=[role])
        codes = design.role_codes(areas.columns[role], tool.ROLE_FIELD)
    run.progress(0.5)
    texts = {name: run.text(name).strip() for name in (
        tool.QUESTION, tool.MEASURE, tool.COST, tool.DOSE, tool.DECISION, tool.DOUBTS)}
    return Data(results, effects, analysis.agreement(effects), plan, _deviations(plan, results), areas, codes,
                _register(run), _residents(run), texts, pooled=pooled)


def _check_places(tool: Any, results: list, effects: list, pooled: Pooled | None) -> None:
    """Refuse to pool what is too little, or twice the same place."""
    if pooled is None:
        raise InputError(tool.PLACES, "Fewer than two results of 'Difference in differences' state their effect and its"
                                      " standard error, so nothing can be pooled. Give one for each place, or untick"
                                      " this.")
    seen: dict = {}
    for effect in effects:
        if effect.kind == analysis.PLACE:
            mark = ((results[effect.row].record.get("inputs") or {}).get("INPUT") or {}).get("sha256")
            if mark and mark in seen:
                raise InputError(tool.PLACES, "'{one}' and '{other}' are of the same areas. Results of one place are no"
                                              " independent witnesses: give one for each place, or untick this.",
                                 one=seen[mark], other=results[effect.row].title)
            seen[mark] = results[effect.row].title


# --- records --------------------------------------------------------------------------------
def _results(run: Any) -> list[Result]:
    tool, records = run.tool, []
    for layer in run.several(tool.RESULTS):
        found = sources.opened(layer, run.context)
        record = provenance.read(found) if found is not None else {}
        if not record:
            raise InputError(tool.RESULTS, "'{layer}' carries no record of a tool of Crime Hotspots. Give the layers as"
                             " the tools wrote them, or their records (RECORDS).", layer=layer.name)
        records.append((layer.name, record))
    records += _texts(run)
    kept: list = []
    for name, record in records:
        # several outputs of one run carry the same record but for its end
        if not any(_same(record, other) for _, other in kept):
            kept.append((name, record))
    if not kept:
        raise InputError(tool.RESULTS, "There is no result. Give the layers or tables that the tools of the evaluation"
                                       " wrote, or their records (RECORDS).")
    unknown = sorted({str(r.get("tool")) for _, r in kept} - set(analysis.TOOLS))
    if unknown:
        raise InputError(tool.RESULTS, "{tools} is no tool whose results are reported here.", tools=", ".join(unknown))
    titles = [_title(run, str(record.get("tool"))) for _, record in kept]
    return [Result(str(record["tool"]), title if titles.count(title) == 1 else f"{title}: {name}", record)
            for title, (name, record) in zip(titles, kept)]


def _same(one: dict, other: dict) -> bool:
    return all(one.get(key) == other.get(key) for key in ("tool", "parameters", "inputs", "results"))


def _title(run: Any, tool: str) -> str:
    from qgis.core import QgsApplication

    found = QgsApplication.processingRegistry().algorithmById(tool)
    return found.displayName() if found is not None else tool.partition(":")[2]


def _texts(run: Any) -> list:
    """Read records as text, and files of records, separated by semicolons or lines."""
    name, text, out = run.tool.RECORDS, run.text(run.tool.RECORDS).strip(), []
    decoder = json.JSONDecoder()
    while text:
        if text.startswith("{"):
            try:
                record, end = decoder.raw_decode(text)
            except ValueError:
                raise InputError(name, "A record given as text is not whole. Give the text PROVENANCE as the tool"
                                       " returned it, or its file.") from None
            out.append((str(len(out) + 1), record))
            text = text[end:].lstrip(" ;\n\r\t,")
            continue
        path, _, text = text.partition("\n") if "\n" in text.partition(";")[0] else text.partition(";")
        path, text = path.strip(), text.lstrip(" ;\n\r\t")
        try:
            record = json.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise InputError(name, "'{file}' cannot be read as a record (JSON). Save the text PROVENANCE of a tool as a"
                                   " file, or give the tool's layer (RESULTS).", file=Path(path).name) from None
        out.append((Path(path).stem, record))
    for title, record in out:
        if not isinstance(record, dict) or not str(record.get("tool", "")).startswith("hotspot:"):
            raise InputError(name, "'{file}' is no record of a tool of Crime Hotspots.", file=title)
    return out


def _deviations(plan: Any, results: list) -> dict:
    """Return for each design whether it was the planned one, and what differs from the plan."""
    from .evaluationareas_match import MEASURES

    tools = dict(zip(MEASURES, ("weighteddisplacement", "diffindiff", "syntheticcontrol", "interruptedseries")))
    out: dict = {}
    for k, result in enumerate(results):
        if plan is None or analysis.TOOLS[result.tool] != analysis.COMPARED:
            continue
        test, found, settings = plan.content.get("test") or {}, [], result.settings
        if f"hotspot:{tools.get(test.get('measure'))}" != result.tool:
            found.append(tr("another estimate than planned"))
        start = settings.get("START") or settings.get("AFTER_START")
        if start and plan.content.get("after_start") and start != plan.content["after_start"]:
            found.append(tr("start {now} instead of {then}").format(now=start, then=plan.content["after_start"]))
        before = [settings.get("BEFORE_START"), settings.get("BEFORE_END")]
        if all(before) and plan.content.get("before") and before != plan.content["before"]:
            found.append(tr("earlier period {now} instead of {then}").format(
                now=formats.period(*before), then=formats.period(*plan.content["before"])))
        out[k] = found
    return out


# --- what was done, and residents -----------------------------------------------------------
def _register(run: Any) -> Done | None:
    tool = run.tool
    path = run.file(tool.REGISTER)
    if not path:
        return None
    try:
        with closing(sqlite3.connect(f"file:{Path(path).resolve().as_posix()}?mode=ro", uri=True)) as base:
            base.row_factory = sqlite3.Row
            names = (register.PROBLEMS, register.ACTIONS, register.DELIVERIES, register.ANSWERS, register.MEETINGS)
            tables = {name: [dict(r) for r in base.execute(sql.statement("SELECT * FROM $table", table=name))]
                      for name in names}
            problems = tables.pop(register.PROBLEMS)
    except sqlite3.Error:
        raise InputError(tool.REGISTER, "'{file}' is no problem register. Choose the file that 'Problem register' has"
                                        " made.", file=Path(path).name) from None
    wanted = run.text(tool.PROBLEM).strip()
    hits = [p for p in problems if not wanted or wanted in (p[register.PROBLEM_ID], p[register.TITLE])]
    if len(hits) != 1:
        known = "; ".join(str(p[register.TITLE]) for p in problems[:5])
        raise InputError(tool.PROBLEM, "{count} problems of the register are meant. Write the title of one: {titles}.",
                         count=len(hits), titles=known or "–")
    problem = hits[0]
    mine = {name: [r for r in rows if r.get(register.PROBLEM_ID) == problem[register.PROBLEM_ID]]
            for name, rows in tables.items() if name != register.MEETINGS}
    meetings = {row[register.MEETING_ID]: row for row in tables[register.MEETINGS]}
    asked = mine[register.ANSWERS]
    held = {row[register.MEETING_ID] for row in asked} & set(meetings)
    days = [(np.datetime64(str(row[register.ANSWERED_ON])[:10]) - np.datetime64(
        str(meetings[row[register.MEETING_ID]][register.HELD_ON])[:10])).astype(int)
        for row in asked if row[register.ANSWERED_ON] and row[register.MEETING_ID] in held
        and meetings[row[register.MEETING_ID]][register.HELD_ON]]
    actions, kinds = mine[register.ACTIONS], {}
    for row in mine[register.DELIVERIES]:
        entry = kinds.setdefault(str(row.get(register.KIND) or "–"), [0, 0.0, {}])
        entry[0] += 1
        entry[1] += float(row.get(register.MINUTES) or 0.0)
        if row.get(register.AMOUNT) is not None:
            unit = str(row.get(register.UNIT) or "")
            entry[2][unit] = entry[2].get(unit, 0.0) + float(row[register.AMOUNT])
    return Done(
        str(problem[register.TITLE] or ""), str(problem.get(register.DECISION) or ""),
        str(problem.get(register.REASON) or ""), len(actions),
        sum(1 for row in actions if row.get(register.DONE_ON)), [(kind, *entry) for kind, entry in kinds.items()],
        float(np.sum([float(row.get(register.COST) or 0.0) for row in actions])),
        float(np.sum([float(row.get(register.SPENT) or 0.0) for row in actions])), len(held),
        int(sum(meetings[key].get(register.RESIDENTS) or 0 for key in held)), len(asked),
        sum(1 for row in asked if row[register.ANSWERED_ON]), float(np.median(days)) if days else float("nan"))


def _residents(run: Any) -> list:
    """Return (what, before or None, after) of the numbers of participation."""
    out = []
    for line in re.split(r"[\n;]", run.text(run.tool.PARTICIPATION)):
        if not line.strip():
            continue
        label, equals, values = line.rpartition("=")
        parts = [part.strip() for part in values.split(">")]
        try:
            numbers = [float(part) for part in parts]
        except ValueError:
            numbers = []
        if not equals or not label.strip() or len(numbers) not in (1, 2):
            raise InputError(run.tool.PARTICIPATION, "'{line}' cannot be read. Write what = before > after, one a line:"
                                                     " Meetings held = 4 > 12, or what = number.", line=line.strip())
        out.append((label.strip(), numbers[0] if len(numbers) == 2 else None, numbers[-1]))
    return out
