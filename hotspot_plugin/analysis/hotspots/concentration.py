"""How much crime lies in how little land, and how well hot spots predict what follows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..significance import wilson_interval


def ratio(part: float, whole: float, area: float, whole_area: float) -> float:
    """Share of incidents over share of area: (n / N) / (a / A).

    With the incidents that made the hot spots it says how concentrated they are. Only with
    incidents that came later, or were held back, is it the prediction accuracy index (PAI)
    of Chainey, Tompson and Uhlig (2008): on its own data it flatters by construction.

    Returns
    -------
    float
        NaN where a share is undefined.
    """
    if whole <= 0 or area <= 0 or whole_area <= 0:
        return float("nan")
    return (part / whole) / (area / whole_area)


@dataclass(frozen=True)
class Prediction:
    """Accuracy of a ranking of areas; entry i is for the first i + 1 areas of ``order``.

    Attributes
    ----------
    order : (n,) int64 array
        Areas by predicted density, highest first; ties with the fewer observed first.
    hit_rate, area_share : (n,) arrays
        Share of the incidents, and of the area, that these areas hold.
    pai : (n,) array
        Prediction accuracy index, hit_rate / area_share.
    pei : (n,) array
        Prediction efficiency index: incidents in these areas over the most that areas of
        the same total size could hold.
    rri : (n,) array
        Recapture rate index as a ratio of sums: predicted over observed.
    """

    order: np.ndarray
    hit_rate: np.ndarray
    area_share: np.ndarray
    pai: np.ndarray
    pei: np.ndarray
    rri: np.ndarray


def pai(observed: np.ndarray, predicted: np.ndarray, area: np.ndarray | None = None) -> Prediction:
    """Score a prediction of where incidents happen.

    Parameters
    ----------
    observed, predicted : (n,) arrays
        Incidents that happened, and the expected number or any score, for each area.
    area : (n,) array, optional
        Sizes (or street lengths); equal if left out.

    Returns
    -------
    Prediction
        NaN where a denominator is 0.

    Notes
    -----
    PAI grows without limit as the area shrinks: always read it with ``area_share``. With
    unequal areas the best possible areas of the same size may end inside an area, which
    then counts in part, so that the PEI never exceeds 1.
    """
    observed = np.asarray(observed, dtype=float)
    predicted = np.asarray(predicted, dtype=float)
    size = np.ones(observed.size) if area is None else np.asarray(area, dtype=float)
    if not observed.shape == predicted.shape == size.shape:
        raise ValueError("observed, predicted and area must have the same length")
    if (size <= 0).any():
        raise ValueError("areas must be larger than 0")
    order = np.lexsort((observed, -predicted / size))
    held, scored, covered = (np.cumsum(values[order]) for values in (observed, predicted, size))
    best = np.argsort(-observed / size, kind="stable")
    most = np.interp(
        covered, np.concatenate([[0.0], np.cumsum(size[best])]), np.concatenate([[0.0], np.cumsum(observed[best])])
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        hit_rate = held / observed.sum()
        area_share = covered / size.sum()
        return Prediction(
            order, hit_rate, area_share, hit_rate / area_share, _over(held, most), _over(scored, held)
        )  # fmt: skip


def _over(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    return np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1.0), np.nan)


def share_interval(part: int, whole: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927); NaN without a whole."""
    low, high = wilson_interval(np.array(part), np.array(whole))
    return float(low), float(high)
