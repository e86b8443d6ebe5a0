"""The `fhir:` block of a profile: what a server must declare, offer and hold, said in FHIR's own names.

`load` expands it into ordinary requirements, so that everything later sees one shape. Each demand may have a level
and a source of its own; else those of the block hold.
"""

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from conformance.model.base import Noun
from conformance.model.level import Level

TYPE = r"^[A-Z][A-Za-z]+$"
NAME = r"^[A-Za-z_][A-Za-z0-9_.-]*$"
PACKAGE = r"^[A-Za-z0-9][\w.-]*(@[\w.+-]+)?$"


class Interaction(StrEnum):
    """What can be done with a type, or with the whole system (CapabilityStatement.rest.(resource.)interaction)."""

    READ = "read"
    VREAD = "vread"
    UPDATE = "update"
    PATCH = "patch"
    DELETE = "delete"
    HISTORY_INSTANCE = "history-instance"
    HISTORY_TYPE = "history-type"
    CREATE = "create"
    SEARCH_TYPE = "search-type"
    TRANSACTION = "transaction"
    BATCH = "batch"
    SEARCH_SYSTEM = "search-system"
    HISTORY_SYSTEM = "history-system"

    @property
    def of_system(self) -> bool:
        """Whether it is with the whole system."""
        return self in {self.TRANSACTION, self.BATCH, self.SEARCH_SYSTEM, self.HISTORY_SYSTEM}


class Comparator(StrEnum):
    """A prefix of ordered values (http://hl7.org/fhir/R4/search.html#prefix)."""

    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GE = "ge"
    LT = "lt"
    LE = "le"
    SA = "sa"
    EB = "eb"
    AP = "ap"


class Modifier(StrEnum):
    """What stands behind a parameter's name (http://hl7.org/fhir/R4/search.html#modifiers)."""

    MISSING = "missing"
    EXACT = "exact"
    CONTAINS = "contains"
    NOT = "not"
    TEXT = "text"
    IN = "in"
    NOT_IN = "not-in"
    BELOW = "below"
    ABOVE = "above"
    TYPE = "type"
    IDENTIFIER = "identifier"
    OF_TYPE = "of-type"


class Demand(Noun):
    """Something that is asked of a server, with its own level and source where they differ from the block's."""

    level: Level | None = None
    source: str = ""

    @field_validator("level")
    @classmethod
    def _asks_for_something(cls, value: Level | None) -> Level | None:
        if value in {Level.SHALL_NOT, Level.SHOULD_NOT}:
            raise ValueError(
                "must be SHALL, SHOULD or MAY: a block says what a server offers, not what it must not"
            )
        return value


class InteractionDemand(Demand):
    """An interaction; YAML may give its bare code."""

    code: Interaction

    @model_validator(mode="before")
    @classmethod
    def _from_code(cls, value: Any) -> Any:
        return {"code": value} if isinstance(value, str) else value


class SearchDemand(Demand):
    """A search parameter, with prefixes and modifiers that must work; YAML may give its bare name."""

    name: str = Field(pattern=NAME)
    comparators: tuple[Comparator, ...] = ()
    modifiers: tuple[Modifier, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value


class CombinationDemand(Demand):
    """Search parameters that must work together; YAML may give the bare list of their names."""

    names: tuple[str, ...] = Field(min_length=2)

    @model_validator(mode="before")
    @classmethod
    def _from_names(cls, value: Any) -> Any:
        return {"names": value} if isinstance(value, list) else value


class IncludeDemand(Demand):
    """A value of _include or _revinclude: `Type:parameter` or `Type:parameter:Target`; YAML may give it bare."""

    value: str = Field(pattern=r"^[A-Z][A-Za-z]+:[A-Za-z_][A-Za-z0-9_-]*(:[A-Z][A-Za-z]+)?$")

    @model_validator(mode="before")
    @classmethod
    def _from_value(cls, value: Any) -> Any:
        return {"value": value} if isinstance(value, str) else value


class OperationDemand(Demand):
    """An operation by its name without `$`; YAML may give it bare."""

    name: str = Field(pattern=NAME)

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value


class ElementDemand(Demand):
    """An element that the server must be able to give (must-support); YAML may give its bare path.

    `path` is below the resource (`name.family`, `value[x]`). `extension` is the url that is meant where the path ends
    in an extension, `having` values by path below the element, which tell a slice; `name` tells it from others of
    the same path in the requirement's id.
    """

    path: str = Field(pattern=r"^[a-z][A-Za-z0-9]*(\[x\])?(\.[a-z][A-Za-z0-9]*(\[x\])?)*$")
    extension: str = ""
    having: dict[str, Any] = Field(default_factory=dict)
    name: str = Field(default="", pattern=r"^[A-Za-z0-9._:/-]*$")

    @model_validator(mode="before")
    @classmethod
    def _from_path(cls, value: Any) -> Any:
        return {"path": value} if isinstance(value, str) else value


class StructureDemand(Demand):
    """A structure (StructureDefinition) that resources meet: all of the type, or those that claim it in meta.profile.

    YAML may give the bare canonical. `name` stands in ids; by default it is the last part of the canonical.
    """

    url: str = Field(pattern=r"^[a-z][a-z0-9+.-]*:\S+$")
    name: str = Field(default="", pattern=r"^[A-Za-z0-9._-]*$")
    applies: Literal["all", "claimed"] = "all"
    must_support: tuple[ElementDemand, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _from_canonical(cls, value: Any) -> Any:
        return {"url": value} if isinstance(value, str) else value

    @property
    def label(self) -> str:
        """The name that stands in ids."""
        return self.name or self.url.partition("|")[0].rstrip("/").rpartition("/")[2]


class ResourceDemands(Demand):
    """A resource type and all that is asked of it. Its `level` says how strongly the type itself is asked for.

    Where that is less than SHALL, the rest holds for servers that declare the type.
    """

    type: str = Field(pattern=TYPE)
    interactions: tuple[InteractionDemand, ...] = ()
    searches: tuple[SearchDemand, ...] = ()
    combinations: tuple[CombinationDemand, ...] = ()
    includes: tuple[IncludeDemand, ...] = ()
    rev_includes: tuple[IncludeDemand, ...] = ()
    operations: tuple[OperationDemand, ...] = ()
    structures: tuple[StructureDemand, ...] = ()
    must_support: tuple[ElementDemand, ...] = ()


class FhirBlock(Noun):
    """All that a profile says in FHIR's own names.

    `packages` are the FHIR packages that define its structures (`name@version`); `level` and `source` hold for every
    demand that names none of its own.
    """

    version: str = Field(default="4.0.1", pattern=r"^4\.0(\.\d+)?$")
    packages: tuple[str, ...] = ()
    level: Level = Level.SHALL
    source: str = ""
    interactions: tuple[InteractionDemand, ...] = ()
    operations: tuple[OperationDemand, ...] = ()
    resources: tuple[ResourceDemands, ...] = ()
