"""Tests here share two modules beside them: `drawing` and `playing`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
