"""A profile: the requirements of one specification or policy, as its publisher states them.

FHIR's own profiles (StructureDefinition) are always called *structures* in this code.
"""

import datetime as dt
from enum import StrEnum
from typing import Any

from pydantic import Field, field_validator, model_serializer, model_validator

from conformance.model.base import Noun
from conformance.model.composition import Base, Change, Override
from conformance.model.fhir_block import FhirBlock
from conformance.model.level import Level
from conformance.model.policy import Advisory, Preset
from conformance.model.versions import VERSION, VersionRange

__all__ = [
    "Call",
    "Discovery",
    "Level",
    "Method",
    "Parameter",
    "Phase",
    "Profile",
    "Reference",
    "Requirement",
    "SubVerdict",
    "Test",
]


class Method(StrEnum):
    """How a requirement is verified."""

    AUTOMATED = "automated"
    DOCUMENTED = "documented"
    ATTESTED = "attested"
    OUT_OF_SCOPE = "out-of-scope"


class Phase(StrEnum):
    """When in a contract's life a requirement begins to apply."""

    TENDER = "tender"
    CONTRACT = "contract"
    EXIT = "exit"

    def reached_at(self, phase: "Phase") -> bool:
        """Whether a requirement of this phase applies to a run made in the given one."""
        order = list(Phase)
        return order.index(self) <= order.index(phase)


class Discovery(StrEnum):
    """Where a target says what it offers: its capability statement, or an OpenAPI description."""

    FHIR = "fhir"
    OPENAPI = "openapi"


class Call(Noun):
    """A part (check, probe …) with its arguments; written in YAML as `{name: {argument: value}}`."""

    name: str
    arguments: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"name": value}
        if isinstance(value, dict) and len(value) == 1:
            (name, arguments), *_ = value.items()
            if isinstance(name, str) and (arguments is None or isinstance(arguments, dict)):
                return {"name": name, "arguments": arguments or {}}
        if not isinstance(value, dict) or set(value) - {"name", "arguments"} or "name" not in value:
            raise ValueError("must be one name with its arguments, as in {status: {code: 404}}")
        return value

    @model_serializer
    def _short_form(self) -> dict[str, Any]:
        return {self.name: self.arguments}


class Test(Noun):
    """A recipe: what to send, what to fill in, and what must be true of the answers.

    `slots` name places in the probe's arguments that the target's own data fills (`Patient.birthDate`), `draw`
    names those that Hypothesis fills when the suite is planned, `also` names further probes whose evidence the
    checks need. `when` are checks over the discovery evidence: where one finds fault, the test does not apply.
    `each` calls an enumerator: the test becomes a case for each thing that the target declares or holds, `most` at
    the most.
    """

    __test__ = False  # not a pytest class

    probe: Call
    also: tuple[Call, ...] = ()
    each: Call | None = None
    most: int = Field(default=50, ge=1, le=1000)
    slots: dict[str, str] = Field(default_factory=dict)
    draw: dict[str, Call] = Field(default_factory=dict)
    examples: int = Field(default=1, ge=1, le=1000)
    when: tuple[Call, ...] = ()
    expect: tuple[Call, ...] = Field(min_length=1)


class Requirement(Noun):
    """One normative statement, the clause it comes from, and how it is verified.

    Before the day `required_from` it only advises; `load` makes an advisory of it.
    """

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:+-]*$", max_length=240)
    level: Level
    text: str = Field(min_length=1)
    source: str = Field(min_length=1)
    method: Method = Method.AUTOMATED
    phase: Phase = Phase.TENDER
    required_from: dt.date | None = None
    when: tuple[Call, ...] = ()
    tests: tuple[Test, ...] = ()
    untested: str = ""
    out_of_scope: str = ""
    origin: str = ""

    @property
    def numbered(self) -> tuple[Test, ...]:
        """The test of each template, in the order of their numbers: one as often as it has examples."""
        return tuple(test for test in self.tests for _ in range(test.examples))

    @model_validator(mode="after")
    def _says_how_or_why_not(self) -> "Requirement":
        if self.required_from is not None and not self.level.binding:
            raise ValueError(f"`requiredFrom` is for SHALL and SHALL NOT: {self.level} is never required")
        if self.method is Method.OUT_OF_SCOPE:
            if not self.out_of_scope or self.tests or self.untested:
                raise ValueError(
                    "method out-of-scope needs `outOfScope: reason`, and neither tests nor untested"
                )
        elif self.out_of_scope:
            raise ValueError("`outOfScope` is for method out-of-scope only")
        elif bool(self.tests) == bool(self.untested):
            raise ValueError("a requirement has either `tests` or, as `untested`, the reason why it has none")
        return self


