"""The filter language of ``--where``: comparisons, and, or, not, in. Takes text, evaluates nothing.

The text is parsed by Python's own grammar and only the node kinds listed here are walked; there
is no call, no attribute, no subscript, and nothing is ever executed.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype

from causal_core.errors import ColumnMissingError, ExpressionError
from causal_core.language import t

EXAMPLE = "visits > 3 and country in ['DE', 'FR']"
_LONGEST = 2_000
_QUOTED = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`([^`]*)`""", re.DOTALL)
_YEAR = re.compile(r"\d{4}(?!\d)")
_MARK = "\0"  # no column of a table begins so, and nobody types it
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip

_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip

Value = str | float | int | bool | None
Mask = np.ndarray


@dataclass(frozen=True, kw_only=True)
class Expression:
    """A parsed filter: which rows of a frame it keeps."""

    text: str
    columns: tuple[str, ...]

    def mask(self, frame: pd.DataFrame) -> Mask:
        """Return, for each row of `frame`, whether it is kept (shape ``(n,)``, bool).

        Raises
        ------
        ColumnMissingError
            If a named column is not in `frame`.
        ExpressionError
            If values cannot be compared, e.g. a text with a number.
        """
        for column in self.columns:
            if column not in frame.columns:
                raise ColumnMissingError(column, [str(name) for name in frame.columns])
        return _evaluate(_tree(self.text), frame, self.text)


def parse(text: str) -> Expression:
    """Return the filter that `text` says. Columns with spaces are written in backticks.

    Examples
    --------
    >>> frame = pd.DataFrame({"visits": [1, 5], "country": ["DE", "US"]})
    >>> parse("visits > 3 or country == 'DE'").mask(frame).tolist()
    [True, True]
    >>> parse("__import__('os')")
    Traceback (most recent call last):
    ...
    causal_core.errors...ExpressionError: The filter “__import__('os')” cannot be used: ...
    """
    names: dict[str, None] = {}
    try:
        _check(_tree(text), text, names)
    except RecursionError as error:
        raise _refuse(text, t("it is not well formed.")) from error
    return Expression(text=text, columns=tuple(names))


def _tree(text: str) -> ast.expr:
    if not text.strip() or len(text) > _LONGEST:
        raise ExpressionError(text=text[:80], reason=t("it is empty or too long."), example=EXAMPLE)
    try:
        return ast.parse(_without_backticks(text), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = t("it is not well formed.")
        raise ExpressionError(text=text[:80], reason=reason, example=EXAMPLE) from error


def _without_backticks(text: str) -> str:
    """Turn `` `a column` `` outside of texts into a marked name that Python's grammar can read."""
    return _QUOTED.sub(_marked, text)


def _marked(found: re.Match[str]) -> str:
    name = found[1]
    return found[0] if name is None else f"column_{(_MARK + name).encode().hex()}_"


def _column(name: str) -> str:
    if name.startswith("column_") and name.endswith("_"):
        try:
            marked = bytes.fromhex(name[7:-1]).decode()
        except ValueError:
            return name
        return marked[1:] if marked.startswith(_MARK) else name
    return name


def _refuse(text: str, reason: str) -> ExpressionError:
    return ExpressionError(text=text[:80], reason=reason, example=EXAMPLE)


def _check(node: ast.expr, text: str, names: dict[str, None]) -> None:
    if isinstance(node, ast.BoolOp):
        for value in node.values:  # noqa: PD011 - a syntax tree, no frame
            _check(value, text, names)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        _check(node.operand, text, names)
    elif isinstance(node, ast.Compare):
        _check_compare(node, text, names)
    elif isinstance(node, ast.Name):
        names[_column(node.id)] = None
    else:
        kind = type(node).__name__.lower()
        raise _refuse(text, t("it contains a {kind}, which is not allowed.", kind=kind))


def _check_compare(node: ast.Compare, text: str, names: dict[str, None]) -> None:
    for sign in node.ops:
        if type(sign) not in _COMPARISONS:
            raise _refuse(text, t("it uses a comparison that is not allowed."))
    for side in (node.left, *node.comparators):
        if isinstance(side, ast.Name):
            names[_column(side.id)] = None
        else:
            _constant(side, text)


def _constant(node: ast.expr, text: str) -> Value | list[Value]:
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return [_single(item, text) for item in node.elts]
    return _single(node, text)


def _single(node: ast.expr, text: str) -> Value:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _single(node.operand, text)
        if isinstance(inner, int | float):
            return -inner
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float | bool):
        return node.value
    raise _refuse(text, t("a column can only be compared with a value or a column."))


