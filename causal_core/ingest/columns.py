"""What the analyst says about a file before it is read: roles, encoding, dates. Takes map.json."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from causal_core.errors import BadSettingError
from causal_core.ingest.names import name_key
from causal_core.language import t
from causal_core.schema import Role, Stage

STANDARD_NAMES: Mapping[str, tuple[Role, Stage | None]] = MappingProxyType(
    {role.value: (role, None) for role in Role}
    | {stage.value: (Role.OUTCOME, stage) for stage in Stage}
    | {
        "user_id": (Role.UNIT_ID, None),
        "session_id": (Role.UNIT_ID, None),
        "item_id": (Role.IGNORE, None),
        "event_type": (Role.IGNORE, None),
        "timestamp": (Role.TIME, None),
        "date": (Role.TIME, None),
        "revenue": (Role.OUTCOME, None),
        "price": (Role.ATTRIBUTE, None),
        "rank": (Role.POSITION, None),
    }
)
DELIMITERS = (",", ";", "\t", "|", " ")
_SPELLED = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}
_KEYS = ("columns", "event_types", "encoding", "delimiter", "timezone", "dayfirst")


@dataclass(frozen=True, kw_only=True)
class ColumnMap:
    """What is stated about a file; everything left out is decided from the file itself.

    `columns` maps a column of the file to a role or a standard name, e.g.
    ``{"cid": "user_id", "saw_ad": "treatment", "ordered": "purchase"}``. A column of a file
    without header is called ``column_1`` and so on.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    event_types: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    delimiter: str | None = None
    timezone: str | None = None
    dayfirst: bool | None = None

    @classmethod
    def from_record(cls, record: Mapping[str, object]) -> ColumnMap:
        """Return the map that a ``map.json`` describes, checked.

        Raises
        ------
        BadSettingError
            If a key, a role, an encoding, a delimiter or a time zone is not known.

        Examples
        --------
        >>> ColumnMap.from_record({"columns": {"cid": "user_id"}}).columns["cid"]
        'user_id'
        >>> ColumnMap.from_record({"columns": {"cid": "usr"}})
        Traceback (most recent call last):
        ...
        causal_core.errors...BadSettingError: “columns: cid” cannot be “usr”. Use ...
        """
        if not isinstance(record, Mapping):
            raise _bad("map", record, t("an object with these keys: {keys}", keys=_KEYS))
        for key in record:
            if key not in _KEYS:
                raise _bad("map", key, t("only these keys: {keys}", keys=", ".join(_KEYS)))
        return cls(
            columns=_roles(record.get("columns")),
            event_types=_texts("event_types", record.get("event_types")),
            encoding=_encoding(record.get("encoding")),
            delimiter=_delimiter(record.get("delimiter")),
            timezone=_timezone(record.get("timezone")),
            dayfirst=_flag("dayfirst", record.get("dayfirst")),
        )

    def names_for(self, standard: str) -> tuple[str, ...]:
        """Return the columns that are mapped to a standard name."""
        return tuple(name for name, said in self.columns.items() if name_key(said) == standard)


def _bad(setting: str, value: object, allowed: str) -> BadSettingError:
    return BadSettingError(setting=setting, value=f"“{str(value)[:80]}”", allowed=allowed)


def _texts(setting: str, value: object) -> Mapping[str, str]:
    if value is None:
        return MappingProxyType({})
    if not isinstance(value, Mapping) or not all(isinstance(v, str) for v in value.values()):
        raise _bad(setting, value, t("an object of texts"))
    return MappingProxyType({str(name): str(said) for name, said in value.items()})


def _roles(value: object) -> Mapping[str, str]:
    roles = _texts("columns", value)
    for name, said in roles.items():
        if name_key(said) not in STANDARD_NAMES:
            allowed = t("a role or a standard name: {names}", names=", ".join(STANDARD_NAMES))
            raise _bad(f"columns: {name}", said, allowed)
    return roles


def _encoding(value: object) -> str | None:
    if value is None:
        return None
    try:
        codec = codecs.lookup(str(value))
    except LookupError:
        raise _bad("encoding", value, "utf-8, utf-16, gb18030, cp1252, …") from None
    if not codec._is_text_encoding:  # noqa: SLF001 - the only place where Python tells it
        raise _bad("encoding", value, "utf-8, utf-16, gb18030, cp1252, …")
    return str(value)


def _delimiter(value: object) -> str | None:
    if value is None:
        return None
    mark = _SPELLED.get(str(value).lower(), str(value))
    if mark not in DELIMITERS:
        raise _bad("delimiter", value, t("one of: , ; tab | space"))
    return mark


def _timezone(value: object) -> str | None:
    if value is None:
        return None
    try:
        ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise _bad("timezone", value, t("a zone name such as Europe/Berlin or UTC")) from None
    return str(value)


def _flag(setting: str, value: object) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise _bad(setting, value, t("true or false"))
