"""Keeps public layers out of files that hold others: who gets the file gets all of it."""

from __future__ import annotations

import os
from typing import Any

from ...analysis.errors import InputError
from ...layers import sources


def refuse_company(run: Any, names: list) -> None:
    """Refuse an output that would be added to a file with other tables than the public ones."""
    targets = {name: sources.target_of(run.parameters.get(name), run.context) for name in names}
    ours = {(os.path.abspath(t.file), t.table.lower()) for t in targets.values() if t is not None}
    for name, target in targets.items():
        if target is None or not target.table or not os.path.exists(target.file):
            continue
        others = [t for t in _tables(target.file) if (os.path.abspath(target.file), t.lower()) not in ours]
        if others:
            raise InputError(
                name, "The file also holds '{other}', and who gets the file gets that too. Choose a file of its own"
                " for what is public.", other=others[0])


def _tables(path: str) -> list:
    from osgeo import gdal

    try:
        dataset = gdal.OpenEx(path, gdal.OF_VECTOR | gdal.OF_READONLY)
    except RuntimeError:  # GDAL, where the process has its exceptions on
        return []
    if dataset is None:
        return []
    return [dataset.GetLayer(i).GetName() for i in range(dataset.GetLayerCount())
            if dataset.GetLayer(i).GetName() != "layer_styles"]
