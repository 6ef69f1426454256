"""``python -m insights`` is ``insights``."""

import sys

from insights.cli import main

if __name__ == "__main__":
    sys.exit(main())
