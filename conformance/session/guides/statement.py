"""What a guide's CapabilityStatement asks of servers, as the members of a profile's `fhir:` block.

Source: FHIR R4, https://hl7.org/fhir/R4/capabilitystatement.html, with the extensions capabilitystatement-expectation
and capabilitystatement-search-parameter-combination.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from conformance.model.fhir_block import Comparator

Json = dict[str, Any]

EXTENSIONS = "http://hl7.org/fhir/StructureDefinition/"
EXPECTATION = f"{EXTENSIONS}capabilitystatement-expectation"
COMBINATION = f"{EXTENSIONS}capabilitystatement-search-parameter-combination"
LEVELS = ("SHALL", "SHOULD", "MAY")


@dataclass
class Reading:
    """Reads statements; `level` is for what states no expectation, `parameter` finds a SearchParameter by its url.

    `left_out` gathers what is not written, one sentence each.
    """

    level: str
    parameter: Callable[[str], Json | None]
    left_out: list[str] = field(default_factory=list)

    def block(self, statement: Json) -> Json:
        """The members of the block: interactions, operations and resources."""
        found: Json = {}
        for rest in _objects(statement, "rest"):
            if rest.get("mode") != "server":
                continue
            found.setdefault("interactions", []).extend(self._interactions(rest, "the system"))
            found.setdefault("operations", []).extend(self._named(rest, "operation", "the system"))
            found.setdefault("resources", []).extend(
                self._resource(one) for one in _objects(rest, "resource") if isinstance(one.get("type"), str)
            )
        return {name: value for name, value in found.items() if value}

    def _resource(self, declared: Json) -> Json:
        kind = declared["type"]
        made: Json = {"type": kind, "level": self._expected(declared) or "MAY"}
        parts = {
            "interactions": self._interactions(declared, kind),
            "searches": list(self._searches(declared, kind)),
            "combinations": list(self._combinations(declared, kind)),
            "includes": list(self._primitives(declared, "searchInclude", "value", kind)),
            "revIncludes": list(self._primitives(declared, "searchRevInclude", "value", kind)),
            "operations": self._named(declared, "operation", kind),
            "structures": list(self._structures(declared, kind)),
        }
        return made | {name: value for name, value in parts.items() if value}

    def _interactions(self, holder: Json, of: str) -> list[Json]:
        found = [self._demand({"code": one["code"]}, one, f"{of}: interaction {one['code']}")
                 for one in _objects(holder, "interaction") if isinstance(one.get("code"), str)]  # fmt: skip
        return [one for one in found if one]

    def _named(self, holder: Json, member: str, of: str) -> list[Json]:
        found = [self._demand({"name": one["name"].lstrip("$")}, one, f"{of}: {member} {one['name']}")
                 for one in _objects(holder, member) if isinstance(one.get("name"), str)]  # fmt: skip
        return [one for one in found if one]

    def _searches(self, declared: Json, kind: str) -> Iterator[Json]:
        for one in _objects(declared, "searchParam"):
            if not isinstance(one.get("name"), str):
                continue
            demand = self._demand({"name": one["name"]}, one, f"{kind}: search parameter {one['name']}")
            if demand:
                comparators = self._comparators(one.get("definition"))
                yield demand | ({"comparators": comparators} if comparators else {})

    def _comparators(self, definition: Any) -> list[str]:
        """The prefixes that the guide's own SearchParameter asks for with a SHALL."""
        parameter = self.parameter(definition) if isinstance(definition, str) else None
        found = dict(_primitives(parameter or {}, "comparator"))
        known = {each.value for each in Comparator}
        return [name for name, extra in found.items() if name in known and _expectation(extra) == "SHALL"]

    def _combinations(self, declared: Json, kind: str) -> Iterator[Json]:
        for extension in _objects(declared, "extension"):
            if extension.get("url") != COMBINATION:
                continue
            names = [
                part["valueString"]
                for part in _objects(extension, "extension")
                if part.get("url") == "required" and isinstance(part.get("valueString"), str)
            ]
            demand = self._demand({"names": names}, extension, f"{kind}: search by {' and '.join(names)}")
            if demand and len(names) > 1:
                yield demand

    def _structures(self, declared: Json, kind: str) -> Iterator[Json]:
        """`profile` holds for all resources of the type; of several supported ones, each for those that claim it."""
        own = declared.get("profile")
        if isinstance(own, str):
            yield {"url": own, "level": self.level}
        supported = [pair for pair in _primitives(declared, "supportedProfile") if pair[0] != own]
        for url, extra in supported:
            demand = self._demand({"url": url}, extra, f"{kind}: structure {url}")
            if demand:
                yield demand | ({"applies": "claimed"} if len(supported) > 1 or own else {})

    def _primitives(self, holder: Json, member: str, name: str, kind: str) -> Iterator[Json]:
        for value, extra in _primitives(holder, member):
            demand = self._demand({name: value}, extra, f"{kind}: {member} {value}")
            if demand and ":" in value:
                yield demand

    def _demand(self, made: Json, holder: Json, what: str) -> Json:
        """The demand with its level; empty for what is asked not to be there, which is told."""
        level = self._expected(holder) or self.level
        if level not in LEVELS:
            self.left_out.append(f"{what} ({level}: a block cannot say what must not be there)")
            return {}
        return made | {"level": level}

    def _expected(self, holder: Json) -> str:
        return _expectation(holder)


def _expectation(holder: Json) -> str:
    """The expectation that an element states (`SHALL`, `SHOULD`, `MAY`, `SHOULD-NOT`); empty where none."""
    return next(
        (
            str(extension.get("valueCode", ""))
            for extension in _objects(holder, "extension")
            if extension.get("url") == EXPECTATION
        ),
        "",
    )


def _primitives(holder: Json, member: str) -> Iterator[tuple[str, Json]]:
    """The texts of a repeating primitive, each with what accompanies it (its extensions)."""
    values = holder.get(member)
    extras = holder.get(f"_{member}")
    listed = values if isinstance(values, list) else []
    beside = extras if isinstance(extras, list) else []
    for index, value in enumerate(listed):
        extra = beside[index] if index < len(beside) else None
        if isinstance(value, str):
            yield value, extra if isinstance(extra, dict) else {}


def _objects(holder: Json, member: str) -> list[Json]:
    value = holder.get(member)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
