"""From a profile's `fhir:` block to ordinary requirements, with stable ids, sources and tests.

The ids are `PROFILE:TYPE.interaction.CODE`, `.search.NAME` (`.search.NAME.PREFIX`, `.search.NAME.MODIFIER`),
`.search.NAME+NAME`, `.include.PARAMETER`, `.revinclude.TYPE:PARAMETER`, `.operation.NAME`, `.structure.NAME`,
`.must-support.PATH`, and `.declared` for the type itself. What is of the whole system has no type.

What is asked for must be declared as well: a server that keeps silent fails. Only with a MAY, or for a type that need
not be there, does silence make a demand inapplicable.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformance.model.fhir_block import (
    CombinationDemand,
    Demand,
    ElementDemand,
    FhirBlock,
    IncludeDemand,
    Interaction,
    InteractionDemand,
    OperationDemand,
    ResourceDemands,
    SearchDemand,
    StructureDemand,
)
from conformance.model.level import Level

Json = dict[str, Any]
METADATA = {"request": {"path": "/metadata", "label": "metadata"}}


def expanded(block: FhirBlock, profile: str) -> Iterator[Json]:
    """The requirements that a block comes to, in the shape in which a profile writes them."""
    maker = _Maker(block, profile)
    yield from maker.of_system()
    for resource in block.resources:
        yield from maker.of_type(resource)


@dataclass(frozen=True)
class _Maker:
    block: FhirBlock
    profile: str

    def of_system(self) -> Iterator[Json]:
        if self.block.resources or self.block.interactions:
            version = ".".join(self.block.version.split(".")[:2])
            yield self._requirement(
                "fhir-version",
                Demand(),
                f"The capability statement names FHIR {version} as the version that the server follows.",
                [{"probe": METADATA, "expect": [{"fhir-version": {"version": version}}]}],
            )
        for interaction in self.block.interactions:
            yield self._interaction(None, interaction)
        for operation in self.block.operations:
            yield self._operation(None, operation)

    def of_type(self, resource: ResourceDemands) -> Iterator[Json]:
        kind = resource.type
        yield self._requirement(
            f"{kind}.declared",
            resource,
            f"The server declares the resource type {kind}.",
            [_declared({"resource": kind})],
            resource,
        )
        for interaction in resource.interactions:
            yield self._interaction(resource, interaction)
        for search in resource.searches:
            yield from self._searches(resource, search)
        for combination in resource.combinations:
            yield self._combination(resource, combination)
        for include in resource.includes:
            yield self._include(resource, include, reverse=False)
        for include in resource.rev_includes:
            yield self._include(resource, include, reverse=True)
        for operation in resource.operations:
            yield self._operation(resource, operation)
        for element in resource.must_support:
            yield self._element(resource, element, None)
        for structure in resource.structures:
            yield self._structure(resource, structure)
            for element in structure.must_support:
                yield self._element(resource, element, structure)

    def _interaction(self, resource: ResourceDemands | None, demand: InteractionDemand) -> Json:
        kind = resource.type if resource else ""
        what = (
            {"resource": kind, "interaction": demand.code.value}
            if kind
            else {"interaction": demand.code.value}
        )
        tests = _interaction_tests(kind, demand.code)
        of = f" of {kind}" if kind else ""
        works = ", and it works" if tests else ""
        return self._requirement(
            f"{kind}.interaction.{demand.code.value}".lstrip("."),
            demand,
            f"The server declares the interaction {demand.code.value}{of}{works}.",
            self._asked(demand, what, tests),
            resource,
        )

    def _searches(self, resource: ResourceDemands, demand: SearchDemand) -> Iterator[Json]:
        kind, name = resource.type, demand.name
        what = {"resource": kind, "interaction": "search-type", "search": name}
        yield self._requirement(
            f"{kind}.search.{name}",
            demand,
            f"{kind} can be searched by {name}: the server declares it, finds what matches, and nothing else.",
            self._asked(demand, what, [_search(kind, name, [])]),
            resource,
        )
        for form, said in (
            *((comparator.value, f"the prefix {comparator.value}") for comparator in demand.comparators),
            *((modifier.value, f"the modifier :{modifier.value}") for modifier in demand.modifiers),
        ):
            yield self._requirement(
                f"{kind}.search.{name}.{form}",
                demand,
                f"{kind} can be searched by {name} with {said}: the search finds what matches, and nothing else.",
                self._asked(demand, what, [_search(kind, name, [form])], declare=False),
                resource,
            )

    def _combination(self, resource: ResourceDemands, demand: CombinationDemand) -> Json:
        kind, names = resource.type, list(demand.names)
        each = {"search-by-all": {"resource": kind, "names": names}}
        what = {"resource": kind, "interaction": "search-type", "search": names}
        return self._requirement(
            f"{kind}.search.{'+'.join(names)}",
            demand,
            f"{kind} can be searched by {' and '.join(names)} together: the search finds what matches all of it.",
            self._asked(demand, what, [_judged(each)]),
            resource,
        )

    def _include(self, resource: ResourceDemands, demand: IncludeDemand, *, reverse: bool) -> Json:
        kind, value = resource.type, demand.value
        parameter, member = ("_revinclude", "rev_include") if reverse else ("_include", "include")
        name = value if reverse else value.removeprefix(f"{kind}:")
        return self._requirement(
            f"{kind}.{parameter[1:]}.{name}",
            demand,
            f"The server declares that a search of {kind} can have {parameter}={value}.",
            self._asked(demand, {"resource": kind, member: value}, []),
            resource,
        )

    def _operation(self, resource: ResourceDemands | None, demand: OperationDemand) -> Json:
        kind = resource.type if resource else ""
        what = {"operation": demand.name, **({"resource": kind} if kind else {})}
        of = f" of {kind}" if kind else ""
        return self._requirement(
            f"{kind}.operation.{demand.name}".lstrip("."),
            demand,
            f"The server declares the operation ${demand.name}{of}.",
            self._asked(demand, what, []),
            resource,
        )

    def _structure(self, resource: ResourceDemands, demand: StructureDemand) -> Json:
        check: Json = {"structure": demand.url}
        if demand.applies == "claimed":
            check["applies"] = demand.applies
        which = " that claims it in meta.profile" if demand.applies == "claimed" else ""
        return self._requirement(
            f"{resource.type}.structure.{demand.label}",
            demand,
            f"Each {resource.type}{which} meets the structure {demand.url}.",
            [_sampled(resource.type, {"meets-structure": check})],
            resource,
            demand.url,
        )

    def _element(
        self, resource: ResourceDemands, demand: ElementDemand, structure: StructureDemand | None
    ) -> Json:
        check: Json = {"resource": resource.type, "path": demand.path}
        if demand.extension:
            check["extension"] = demand.extension
        if demand.having:
            check["having"] = demand.having
        if structure is not None and structure.applies == "claimed":
            check["structure"] = structure.url
        holder = f"{structure.label}." if structure is not None else ""
        path = demand.path.replace("[x]", "") + (f":{demand.name}" if demand.name else "")
        narrowed = f" ({demand.name or demand.extension})" if demand.name or demand.extension else ""
        return self._requirement(
            f"{resource.type}.must-support.{holder}{path}",
            demand,
            f"The server is able to give {resource.type}.{demand.path}{narrowed}.",
            [_sampled(resource.type, {"must-support": check})],
            resource,
            (structure.source or structure.url) if structure is not None else "",
        )

    def _asked(self, demand: Demand, what: Json, tests: list[Json], *, declare: bool = True) -> list[Json]:
        """The test that it is declared, and those that it works where it is; a MAY need not be declared."""
        gate = {"when": [{"declares": what}]}
        gated = [{**gate, **test} for test in tests]
        if self._level(demand) is Level.MAY:
            return gated or [{**gate, **_declared(what)}]
        return [*([_declared(what)] if declare else []), *gated]

    def _level(self, demand: Demand) -> Level:
        return demand.level or self.block.level

    def _requirement(
        self,
        name: str,
        demand: Demand,
        text: str,
        tests: list[Json],
        resource: ResourceDemands | None = None,
        source: str = "",
    ) -> Json:
        made: Json = {
            "id": f"{self.profile}:{name}",
            "level": self._level(demand).value,
            "text": text,
            "source": demand.source or source or (resource.source if resource else "") or self.block.source,
            "tests": tests,
        }
        if resource is not None and demand is not resource and self._level(resource) is not Level.SHALL:
            made["when"] = [{"declares": {"resource": resource.type}}]
        return made


def _declared(what: Json) -> Json:
    return {"probe": METADATA, "expect": [{"declares": what}]}


def _sampled(kind: str, check: Json) -> Json:
    return {"probe": {"sample": {"resource": kind}}, "expect": [check]}


def _search(kind: str, name: str, forms: list[str]) -> Json:
    arguments: Json = {"resources": [kind], "names": [name], **({"forms": forms} if forms else {})}
    return _judged({"search-parameter": arguments})


def _judged(each: Json) -> Json:
    given = {name: f"{{{name}}}" for name in ("resource", "query", "matching")}
    return {"each": each, "probe": {"search-query": given}, "expect": [{"search-judged": given}]}


def _interaction_tests(kind: str, code: Interaction) -> list[Json]:
    """What shows that an interaction works: only those that change nothing are tried here."""
    ok = {"status": {"code": 200}}
    if code is Interaction.READ:
        checks = [ok, {"resource": {"type": kind, "id": "{p.id}"}}]
        return [
            {
                "probe": {"request": {"path": f"/{kind}/{{p.id}}"}},
                "slots": {"p": f"{kind}.id"},
                "expect": checks,
            }
        ]
    if code is Interaction.VREAD:
        checks = [ok, {"resource": {"type": kind, "id": "{v.id}"}}]
        path = f"/{kind}/{{v.id}}/_history/{{v}}"
        return [
            {"probe": {"request": {"path": path}}, "slots": {"v": f"{kind}.meta.versionId"}, "expect": checks}
        ]
    if code is Interaction.HISTORY_INSTANCE:
        path = f"/{kind}/{{p.id}}/_history"
        checks = [ok, {"resource": {"type": "Bundle"}}]
        return [{"probe": {"request": {"path": path}}, "slots": {"p": f"{kind}.id"}, "expect": checks}]
    if code is Interaction.SEARCH_TYPE:
        probe = {"paging": {"path": f"/{kind}", "count": 20, "max_pages": 1}}
        return [{"probe": probe, "expect": [{"searchset": {}}]}]
    return []
