"""Files in, clean tables out. Takes a path, gives a `BehaviorTable`, changes nothing else."""

from causal_core.ingest.columns import ColumnMap
from causal_core.ingest.read import KINDS, read_table
from causal_core.ingest.write import write_table
from causal_core.remarks import explain

__all__ = ["KINDS", "ColumnMap", "explain", "read_table", "write_table"]
