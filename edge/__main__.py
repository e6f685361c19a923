"""`python -m edge` is `lobbyd`."""

import sys

from edge.cli import main

sys.exit(main())
