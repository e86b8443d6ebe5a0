"""Operations that a target declares and that can be tried, since they change nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from conformance.analysis.samples import Samples, samples
from conformance.fhir.capability import operations, resources, system_operations
from conformance.fhir.reading_operations import ANY, READING, Operation
from conformance.plugin import Evidence, Json, NoData, NotApplicable, Row, enumerator

NOT_SHOWN = "no resource of the type was seen in discovery on which it could be called"
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class OperationRow(Row):
    """A declared operation: where it is called (`at`, before `/$name`), with what, and what it is to answer."""

    name: str = ""
    at: str = ""
    arguments: list[Json] = field(default_factory=list)
    gives: str = ""
    holds: list[str] = field(default_factory=list)


@enumerator("reading-operation")
def reading_operations(evidence: Evidence, choice: int) -> Iterator[OperationRow]:
    """Each operation that the target declares, of those of R4 of which it is known that they change nothing.

    That is $lookup, $validate-code, $subsumes, $expand, $translate, $lastn, $document, $meta, $versions, and
    $everything of encounters. One that is declared for many types is called on one of them.
    """
    statement = evidence.capability_statement
    if statement is None:
        raise NoData("the target gives no capability statement, so it is not known what it declares")
    held = samples(evidence.discovery)
    everywhere = system_operations(statement)
    kinds = sorted({str(entry["type"]) for entry in resources(statement)})
    found = False
    for one in READING:
        if one.level == "system":
            declaring = [ANY] if one.name in everywhere else []
        elif one.type:
            anywhere = f"{one.type}-{one.name}" in everywhere
            declaring = [one.type] if anywhere or one.name in operations(statement, one.type) else []
        else:
            declaring = [kind for kind in kinds if one.name in operations(statement, kind)]
        if declaring:
            found = True
            yield _row(one, declaring, held, choice)
    if not found:
        raise NotApplicable("the target declares no operation of R4 that only reads and could be tried")


def _row(one: Operation, declaring: list[str], held: Samples, choice: int) -> OperationRow:
    shown = [kind for kind in declaring if held.of(kind)]
    kind = (shown or declaring)[choice % len(shown or declaring)]
    key = f"{kind or 'system'}.{one.name}"
    at = f"/{kind}" if kind else ""
    if one.level == "instance":
        if not shown:
            return OperationRow(key=key, lacking=NOT_SHOWN)
        at = f"{at}/{held.of(kind)[choice % len(held.of(kind))]['id']}"
    known = dict(one.otherwise) | _held(one, held)
    wanted = {slot for _, _, value in one.arguments for slot in _SLOT.findall(value)}
    if not wanted <= known.keys():
        return OperationRow(key=key, lacking=NOT_SHOWN)
    arguments: list[Json] = [
        {"name": name, member: value.format_map(known)} for name, member, value in one.arguments
    ]
    return OperationRow(key, "", one.name, at, arguments, one.gives, list(one.holds))


def _held(one: Operation, held: Samples) -> dict[str, str]:
    """What the sampled resources give to call it with: all that it takes of a resource, or nothing of it."""
    known = {}
    patients = held.most_referred("Patient")
    if patients:
        known["patient"] = f"Patient/{patients[0]['id']}"
    for resource in held.of(one.type) if "url" in one.otherwise else ():
        concepts = resource.get("concept")
        first = concepts[0] if isinstance(concepts, list) and concepts else None
        code = first.get("code") if isinstance(first, dict) else None
        if isinstance(resource.get("url"), str) and ("code" not in one.otherwise or isinstance(code, str)):
            return known | {"url": resource["url"], "code": str(code)}
    return known
