"""Each way to spoil a record, at two places: as it is stored, and as it is exported."""

from dataclasses import replace

from benchmarks.assurance.exact import written
from benchmarks.assurance.lie import Act, Lie
from benchmarks.assurance.lies.content import CLAUSES, WAYS, Spoil
from benchmarks.assurance.lies.tools import R4, bundle_changed, each_line, files_changed
from benchmarks.assurance.passing import Answer, Ask, Asked, Memory

_OF_A_PLACE = {
    # A server may change what it is sent, but ought to keep it; two contents under one version id it may not have.
    "write": ("SHOULD", f"{R4}/http.html#transaction-integrity"),
    "export": ("SHALL", f"{R4}/resource.html#Meta.versionId"),
}


def _as_written(spoil: Spoil) -> Act:
    async def act(asked: Asked, ask: Ask, _: Memory) -> Answer:
        sent = asked.sent
        stores = asked.method in ("POST", "PUT") and "$" not in asked.path
        if not (stores and sent) or sent.get("resourceType") == "Parameters":
            return await ask(asked)
        new = bundle_changed(sent, spoil) if sent.get("resourceType") == "Bundle" else spoil(sent)
        return await ask(replace(asked, body=written(new)) if new != sent else asked)

    return act


def _as_exported(spoil: Spoil) -> Act:
    def change(lines: list[object]) -> list[object]:
        return each_line(lines, lambda one: one if one["resourceType"] == "Parameters" else spoil(one))

    async def act(asked: Asked, ask: Ask, memory: Memory) -> Answer:
        return await files_changed(asked, ask, memory, change)

    return act


def _made(place: str, family: str, way: str, act: Act, spoil: Spoil) -> Lie:
    level, clause = ("SHALL", CLAUSES[spoil]) if spoil in CLAUSES else _OF_A_PLACE[place]
    name = spoil.__name__.replace("_", "-")
    return Lie(f"{place}-{name}", family, level, clause, f"{way}: {spoil.__doc__}", act)


LIES = tuple(
    [_made("write", "what was written", "As records are stored", _as_written(spoil), spoil) for spoil in WAYS]
    + [
        _made("export", "what is exported", "In exported files only", _as_exported(spoil), spoil)
        for spoil in WAYS
    ]
)