def _evaluate(node: ast.expr, frame: pd.DataFrame, text: str) -> Mask:
    if isinstance(node, ast.BoolOp):
        parts = node.values  # noqa: PD011 - a syntax tree, no frame
        masks = [_evaluate(part, frame, text) for part in parts]
        joined = np.logical_and if isinstance(node.op, ast.And) else np.logical_or
        return np.asarray(joined.reduce(masks), dtype=bool)
    if isinstance(node, ast.UnaryOp):
        return np.asarray(np.logical_not(_evaluate(node.operand, frame, text)), dtype=bool)
    if isinstance(node, ast.Name):
        return _truth(frame[_column(node.id)], _column(node.id), text)
    if not isinstance(node, ast.Compare):
        raise _refuse(text, t("it is not well formed."))
    kept = np.ones(len(frame), dtype=bool)
    sides = [_side(side, frame, text) for side in (node.left, *node.comparators)]
    for sign, left, right in zip(node.ops, sides, sides[1:], strict=False):
        kept &= _compare(_COMPARISONS[type(sign)], left, right, text)
    return kept


def _truth(column: pd.Series, name: str, text: str) -> Mask:
    values = column.to_numpy()
    if values.dtype.kind not in "bif":
        raise _refuse(text, t("“{column}” alone is not a yes or no.", column=name))
    return np.asarray(np.nan_to_num(values.astype(float)) != 0, dtype=bool)


def _side(node: ast.expr, frame: pd.DataFrame, text: str) -> pd.Series | Value | list[Value]:
    return frame[_column(node.id)] if isinstance(node, ast.Name) else _constant(node, text)


def _compare(sign: str, left: object, right: object, text: str) -> Mask:
    if sign in ("in", "not in"):
        if not isinstance(left, pd.Series) or not isinstance(right, list):
            raise _refuse(text, t("“in” wants a column on its left and a list on its right."))
        wanted = [_as_time(value, left) for value in right]
        _require_alike(text, left, *wanted)
        inside = np.asarray(left.isin(wanted), dtype=bool)
        return inside if sign == "in" else ~inside
    if isinstance(left, list) or isinstance(right, list):
        raise _refuse(text, t("a list is only allowed after “in”."))
    if not isinstance(left, pd.Series) and not isinstance(right, pd.Series):
        raise _refuse(text, t("each comparison must name a column."))
    column = left if isinstance(left, pd.Series) else right
    left, right = _as_time(left, column), _as_time(right, column)
    _require_alike(text, left, right)
    try:
        result = _OPERATIONS[sign](left, right)
    except OverflowError as error:
        raise _refuse(text, t("a number in it is too large.")) from error
    return np.asarray(pd.Series(result).fillna(False), dtype=bool)


def _require_alike(text: str, *sides: object) -> None:
    if len({_kind(side) for side in sides}) > 1:
        reason = t("a text, a number and a time cannot be compared with each other.")
        raise _refuse(text, reason)


def _kind(side: object) -> str:
    if isinstance(side, pd.Series):
        if is_datetime64_any_dtype(side.dtype):
            return "time"
        return "number" if is_numeric_dtype(side.dtype) else "text"
    return {str: "text", pd.Timestamp: "time"}.get(type(side), "number")


def _as_time(side: object, column: pd.Series) -> object:
    """Read a text beside a time column as a moment, so that dates can be compared."""
    if _kind(column) == "time" and isinstance(side, str) and _YEAR.match(side):  # not “now”
        try:
            moment = pd.Timestamp(side)
        except ValueError:
            return side
        zone = column.dt.tz
        return moment.tz_localize(zone) if zone and moment.tz is None else moment
    return side
