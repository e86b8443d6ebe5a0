"""Reading a CapabilityStatement: what a server says that it offers, whatever odd shape it says it in.

See https://hl7.org/fhir/R4/capabilitystatement.html. Only the parts for `mode` server count.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

Statement = dict[str, Any]

COMPARTMENTS = "http://hl7.org/fhir/CompartmentDefinition/"
Conditional = Literal["read-tag", "read-date", "create", "update", "delete", "delete-one", "delete-many"]
"""What a conditional interaction looks at, or how many it may delete."""

CONDITIONAL: Mapping[Conditional, tuple[str, frozenset[object]]] = MappingProxyType(
    {
        "read-tag": ("conditionalRead", frozenset({"not-match", "full-support"})),
        "read-date": ("conditionalRead", frozenset({"modified-since", "full-support"})),
        "create": ("conditionalCreate", frozenset({True})),
        "update": ("conditionalUpdate", frozenset({True})),
        "delete": ("conditionalDelete", frozenset({"single", "multiple"})),
        "delete-one": ("conditionalDelete", frozenset({"single"})),
        "delete-many": ("conditionalDelete", frozenset({"multiple"})),
    }
)
"""The member of a type's declaration that declares it, and the values with which it does."""

COMBINATION = "http://hl7.org/fhir/StructureDefinition/capabilitystatement-search-parameter-combination"


def servers(statement: Statement) -> list[dict[str, Any]]:
    """The `rest` parts that describe a server."""
    return [part for part in _objects(statement, "rest") if part.get("mode", "server") == "server"]


def resources(statement: Statement, resource_type: str = "") -> list[dict[str, Any]]:
    """The declarations of resource types (of that one where it is named)."""
    return [
        entry
        for server in servers(statement)
        for entry in _objects(server, "resource")
        if isinstance(kind := entry.get("type"), str) and (not resource_type or kind == resource_type)
    ]


def interactions(statement: Statement, resource_type: str = "") -> set[str]:
    """The codes of the interactions with a type; those with the whole system where none is named."""
    holders = resources(statement, resource_type) if resource_type else servers(statement)
    return {code for holder in holders for code in _texts(holder, "interaction", "code")}


def searchable_types(statement: Statement) -> list[str]:
    """The resource types that can be searched, sorted."""
    found = resources(statement)
    return sorted({each["type"] for each in found if "search-type" in _texts(each, "interaction", "code")})


def search_parameters(statement: Statement, resource_type: str) -> dict[str, str]:
    """The names of the search parameters of a type and their kinds, with those declared for all types."""
    holders = [*servers(statement), *resources(statement, resource_type)]
    return {
        parameter["name"]: str(parameter.get("type", ""))
        for holder in holders
        for parameter in _objects(holder, "searchParam")
        if isinstance(parameter.get("name"), str)
    }


