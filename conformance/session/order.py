"""What somebody asks for when a run begins, and what there is when it ended."""

import datetime as dt
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from conformance.model.report import Binding, Report, Runner, RunRecord
from conformance.model.suite import Suite
from conformance.model.target import Target
from conformance.outside.folders import RunFolder
from conformance.outside.secrets import Secrets
from conformance.outside.turns import Turn, at_once
from conformance.outside.waivers import Waivers
from conformance.session.publishing import Signing
from conformance.session.suites import DEFAULT_SEED
from conformance.session.tenders.reading import Pack


@dataclass(frozen=True)
class Terms:
    """What a report is bound to, and until when it is to count: a moment (RFC 3339), or days after the run's end."""

    binding: Binding = field(default_factory=Binding)
    valid_until: str = ""
    valid_days: int = 0

    def end(self, finished: dt.datetime) -> str:
        """The last moment at which the report of a run that finished then counts; empty where none was set."""
        return instant(finished + dt.timedelta(days=self.valid_days)) if self.valid_days else self.valid_until


@dataclass(frozen=True)
class Order:
    """What somebody asks for: test this target against that profile. `folder` is the target file's own.

    `packages` are FHIR packages beside those that the profile names: `name@version`, a .tgz or a folder. `views` are
    the kinds of view that are written beside the record, `transport` leads to a target in this process. `waivers` are
    what was accepted beforehand; they change no outcome. `tender` is the pack that the run is to be what it asks for.
    `suite` is the profile's, where it has been drawn already. What the run loads as a secret is entered in `secrets`;
    whoever sets `stop` breaks it off; `turn` is shared by runs that are not to be a burden together.
    """

    profile: str
    target: Target
    folder: Path
    out: Path
    as_of: dt.date
    seed: int = DEFAULT_SEED
    overrides: Mapping[str, str] = field(default_factory=dict)
    presets: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    runner: Runner = field(default_factory=Runner)
    terms: Terms = field(default_factory=Terms)
    waivers: Waivers | None = None
    signing: Signing | None = None
    views: tuple[str, ...] = ()
    tender: Pack | None = None
    transport: httpx.BaseTransport | None = None
    suite: Suite | None = None
    secrets: Secrets = field(default_factory=Secrets)
    stop: threading.Event = field(default_factory=threading.Event)
    turn: Turn = at_once


@dataclass(frozen=True)
class Finished:
    """A run that came to its end."""

    report: Report
    record: RunRecord
    folder: RunFolder
    bundle: Path


def instant(moment: dt.datetime) -> str:
    """A point in time as records hold it."""
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
