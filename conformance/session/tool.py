"""Which harness this is, and what it used of the machine."""

import hashlib
import platform
import sys
from functools import cache
from importlib.metadata import version

from conformance import __version__
from conformance.model.report import Tool
from conformance.outside.places import PACKAGE

KIBIBYTE = 1024


@cache
def this_tool() -> Tool:
    """Name, version and digest of this harness: the SHA-256 over the names and contents of its source files."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return Tool(
        name="conformance-harness",
        version=__version__,
        digest=digest.hexdigest(),
        python=platform.python_version(),
        hypothesis=version("hypothesis"),
    )


def peak_memory() -> int:
    """The most memory that this process held, in bytes; 0 where the system does not tell."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * KIBIBYTE
