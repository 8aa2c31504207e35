"""``python -m causal_core VERB …``."""

from causal_core.cli import main

if __name__ == "__main__":
    main()
