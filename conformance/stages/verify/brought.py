"""What a reader brings to a verification beside trust and expectations."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from conformance import __version__
from conformance.model.attestation import Recomputation
from conformance.model.report import Tool
from conformance.model.suite import BoundSuite
from conformance.stages.verify.beside import Given
from conformance.stages.verify.profile import Published

Recompute = Callable[[BoundSuite], Recomputation]
"""Judges the evidence of this suite again, as a run does."""


@dataclass(frozen=True)
class Brought:
    """What a reader brings beside trust and expectations.

    `given` are signed statements about the report or its profile, `received` is when the reader received the report,
    `stamped` when each key's signature was seen by a time stamp authority, and `unread` what was brought and cannot be
    taken. `published` knows the profiles that come with this harness, `tool` is the harness itself.
    """

    given: Sequence[Given] = ()
    received: dt.datetime | None = None
    stamped: Mapping[str, dt.datetime] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    published: Published | None = None
    tool: Tool = field(default_factory=lambda: Tool(name="", version=__version__))


NOTHING = Brought()
