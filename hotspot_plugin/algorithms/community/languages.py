"""Languages in which people speak, as codes."""

from __future__ import annotations

import re
from typing import Any

from ...analysis.errors import InputError

_CODE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def languages_of(run: Any, parameter: str) -> tuple:
    """Return the codes of a parameter, English where there are none."""
    value = run.parameters.get(parameter)
    codes = value if isinstance(value, (list, tuple)) else re.split(r"[,;\s]+", run.text(parameter).strip())
    codes = list(dict.fromkeys(code for code in codes if code)) or ["en"]
    for code in codes:
        if not _CODE.fullmatch(code):
            raise InputError(parameter, "'{code}' is no code of a language. Write codes parted by commas, such as en,"
                             " es, pt-BR.", code=code)
    return tuple(codes)
