"""Rules that set the bandwidth of a kernel from the data.

They assume one single hump: for the places of a city or a county they give kilometres. They
are offered because others use them, and are reported.
"""

from __future__ import annotations

import math

import numpy as np

from .kerneldensity import EPANECHNIKOV, GAUSSIAN, QUARTIC, TRIANGULAR, UNIFORM

#: Bandwidth that gives a kernel the same spread as a Gaussian of standard deviation 1: 1 / sqrt(variance per axis at
#: h = 1). Quartic: variance h^2 / 8.
SPREAD = {
    QUARTIC: math.sqrt(8), EPANECHNIKOV: math.sqrt(6), GAUSSIAN: 1.0, TRIANGULAR: math.sqrt(20 / 3), UNIFORM: 2.0,
}  # fmt: skip


def scott(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Scott's rule in two dimensions, sd * n^(-1/6) for each axis: standard deviations of a Gaussian, in metres.

    The same as Silverman's rule in two dimensions.
    """
    factor = len(x) ** (-1 / 6)
    return float(np.std(x, ddof=1) * factor), float(np.std(y, ddof=1) * factor)


def nrd(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Normal reference rule of R's MASS, 4 * 1.06 * min(sd, IQR / 1.34) * n^(-1/5) for each axis, in metres.

    Quantiles as R's type 7. The factor 4 is MASS's: its Gaussian has a quarter of it as
    standard deviation. Where half of the incidents share a coordinate the standard deviation alone is used.
    """
    out = []
    for values in (x, y):
        low, high = np.percentile(values, [25, 75])
        deviation = float(np.std(values, ddof=1))
        middle = float(high - low) / 1.34
        out.append(4 * 1.06 * (min(deviation, middle) if middle > 0 else deviation) * len(values) ** -0.2)
    return out[0], out[1]


def esri(x: np.ndarray, y: np.ndarray) -> float:
    """Default search radius of ArcGIS, 0.9 * min(SD, sqrt(1 / ln 2) * D_m) * n^(-1/5), in metres.

    SD is the standard distance, D_m the median distance to the mean centre.
    """
    squared = (x - x.mean()) ** 2 + (y - y.mean()) ** 2
    standard, median = math.sqrt(float(squared.mean())), math.sqrt(float(np.median(squared)))
    spread = min(standard, math.sqrt(1 / math.log(2)) * median) if median > 0 else standard
    return 0.9 * spread * len(x) ** -0.2


def rule_bandwidth(rule: str, x: np.ndarray, y: np.ndarray, kernel: str) -> float:
    """Return the bandwidth that a rule gives for a kernel.

    Parameters
    ----------
    rule : {"scott", "nrd", "esri"}
    x, y : (n,) ndarray of float
        Metres.
    kernel : str

    Returns
    -------
    float
        Metres; NaN with fewer than 2 incidents, 0 if all are at one place. Where the axes
        differ, their mean. Scott's rule is for a Gaussian and Esri's for the quartic kernel:
        other kernels get the bandwidth with the same spread. The normal reference rule is
        taken as it is by kernels with a radius, and divided by 4 for the Gaussian as in MASS.
    """
    if len(x) < 2:
        return float("nan")
    if rule == "scott":
        return SPREAD[kernel] * sum(scott(x, y)) / 2
    if rule == "nrd":
        return sum(nrd(x, y)) / 2 / (4.0 if kernel == GAUSSIAN else 1.0)
    if rule == "esri":
        return esri(x, y) * SPREAD[kernel] / SPREAD[QUARTIC]
    raise ValueError(f"unknown rule: {rule}")
