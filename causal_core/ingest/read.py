"""Any table file in, a `BehaviorTable` out: the only door through which files come."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from causal_core.errors import (
    AmbiguousDatesError,
    BadSettingError,
    ColumnMissingError,
    EventLogError,
    NotCsvError,
)
from causal_core.ingest import dialect as dialects
from causal_core.ingest import engine as engines
from causal_core.ingest import kinds, sidecar, source
from causal_core.ingest.columns import ColumnMap
from causal_core.ingest.events import EventColumns, clean_events, event_columns, require_all
from causal_core.ingest.frame import typed_frame
from causal_core.ingest.load import load
from causal_core.ingest.names import name_key, unique_names
from causal_core.ingest.numbers import writes_decimal_comma
from causal_core.ingest.parquet import load_foreign, read_own
from causal_core.ingest.plans import Hints, Plan
from causal_core.ingest.profile import Profile, profiles
from causal_core.ingest.roles import Candidate, columns_with_roles
from causal_core.ingest.units import clean_units
from causal_core.language import listing, t
from causal_core.progress import Progress, part, silent
from causal_core.remarks import flag
from causal_core.schema import Column, Schema
from causal_core.table import BehaviorTable, Cleaning

KINDS = ("auto", "table", "users", "items", "events")
_IDS = ("user_id", "session_id", "unit_id", "cluster_id", "item_id")
_NUMBERS = ("propensity", "position", "weight", "price", "revenue", "rank")


@dataclass(frozen=True, kw_only=True)
class _Raw:
    """What stands in the engine: names, schema of a sidecar, and the cleaning log so far."""

    names: tuple[str, ...]
    nameless: frozenset[str]
    cleaning: Cleaning
    sidecar: sidecar.Sidecar | None = None
    semicolons: bool = False


def read_table(
    path: Path,
    *,
    columns: ColumnMap | None = None,
    kind: str = "auto",
    name: str | None = None,
    progress: Progress = silent,
) -> BehaviorTable:
    r"""Return the clean, typed table that a CSV, gzipped CSV or Parquet file holds.

    Encoding, delimiter, header and kinds are decided from the file; everything that was decided,
    dropped or repaired is in ``table.cleaning`` (codes; `explain` gives the sentences).

    Parameters
    ----------
    path
        The file. A schema beside it (``T.csv.schema.json``) states kinds and roles.
    columns
        What is stated about the file; it takes precedence over guesses and over the schema.
    kind
        ``"auto"`` or ``"table"`` for one row per unit, ``"users"``, ``"items"``, or ``"events"``
        for a log of events, which is read as the plain table it is.
    name
        Shown in messages instead of the file's name (an upload has a generated name).
    progress
        Called with the share done and a short message.

    Raises
    ------
    FileMissingError, UnreadableFileError
        If there is no such file or it is no table; subclasses carry the code.
    EventLogError
        If `kind` is ``"auto"`` and the file is an event log.
    ColumnMissingError, BadSettingError
        If `columns` names what is not there.

    Notes
    -----
    Rows are never de-duplicated without a unit id. Ids keep every digit and zero. Roles that
    nobody stated are guesses (``stated`` is False) and say nothing about time.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> file = Path(folder.name) / "users.csv"
    >>> _ = file.write_text("user_id;age;banner;spent\n007;31;yes;1,50\n8;40;no;0,00\n")
    >>> table = read_table(file)
    >>> [column.kind.value for column in table.schema], table.frame["user_id"].tolist()
    (['id', 'count', 'binary', 'amount'], ['007', '8'])
    >>> folder.cleanup()
    """
    if kind not in KINDS:
        raise BadSettingError(setting="kind", value=kind, allowed=", ".join(KINDS))
    shown = name or path.name
    parquet = source.is_parquet(path)
    if parquet and (own := read_own(path, name=shown)) is not None:
        return own if columns is None else _restated(own, columns)
    with tempfile.TemporaryDirectory(prefix="causal-ingest-") as made:
        folder = Path(made).resolve()
        with engines.opened(folder) as engine:
            listen = part(progress, 0.0, 0.6)
            if parquet:
                raw = _take_parquet(engine, path, folder, shown)
            else:
                raw = _take_text(engine, path, folder, shown, columns, kind, listen)
            table = _typed(engine, raw, columns, kind, shown, part(progress, 0.6, 1.0))
    progress(1.0, t("Read {name}", name=shown))
    return table


def _take_text(
    engine: engines.Engine,
    path: Path,
    folder: Path,
    shown: str,
    columns: ColumnMap | None,
    kind: str,
    progress: Progress,
) -> _Raw:
    said = columns or ColumnMap()
    beside = sidecar.beside(path, name=shown)
    text = source.take(path, folder, name=shown, encoding=said.encoding, progress=progress)
    promised = beside.schema.names if beside else ()
    dialect = dialects.decide(text, name=shown, delimiter=said.delimiter, names=promised)
    if beside is not None:
        beside.require(dialect.header, name=shown)
    alone = dialect.fields == 1 and kind in ("auto", "table") and beside is None
    if alone:
        raise NotCsvError(
            name=shown,
            reason=t("no delimiter was found, so it has a single column."),
            help=t("Export it with columns apart by a comma or a tab, or state the delimiter."),
        )
    _refuse_log(dialect.header, columns, kind, shown)
    loaded = load(
        engine, text, dialect, folder, name=shown, pad_short=kind == "events",
        exact=beside is not None,
    )  # fmt: skip
    header = dialect.header or ("",) * dialect.fields
    names, repeated = unique_names(header)
    if beside is not None:
        names, repeated = beside.schema.names, False
    flags = (*text.flags, *dialect.flags, *(("duplicate_columns",) if repeated else ()))
    cleaning = Cleaning(
        rows_read=loaded.rows_read,
        encoding=text.encoding,
        delimiter=dialect.delimiter,
        header=dialect.header is not None,
        dropped=loaded.drops,
        flags=(*flags, *loaded.flags),
        sources=(shown,),
    )
    nameless = frozenset(names[:1]) if dialect.header and not header[0].strip() else frozenset()
    return _Raw(
        names=names,
        nameless=nameless,
        cleaning=cleaning,
        sidecar=beside,
        semicolons=dialect.delimiter != ",",
    )


def _refuse_log(
    header: tuple[str, ...] | None, columns: ColumnMap | None, kind: str, shown: str
) -> None:
    """Say early that a file holds events, before millions of them are read as units."""
    if kind != "auto" or header is None:
        return
    found = event_columns(unique_names(header)[0], columns)
    if found.is_log:
        raise EventLogError(name=shown, columns=listing(list(found.by_part.values())))


def _take_parquet(engine: engines.Engine, path: Path, folder: Path, shown: str) -> _Raw:
    given = load_foreign(engine, path, folder, name=shown)
    names, repeated = unique_names(given)
    cleaning = Cleaning(
        rows_read=engine.count(),
        encoding="parquet",
        flags=("duplicate_columns",) if repeated else (),
        sources=(shown,),
    )
    return _Raw(names=names, nameless=frozenset(), cleaning=cleaning)


def _typed(
    engine: engines.Engine,
    raw: _Raw,
    columns: ColumnMap | None,
    kind: str,
    shown: str,
    progress: Progress,
) -> BehaviorTable:
    for column in columns.columns if columns else ():
        if column not in raw.names:
            raise ColumnMissingError(column, raw.names)
    found = event_columns(raw.names, columns)
    if kind == "events":
        require_all(found, shown, header=raw.cleaning.header)
    elif kind == "auto" and found.is_log:
        raise EventLogError(name=shown, columns=listing(list(found.by_part.values())))
    seen = profiles(engine)
    progress(0.4, t("Typing {n} columns", n=len(raw.names)))
    plans = _plans(engine, raw, seen, columns, found if kind == "events" else None)
    if kind == "events":
        _require_clear_dates(plans, raw, found, shown)
    frame = typed_frame(
        engine, raw.names, plans,
        timezone=columns.timezone if columns else None,
        time_units=raw.sidecar.time_units if raw.sidecar else (),
    )  # fmt: skip
    progress(0.9, t("Checking {n} rows", n=len(frame)))
    schema = _schema(raw, plans, seen, columns, events=kind == "events")
    cleaning = replace(raw.cleaning, flags=(*raw.cleaning.flags, *_plan_flags(plans)))
    if kind == "events":
        return _event_table(frame, schema, cleaning, found, shown)
    rows = len(frame)
    frame, schema, flags = clean_units(frame, schema)
    cleaning = replace(
        cleaning,
        rows_kept=rows,
        rows_after_dedup=len(frame),
        flags=(*cleaning.flags, *flags),
    )
    return BehaviorTable(frame=frame, schema=schema, cleaning=cleaning)


def _plans(
    engine: engines.Engine,
    raw: _Raw,
    seen: Sequence[Profile],
    columns: ColumnMap | None,
    events: EventColumns | None,
) -> list[Plan]:
    said = columns.columns if columns else {}
    comma = raw.semicolons and writes_decimal_comma(engine, seen)
    plans = []
    for place, (name, profile) in enumerate(zip(raw.names, seen, strict=True)):
        role = name_key(said.get(name, "")) or (events.part_of(name) if events else None)
        stated = raw.sidecar.schema.columns[place].kind if raw.sidecar else None
        hints = Hints(
            name=name,
            kind=stated,
            is_id=role in _IDS,
            is_time=role in ("timestamp", "time", "date"),
            is_number=role in _NUMBERS,
            dayfirst=columns.dayfirst if columns else None,
            decimal_comma=comma,
            exact=raw.sidecar is not None,
        )
        plans.append(kinds.plan(engine, profile, hints))
    return plans


def _plan_flags(plans: Sequence[Plan]) -> tuple[str, ...]:
    return tuple(remark for plan in plans for remark in plan.flags)


def _schema(
    raw: _Raw,
    plans: Sequence[Plan],
    seen: Sequence[Profile],
    columns: ColumnMap | None,
    *,
    events: bool,
) -> Schema:
    candidates = [
        Candidate(
            name=name,
            kind=plan.kind,
            unit=plan.unit,
            share_distinct=profile.distinct / max(profile.rows, 1),
            nameless=name in raw.nameless,
        )
        for name, plan, profile in zip(raw.names, plans, seen, strict=True)
    ]
    guessed = columns_with_roles(candidates, columns, events=events)
    if raw.sidecar is None:
        return Schema(columns=guessed)
    said = columns.columns if columns else {}
    kept: list[Column] = []
    for column, noted, plan in zip(guessed, raw.sidecar.schema, plans, strict=True):
        kept.append(column if column.name in said else replace(noted, kind=plan.kind))
    return Schema(columns=tuple(kept))


def _require_clear_dates(plans: Sequence[Plan], raw: _Raw, found: EventColumns, shown: str) -> None:
    time = found.by_part.get("timestamp")
    for name, plan in zip(raw.names, plans, strict=True):
        if name == time and plan.flags == (flag("ambiguous_date_order", name),):
            raise AmbiguousDatesError(
                name=shown,
                reason=t("every date in “{column}” fits day/month and month/day.", column=name),
                help=t("State “dayfirst” true or false (--columns map.json)."),
                column=name,
            )


def _event_table(
    frame: pd.DataFrame, schema: Schema, cleaning: Cleaning, found: EventColumns, shown: str
) -> BehaviorTable:
    cleaned, drops, flags, kept = clean_events(frame, found, name=shown)
    if not found.is_log:
        flags = (*flags, "needs_mapping")
    told = tuple(one for one in cleaning.flags if not one.startswith("bad_timestamp"))
    cleaning = replace(
        cleaning,
        rows_kept=kept,
        rows_after_dedup=len(cleaned),
        dropped=(*cleaning.dropped, *drops),
        flags=(*told, *flags),
    )
    return BehaviorTable(frame=cleaned, schema=schema, cleaning=cleaning)


def _restated(table: BehaviorTable, columns: ColumnMap) -> BehaviorTable:
    """Give the stated parts to a table that was written with others."""
    table.require(*columns.columns)
    candidates = [Candidate(name=one.name, kind=one.kind, unit=one.unit) for one in table.schema]
    said = columns_with_roles(candidates, columns, events=False)
    kept = (
        replace(new, kind=old.kind) if new.name in columns.columns else old
        for new, old in zip(said, table.schema, strict=True)
    )
    return table.with_schema(Schema(columns=tuple(kept)))
