"""A suite: all cases that a profile comes to.

Planned, it holds templates with every drawn value written down and every slot named. Bound to a target, the slots
are filled, the discovery that filled them is pinned by digest, and the date to judge by is fixed.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from pydantic import Field

from conformance.model.base import Noun, canonical, sha256
from conformance.model.packages import PackagePin
from conformance.model.placeholders import filled
from conformance.model.profile import Call, Discovery, Profile
from conformance.model.target import Observed, TargetCard

SUITE_FORMAT = "1"
DISCOVERY = "discovery"
"""The id of the step that learns what the target declares and holds."""


class Slot(Noun):
    """A place that the target's own data fills: which data, and which choice among the sorted values."""

    path: str
    choice: int = Field(ge=0)


class Each(Noun):
    """The enumerator that makes a case for each of its rows, the most of them, and the choice among what it finds."""

    call: Call
    most: int = Field(ge=1)
    choice: int = Field(ge=0)


class Template(Noun):
    """A case before the target is known: literals are written down, slots are named."""

    id: str
    requirement: str
    probes: tuple[Call, ...]
    values: dict[str, Any] = Field(default_factory=dict)
    slots: dict[str, Slot] = Field(default_factory=dict)
    each: Each | None = None
    when: tuple[Call, ...] = ()
    expect: tuple[Call, ...]


class Suite(Noun):
    """The drawn suite of a profile: a function of profile, seed, and the release of what drew it."""

    format: str = SUITE_FORMAT
    profile: Profile
    seed: int
    drawn_by: str = ""
    templates: tuple[Template, ...]


class Step(Noun):
    """One probe with its final arguments. Cases that need the same evidence share the step."""

    id: str
    probe: Call
    writes: bool = False

    @staticmethod
    def name(probe: Call) -> str:
        """The id of the step that runs this probe: the same call always has the same id."""
        return f"{probe.name}-{sha256(canonical(probe.plain()))[:12]}"


DISCOVERED_BY = {Discovery.FHIR: "discover", Discovery.OPENAPI: "discover-openapi"}


def discovery_step(profile: Profile, overrides: Mapping[str, Any]) -> Step:
    """The step that learns what the target declares and holds: by the profile's own probe, or by the usual one."""
    parameters = {name: one.default for name, one in profile.parameters.items()} | dict(overrides)
    call = profile.discover or Call(name=DISCOVERED_BY[profile.discovery])
    arguments = filled(call.arguments, {}, parameters)
    return Step(id=DISCOVERY, probe=Call(name=call.name, arguments=arguments))


class Case(Noun):
    """One concrete thing to try. `untestable` says why it cannot be tried, `inapplicable` why it need not be."""

    id: str
    requirement: str
    steps: tuple[str, ...] = ()
    values: dict[str, Any] = Field(default_factory=dict)
    expect: tuple[Call, ...] = ()
    untestable: str = ""
    inapplicable: str = ""

    @property
    def template(self) -> str:
        """The id of the template that this case was made of: its own, without the key of an enumerator's row."""
        return template_of(self.id)


def template_of(case: str) -> str:
    """The id of the template of the case with this id: `R/1` for `R/1` and for `R/1:Patient.birthdate`."""
    requirement, _, rest = case.rpartition("/")
    return f"{requirement}/{rest.partition(':')[0]}"


class BoundSuite(Noun):
    """A suite made ready for one target; with its evidence and packages it determines the report to the byte.

    `not_tried` says by requirement what its enumerators found and no case tries.
    """

    format: str = SUITE_FORMAT
    run_id: str
    as_of: dt.date
    profile: Profile
    profile_digest: str
    seed: int
    parameters: dict[str, Any] = Field(default_factory=dict)
    overrides: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    target: TargetCard
    observed: Observed = Field(default_factory=Observed)
    plugins: dict[str, str] = Field(default_factory=dict)
    packages: tuple[PackagePin, ...] = ()
    templates: tuple[Template, ...] = ()
    steps: tuple[Step, ...] = ()
    cases: tuple[Case, ...] = ()
    not_tried: dict[str, tuple[str, ...]] = Field(default_factory=dict)
