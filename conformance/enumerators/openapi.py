"""The operations of an OpenAPI description, each with an address at which it can be tried."""

from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

from conformance.analysis.described import base_of, description_answer, description_in, seen
from conformance.openapi.description import Json, Operation, Unresolved
from conformance.openapi.examples import path_shown
from conformance.openapi.places import addresses, is_of_a_list, maker
from conformance.openapi.requests import can_be_wrong
from conformance.plugin import Evidence, NoData, NotApplicable, Row, enumerator


@dataclass(frozen=True)
class OperationRow(Row):
    """An operation: its name, the address of the description, its own below the base, and the number to draw by.

    `path` is a template still where what it is about has to be made first, by the operation `made_by`.
    """

    operation: str = ""
    description: str = ""
    base: str = ""
    path: str = ""
    made_by: str = ""
    seed: int = 0


@enumerator("openapi-operation", alike=True)
def openapi_operations(  # noqa: PLR0913 - each leaves out other operations
    evidence: Evidence,
    choice: int,
    *,
    safe: bool | None = None,
    deprecated: bool = False,
    protected: bool = False,
    refusing: bool = False,
    placed: bool = False,
) -> Iterator[OperationRow]:
    """Each operation that the description describes: `safe` ones or the others, or only some of them.

    `deprecated`, `protected` (by credentials), `refusing` (which take something that can be wrong) and `placed` (about
    one thing of a list) leave out others.
    One that reads is tried at an address that a list shows, or that the description shows as an example.
    """
    answer = description_answer(evidence)
    description = description_in(answer)
    if not description.operations:
        raise NoData("the description describes no operation")
    base = base_of(evidence)
    lists = seen(evidence.discovery, base)
    wanted = [each for each in description.operations if safe is None or each.safe is safe]
    wanted = [
        each for each in wanted if (not deprecated or each.deprecated) and (not protected or each.security)
    ]
    if refusing:
        wanted = [each for each in wanted if can_be_wrong(each)]
    if placed:
        wanted = [each for each in wanted if is_of_a_list(each)]
    if not wanted:
        raise NotApplicable("the description describes no operation of this kind")
    for each in wanted:
        row = OperationRow(
            key=each.key, operation=each.name, description=answer.url, base=base, seed=choice % 2**31
        )
        yield _placed(row, each, lists, choice + crc32(each.name.encode()))


@dataclass(frozen=True)
class ServiceRow(Row):
    """The service as a whole: the address of its description, and where its paths begin."""

    description: str = ""
    base: str = ""


@enumerator("openapi-service", alike=True)
def openapi_service(evidence: Evidence, choice: int) -> Iterator[ServiceRow]:  # noqa: ARG001 - all are asked alike
    """The service that the description describes."""
    yield ServiceRow(key="service", description=description_answer(evidence).url, base=base_of(evidence))


def _placed(
    row: OperationRow, operation: Operation, lists: dict[str, list[Json]], choice: int
) -> OperationRow:
    """The row with the address at which its operation can be tried, or with what it lacks."""
    made_by = ""
    if not operation.safe and "{" in operation.path:
        maker_of_it = maker(operation)
        path = operation.path if maker_of_it else ""
        made_by = maker_of_it.name if maker_of_it else ""
    else:
        found = sorted(addresses(operation.path, lists))
        path = found[choice % len(found)] if found else _shown(operation)
    lacking = "" if path else "nothing is known that it could be tried on: no list and no example shows it"
    values = {name: getattr(row, name) for name in ("key", "operation", "description", "base", "seed")}
    return OperationRow(**values, path=path, made_by=made_by, lacking=lacking)


def _shown(operation: Operation) -> str:
    try:
        return path_shown(operation)
    except Unresolved:
        return ""