def declared_parameters(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """The search parameters that one entry of a statement lists, as they stand there."""
    return list(_objects(entry, "searchParam"))


def includes(statement: Statement, resource_type: str, *, reverse: bool = False) -> list[str]:
    """What the server says that searches of the type can include (`Observation:subject`, `*`), sorted."""
    member = "searchRevInclude" if reverse else "searchInclude"
    lists = (entry.get(member) for entry in resources(statement, resource_type))
    return sorted(
        {text for each in lists if isinstance(each, list) for text in each if isinstance(text, str)}
    )


def lacking(statement: Statement) -> set[str]:
    """What is declared without an element that it must have, in words (`a search parameter without a type`)."""
    needed = {"interaction": ("code",), "searchParam": ("name", "type"), "operation": ("name", "definition")}
    words = {
        "interaction": "an interaction",
        "searchParam": "a search parameter",
        "operation": "an operation",
    }
    found = set()
    for server in servers(statement):
        for holder in (server, *_objects(server, "resource")):
            found |= {
                f"{words[part]} without a {name}"
                for part, names in needed.items()
                for item in _objects(holder, part)
                for name in names
                if not item.get(name)
            }
        if not all(entry.get("type") for entry in _objects(server, "resource")):
            found.add("a resource without a type")
    return found


def compartments(statement: Statement) -> set[str]:
    """The canonical URLs of the compartments that can be searched, versions left out."""
    lists = (server.get("compartment") for server in servers(statement))
    return {
        text.split("|")[0]
        for each in lists
        if isinstance(each, list)
        for text in each
        if isinstance(text, str)
    }


@dataclass(frozen=True)
class Combination:
    """Search parameters of a type that go together: those that a search must have, and those that it may have."""

    required: tuple[str, ...]
    optional: tuple[str, ...]


def combinations(statement: Statement, resource_type: str) -> list[Combination]:
    """The combinations of search parameters that are declared for a type, in their order.

    Where there are any, every search of the type must meet one (see `COMBINATION`): have all that it requires, or one
    of its optional parameters where it requires none.
    """
    found = []
    for entry in resources(statement, resource_type):
        for extension in _objects(entry, "extension"):
            if extension.get("url") == COMBINATION:
                parts = _objects(extension, "extension")
                required, optional = (
                    tuple(
                        part["valueString"]
                        for part in parts
                        if part.get("url") == role and isinstance(part.get("valueString"), str)
                    )
                    for role in ("required", "optional")
                )
                found.append(Combination(required, optional))
    return found


def is_searchable_alone(statement: Statement, resource_type: str, name: str) -> bool:
    """Whether a search by this parameter alone is one that the server says it answers."""
    declared = [one for one in combinations(statement, resource_type) if one.required or one.optional]
    return not declared or any(
        set(one.required) == {name} or (not one.required and name in one.optional) for one in declared
    )


def operations(statement: Statement, resource_type: str = "") -> set[str]:
    """The names of the operations of a type (of the system and of all types where none is named), without `$`.

    An operation goes by its name and by the last part of its definition's URL.
    """
    holders = resources(statement, resource_type)
    if not resource_type:
        holders = [*servers(statement), *holders]
    names = {name.lstrip("$") for holder in holders for name in _texts(holder, "operation", "name")}
    urls = (url for holder in holders for url in _texts(holder, "operation", "definition"))
    return names | {url.split("|")[0].rstrip("/").rsplit("/", 1)[-1] for url in urls}


def system_operations(statement: Statement) -> set[str]:
    """The names of the operations of the system as a whole, as `operations` has them."""
    return operations({**statement, "rest": [{**server, "resource": []} for server in servers(statement)]})


def ways_in(statement: Statement) -> set[str]:
    """What the server declares by which new resources could come into it: interactions, and operations to import."""
    types = {code for entry in resources(statement) for code in _texts(entry, "interaction", "code")}
    imports = {f"${name}" for name in operations(statement) if "import" in name.lower()}
    together = interactions(statement) & {"batch", "transaction"}
    return (types & {"create", "update"}) | together | imports


def is_conditional(statement: Statement, resource_type: str, what: Conditional) -> bool:
    """Whether the server says that it supports this conditional interaction with the type."""
    member, values = CONDITIONAL[what]
    stated = [entry.get(member) for entry in resources(statement, resource_type)]
    return any(isinstance(value, str | bool) and value in values for value in stated)


def patch_formats(statement: Statement) -> list[str]:
    """The media types of the patches that the server says it takes."""
    stated = statement.get("patchFormat")
    return [text for text in stated if isinstance(text, str)] if isinstance(stated, list) else []


def versioning(statement: Statement, resource_type: str) -> str:
    """What the server says about versions of the type (`versioned-update`, `no-version` …); empty if nothing."""
    return next(
        (str(entry["versioning"]) for entry in resources(statement, resource_type) if "versioning" in entry),
        "",
    )


def _objects(holder: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = holder.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _texts(holder: dict[str, Any], name: str, member: str) -> Iterator[str]:
    for item in _objects(holder, name):
        if isinstance(item.get(member), str):
            yield item[member]
