"""Numbers of residents as they come in fields."""

from __future__ import annotations

import numpy as np

from .errors import InputError

#: More than live on Earth: what is above it is infinite or broken.
MOST = 1e10


def are_people(values: np.ndarray) -> bool:
    """Return whether the (n,) array can hold numbers of residents; NaN stands for an unknown one."""
    return not ((values < 0) | (values > MOST)).any()


def refuse_others(values: np.ndarray, parameter: str, field: str) -> None:
    """Refuse negative, infinite and broken numbers.

    Raises
    ------
    InputError
    """
    if (values < 0).any():
        raise InputError(parameter, "'{field}' holds numbers below 0. Choose the field with the number of residents.",
                         field=field)
    if not are_people(values):
        raise InputError(parameter, "'{field}' holds numbers that are infinite or greater than the number of people on"
                                    " Earth. Correct them, or choose the field with the number of residents.",
                         field=field)
