"""Takes a treatment column and the compared values, gives the arm of each unit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

Array = np.ndarray


def arm_codes(values: pd.Series, arms: Sequence[float | str]) -> Array:
    """Return the position in `arms` of each unit's treatment value, −1 where it is none of them.

    Texts are compared with texts and numbers with numbers; ``"1"`` is the number 1 in a column
    of numbers, and the number 1 the text ``"1"`` in a column of texts.

    Examples
    --------
    >>> arm_codes(pd.Series([0.0, 1.0, 2.0]), ("0", 1.0)).tolist()
    [0, 1, -1]
    >>> arm_codes(pd.Series(["no", "yes"]), ("no", "yes")).tolist()
    [0, 1]
    """
    codes = np.full(len(values), -1, dtype=np.int64)
    for position, arm in enumerate(arms):
        codes[matches(values, arm)] = position
    return codes


def matches(values: pd.Series, value: float | str) -> Array:
    """Return which entries of a column have a value, shape ``(n,)``."""
    if pd.api.types.is_numeric_dtype(values):
        try:
            wanted = float(value)
        except ValueError:
            return np.zeros(len(values), dtype=bool)
        return np.asarray(values.to_numpy(dtype=np.float64) == wanted)
    wanted_text = value if isinstance(value, str) else f"{value:g}"
    known = values.notna().to_numpy()
    same = values.astype(str).to_numpy(dtype=object) == wanted_text
    return np.asarray(same & known, dtype=bool)


def group_codes(groups: Array) -> tuple[Array, int]:
    """Return group labels as codes from 0, shape ``(n,)``, and how many groups there are."""
    names, codes = np.unique(groups, return_inverse=True)
    return codes.reshape(-1), len(names)
