"""The file that 'Create a case file' makes: the register of problems and community input, with one journal."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Sequence

from ...analysis.community import inputs
from ...analysis.problems import register as r
from ...layers import casefile, caseinfo, journal
from ...reports import formats
from ...translation import tr
from ..community import communitylayer_file as community
from ..community import communitylayer_form as form
from . import problemregister_file as register
from .problemregister_read import roles_of

#: Name of the project inside the file.
PROJECT = "case"
#: What the journal must not keep of residents: their words, their token, their picture.
_UNTOLD = (inputs.SAID, inputs.VOICE, inputs.PHOTO)
_ROLE = f'coalesce({caseinfo.ROLE_OF_WRITER}, {{side}}."{r.ROLE}")'


def read(run: Any) -> tuple[community.Data, list]:
    """Read categories, languages, areas and roles."""
    return community.read(run, tr("problems and what residents said")), roles_of(run)


def write(run: Any, data: community.Data, roles: Sequence[str]) -> str:
    """Write the GeoPackage and the project; return the project's name."""
    tool = run.tool
    rows = {**community.rows_of(data), r.ROLES: [(None, {r.ROLE: role}) for role in roles]}
    project = casefile.make(data.target, _design(data, tool.practice), data.crs, rows, run, tool.OUTPUT)
    run.outputs[tool.OUTPUT] = str(data.target)
    return project.name


def summary(data: community.Data, practice: bool) -> str:
    """Return the sentence to read out."""
    count = len(data.categories)
    categories = tr("1 category") if count == 1 else tr("{count} categories").format(count=formats.number(count))
    text = tr("The case file '{file}' is ready for problems, actions, partners and what residents say: {categories},"
              " no names.")
    if practice:
        text = tr("The case file '{file}' is ready for practice with problems, actions, partners and what residents"
                  " say: {categories}, no names.")
    return text.format(file=data.target.name, categories=categories)


def _design(data: community.Data, practice: bool) -> casefile.Design:
    parts = (register.design_of(data.categories, data.languages, _ROLE), community.design_of(data))
    sql = [*parts[0].sql, *_rules()]
    facts = {
        caseinfo.KIND: caseinfo.CASE, caseinfo.VERSION: caseinfo.FORMAT, caseinfo.PLUGIN: _plugin(),
        caseinfo.MADE: datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"), caseinfo.PRACTICE: int(practice)}
    (done, lists) = parts[0].groups
    groups = (done, (lists[0], (r.ROLES, form.CATEGORY_TABLE, r.JOURNAL)))
    title = tr("Case file")
    return casefile.together(title if not practice else tr("{title} (practice)").format(title=title), PROJECT, parts,
                             sql=sql, groups=groups, facts=facts, practice=practice)


def _rules() -> list:
    """Return the triggers by which the journal tells of residents' reports what became of them, and not their words."""
    out = []
    for table in (form.POINTS, form.SHAPES):
        out += journal.rules(register.JOURNAL, table, inputs.INPUT_ID, list(inputs.COLUMNS), "geom",
                             caseinfo.ROLE_OF_WRITER, _UNTOLD, forget=True)
    return out


def _plugin() -> str:
    from ...provider import version

    return version()
