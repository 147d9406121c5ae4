"""``python -m vxmlplat`` is the command ``vxmlplat``."""

import sys

from vxmlplat.cli import main

if __name__ == "__main__":
    sys.exit(main())
