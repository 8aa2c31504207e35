"""Projects on disk: one SQLite database, and beside it files named by their content.

Takes and gives the frozen nouns. A crash at any moment leaves the last committed state.
"""

from causal_core.store.archive import Archive, demo_archive, read_archive
from causal_core.store.codec import ArtifactRef
from causal_core.store.files import home
from causal_core.store.records import (
    AuditRow,
    GraphVersion,
    Held,
    Project,
    Saved,
    Snapshot,
    StaleResult,
    Upload,
)
from causal_core.store.store import LOCAL, Accepted, Store

__all__ = [
    "LOCAL",
    "Accepted",
    "Archive",
    "ArtifactRef",
    "AuditRow",
    "GraphVersion",
    "Held",
    "Project",
    "Saved",
    "Snapshot",
    "StaleResult",
    "Store",
    "Upload",
    "demo_archive",
    "home",
    "read_archive",
]
