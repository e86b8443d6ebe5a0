"""Puts the strategies that several test folders share within reach of an import."""

import sys
from pathlib import Path

SHARED = str(Path(__file__).parents[1])
if SHARED not in sys.path:
    sys.path.insert(0, SHARED)