class Parameter(Noun):
    """A limit that the profile sets. A buyer may set another, unless it is `fixed`: part of what the profile is.

    One that is `buyerOnly` says something about the purchase: a supplier that tests itself cannot set it.
    """

    default: Any
    unit: str = ""
    basis: str = ""
    fixed: bool = False
    buyer_only: bool = False


class Reference(Noun):
    """Another profile whose requirements this one takes over; YAML may give the bare name, or `name@range`.

    `version` is a version or a range of them (`>=0.3,<1`), `only` and `without` are ids or glob patterns that choose
    among its requirements.
    """

    profile: str
    version: str = ""
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        name, _, version = value.partition("@") if "/" not in value else (value, "", "")
        return {"profile": name, "version": version} if version else {"profile": value}

    @field_validator("version")
    @classmethod
    def _is_a_range(cls, value: str) -> str:
        VersionRange.read(value)
        return value


class SubVerdict(Noun):
    """A part of the profile with a verdict of its own, over the methods that it rests on.

    `requirements` are ids or glob patterns (`EXIT-PLN-*`).
    """

    id: str
    title: str
    rests_on: tuple[Method, ...] = (Method.AUTOMATED,)
    requirements: tuple[str, ...] = Field(min_length=1)


class Profile(Noun):
    """The requirements of one specification or policy, with parameters; it may extend other profiles.

    `discovery` says where targets declare what they offer; one that extends such a profile asks there as well.
    `discover` is the probe that learns it, where the usual one would not be let in; it labels a capability statement
    `metadata`.

    `fhir` says requirements in FHIR's own names; `load` puts them among the `requirements` and its packages, with
    those of the profiles that this one extends, in `packages`. In `bases` it pins what was extended, and in `changes`
    it tells what was changed of that on the way, by this profile and by those below it.
    """

    profile: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$", max_length=80)
    version: str = Field(pattern=rf"^{VERSION}$")
    title: str
    publisher: str = ""
    description: str = ""
    fhir_version: str = ""
    discovery: Discovery = Discovery.FHIR
    status: str = Field(default="active", pattern="^(draft|active|retired)$")
    gates: tuple[Method, ...] = ()
    extends: tuple[Reference, ...] = ()
    overrides: tuple[Override, ...] = ()
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    sub_verdicts: tuple[SubVerdict, ...] = ()
    advisories: tuple[Advisory, ...] = ()
    presets: tuple[Preset, ...] = ()
    discover: Call | None = None
    fhir: FhirBlock | None = None
    requirements: tuple[Requirement, ...] = ()
    packages: tuple[str, ...] = ()
    bases: tuple[Base, ...] = ()
    changes: tuple[Change, ...] = ()

    @field_validator("gates")
    @classmethod
    def _gate_on_verdicts(cls, value: tuple[Method, ...]) -> tuple[Method, ...]:
        if Method.OUT_OF_SCOPE in value:
            raise ValueError("out-of-scope gates nothing")
        return value

    @property
    def gated(self) -> tuple[Method, ...]:
        """The methods whose verdicts decide the result: those named, or all that a binding requirement uses."""
        used = {requirement.method for requirement in self.requirements if requirement.level.binding}
        return self.gates or tuple(m for m in Method if m in used and m is not Method.OUT_OF_SCOPE)

    @property
    def label(self) -> str:
        """Name and version, as in `exit-core@0.1.0`."""
        return f"{self.profile}@{self.version}"
