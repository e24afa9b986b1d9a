"""Photos of an import: copied beside the result without what the camera wrote, under names that say nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ...analysis.errors import InputError
from ...analysis.privacy import photos
from ...layers import sources
from ...translation import tr


@dataclass
class Photos:
    """What became of the photos.

    Attributes
    ----------
    paths : (n,) array of object
        Path of the copy from the folder of the result, None for none.
    copied : int
    refused : list of (row, reason)
    linked : int
        Photos that the export only links to (http), which are not fetched.
    """

    paths: np.ndarray
    copied: int = 0
    refused: list = field(default_factory=list)
    linked: int = 0


def copy(run: Any, names: np.ndarray | None, kept: np.ndarray) -> Photos:
    """Copy the photos of the rows kept.

    Parameters
    ----------
    names : (n,) array of object or None
        File name of the photo of every row.
    kept : (n,) array of bool
    """
    done = Photos(np.full(len(kept), None, object))
    if names is None:
        return done
    given = np.flatnonzero(kept & np.array([n is not None and n.strip() != "" for n in names], bool))
    if not len(given):
        return done
    folder = run.file("PHOTOS")
    links = np.array([names[k].strip().lower().startswith(("http:", "https:")) for k in given], bool)
    done.linked = int(links.sum())
    if done.linked:
        run.info(tr("{count} photos are only linked to; they are not fetched, and the links are not kept.").format(
            count=done.linked))
    local = given[~links]
    if not folder:
        if len(local):
            run.warn(tr("{count} rows name a photo, but no folder of photos is given (PHOTOS); they come"
                        " without.").format(
                count=len(local)))
        return done
    if not Path(folder).is_dir():
        raise InputError("PHOTOS", "There is no such folder. Choose the folder into which the photos were downloaded.")
    target, base = _target(run)
    if target is None:
        run.warn(tr("The photos are not copied, because the result is a temporary layer. Save it to a file."))
        return done
    there = {p.name.lower(): p for p in sorted(Path(folder).rglob("*")) if p.is_file()}
    for count, row in enumerate(local.tolist()):
        if count % 10 == 0:
            run.check()
        # only the name counts: a path of the export must not lead out of the folder
        path = there.get(names[row].strip().replace("\\", "/").split("/")[-1].lower())
        if path is None:
            done.refused.append((row, tr("photo not found in the folder")))
            continue
        try:
            data, ending = photos.strip(path.read_bytes())
        except photos.PhotoError as error:
            done.refused.append((row, tr(error.text)))
            continue
        except OSError:
            done.refused.append((row, tr("photo that cannot be read")))
            continue
        target.mkdir(parents=True, exist_ok=True)
        copy_of = target / f"photo_{row + 1:06d}{ending}"
        copy_of.write_bytes(data)
        done.paths[row] = f"{base}{copy_of.name}"
        done.copied += 1
    return done


def _target(run: Any) -> tuple:
    """Return the folder of the copies, and what stands before their names in the table."""
    place = sources.target_of(run.parameters.get("OUTPUT"), run.context)
    if place is None:
        return None, ""
    result = Path(place.file)
    folder = result.with_name(f"{result.stem}_photos")
    return folder, f"{folder.name}/"
