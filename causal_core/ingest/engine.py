"""DuckDB's doorkeeper: no other module of the package speaks to it.

It may touch one folder of ours and nothing else, its settings are locked, its memory is bounded;
it sees file names and column names of our own making only (``c0``, ``c1``, …).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from causal_core.errors import UnreadableFileError
from causal_core.ingest.dialect import LONGEST_RECORD
from causal_core.language import t

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

MEMORY_LIMIT = "1GB"
THREADS = 2


@contextmanager
def opened(folder: Path) -> Iterator[Engine]:
    """Open a hardened DuckDB that works in `folder` and is closed afterwards."""
    import duckdb

    connection = duckdb.connect(":memory:")
    try:
        inside = str(folder).replace("'", "''")
        for setting in (
            f"threads = {THREADS}",
            f"memory_limit = '{MEMORY_LIMIT}'",
            f"temp_directory = '{inside}/spill'",
            f"allowed_directories = ['{inside}/']",
            "enable_external_access = false",
            "autoinstall_known_extensions = false",
            "autoload_known_extensions = false",
            "enable_progress_bar = false",
            "lock_configuration = true",
        ):
            connection.execute(f"SET {setting}")
        yield Engine(connection)
    finally:
        connection.close()


class Engine:
    """One table ``raw`` of texts in columns ``c0`` … ``cn``, and questions about it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self.columns = 0

    def load_csv(
        self, path: Path, *, columns: int, delimiter: str, windows: bool, lines_above: int
    ) -> bool:
        """Read a plain CSV; return whether every line had the right number of fields."""
        import duckdb

        self.columns = columns
        names = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(columns))
        ends = "\\r\\n" if windows else "\\n"
        self._drop_old()
        try:
            self._connection.execute(
                f"CREATE TABLE raw AS SELECT * FROM read_csv({_quoted(path)}, "
                f"columns = {{{names}}}, auto_detect = false, header = false, "
                f"skip = {lines_above}, delim = {_quoted(delimiter)}, quote = '\"', "
                f"escape = '\"', new_line = '{ends}', strict_mode = true, comment = '', "
                f"allow_quoted_nulls = false, store_rejects = true, rejects_limit = 10, "
                f"max_line_size = {2 * LONGEST_RECORD})"
            )
        except duckdb.Error:
            return False
        return not self.value("SELECT count(*) FROM reject_errors")

    def load_parquet(self, path: Path, names: Sequence[str], *, name: str) -> None:
        """Read the named columns of a Parquet file as texts."""
        import duckdb

        self.columns = len(names)
        self._drop_old()
        chosen = ", ".join(
            f"CAST({_identifier(one)} AS VARCHAR) AS c{place}" for place, one in enumerate(names)
        )
        query = f"CREATE TABLE raw AS SELECT {chosen} FROM read_parquet({_quoted(path)}"
        try:
            self._connection.execute(f"{query}, binary_as_string = true)")
        except duckdb.Error:
            try:
                self._connection.execute(f"{query})")  # bytes that are no text
            except duckdb.Error as error:
                reason = t("its Parquet content is damaged.")
                remedy = t("Write the file again.")
                raise UnreadableFileError(name=name, reason=reason, help=remedy) from error

    def _drop_old(self) -> None:
        for table in ("raw", "reject_errors", "reject_scans"):
            self._connection.execute(f"DROP TABLE IF EXISTS {table}")

    def value(self, query: str, *parameters: object) -> int:
        """Return the one whole number that a query gives."""
        row = self._connection.execute(query, list(parameters)).fetchone()
        return int(row[0]) if row and row[0] is not None else 0

    def rows(self, query: str, *parameters: object) -> list[tuple[object, ...]]:
        """Return the rows of a small answer."""
        return self._connection.execute(query, list(parameters)).fetchall()

    def table(self, expressions: Sequence[str]) -> pa.Table:
        """Return typed columns ``e0``, ``e1``, … of all rows, in the file's order."""
        chosen = ", ".join(f"{said} AS e{place}" for place, said in enumerate(expressions))
        return self._connection.execute(f"SELECT {chosen} FROM raw").to_arrow_table()

    def count(self) -> int:
        """Return the number of rows."""
        return self.value("SELECT count(*) FROM raw")

    def delete(self, condition: str, *parameters: object) -> int:
        """Remove rows and return how many."""
        return self.value(f"DELETE FROM raw WHERE {condition}", *parameters)


def _quoted(text: Path | str) -> str:
    return "'" + str(text).replace("'", "''") + "'"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
