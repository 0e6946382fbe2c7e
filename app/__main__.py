"""`python -m app` is `pallay`."""

import sys

from app.cli import main

if __name__ == "__main__":
    sys.exit(main())
