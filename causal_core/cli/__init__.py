"""The command line: each verb reads files, calls one step and prints what it gave.

Progress goes to stderr. With ``--json`` stdout holds one JSON object. Exit 0; 2 for what the
user can mend; 1 is a bug.
"""

from causal_core.cli.verbs import main

__all__ = ["main"]
