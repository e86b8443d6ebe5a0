"""One parameter of a search as SQL: its values between commas, its modifier, a chain, a search in reverse.

See https://hl7.org/fhir/R4/search.html#combining, #modifiers, #chaining and #has.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from conformance.reference.behaviour.search import ValuesBehaviour
from conformance.reference.behaviour.whole import SearchBehaviour
from conformance.reference.forms.outcomes import RequestError, bad_request
from conformance.reference.records.parameters import KNOWN_TYPES, Parameter, parameter
from conformance.reference.records.store import Store
from conformance.reference.search.clauses import MODIFIERS, Asked, Clause, clause, split, unescape
from conformance.reference.search.composites import composite

_ODD = 400
_HELD_CODE = "pk IN (SELECT pk FROM token_index WHERE p = ?)"
_CURRENT = "FROM current WHERE type = ? AND deleted = 0 AND"
# CROSS JOIN tells SQLite to begin with the inner search, which finds less than there are references.
_REFERRING = "CROSS JOIN reference_index r ON r.p = ? AND r.id = found.id AND r.target = ?"
_REFERRED = "CROSS JOIN reference_index r ON r.p = ? AND r.pk = found.pk AND r.target = ?"
_TARGET = "CROSS JOIN current c ON c.type = r.target AND c.id = r.id"


@dataclass(frozen=True)
class Within:
    """Where a condition is read: the store, the server's address, its behaviour, and the type that is searched."""

    store: Store
    base_url: str
    behaviour: SearchBehaviour
    resource_type: str

    def of(self, resource_type: str) -> "Within":
        """The same for another type."""
        return Within(self.store, self.base_url, self.behaviour, resource_type)


def condition(
    store: Store, base_url: str, behaviour: SearchBehaviour, resource_type: str, given: tuple[str, str]
) -> Clause | None:
    """What a parameter asks of the versions' keys; None where the type has no such parameter.

    Refuses (400) a modifier or a value that cannot be understood.
    """
    return _condition(Within(store, base_url, behaviour, resource_type), *given)


def any_of(alternatives: list[Clause], behaviour: ValuesBehaviour, *, excluded: bool = False) -> Clause:
    """Keys that one of the alternatives selects (none of them, where they are excluded)."""
    if not alternatives:
        raise bad_request("A search parameter has commas but no value")
    joined = " INTERSECT " if behaviour.or_is_and else " UNION ALL "
    sql = joined.join(alternative.sql for alternative in alternatives)
    arguments = tuple(argument for alternative in alternatives for argument in alternative.arguments)
    return Clause(f"pk {'NOT ' if excluded else ''}IN ({sql})", arguments)


def combined(clauses: Sequence[Clause], behaviour: ValuesBehaviour) -> tuple[Clause, ...]:
    """The conditions of a search, all of which must hold."""
    if not behaviour.and_is_or or not clauses:
        return tuple(clauses)
    sql = " OR ".join(f"({one.sql})" for one in clauses)
    return (Clause(f"({sql})", tuple(argument for one in clauses for argument in one.arguments)),)


def cut(value: str, behaviour: ValuesBehaviour) -> list[str]:
    """The values between commas."""
    if behaviour.odd_value_fails and any(ord(character) >= _ODD for character in value):
        raise RequestError(500, "exception", "The search could not be carried out")
    return split(value, ",") if behaviour.comma_escape_heeded else value.split(",")


def read_all(
    read: Callable[[str], Clause], alternatives: Sequence[str], behaviour: ValuesBehaviour
) -> list[Clause]:
    """Each value read; where values that cannot be are ignored, one that all meet in their place."""
    try:
        return [read(part) for part in alternatives if part]
    except RequestError:
        if behaviour.invalid_value_ignored:
            return [Clause("SELECT pk FROM versions", ())]
        raise


def unsupported_modifier(name: str) -> RequestError:
    """The refusal of a modifier."""
    return bad_request(f"The modifier in {name!r} is not supported", "not-supported")


def _condition(within: Within, full_name: str, value: str) -> Clause | None:
    if full_name.startswith("_has:"):
        return _reverse(within, full_name, value)
    head, dot, rest = full_name.partition(".")
    name, _, modifier = head.partition(":")
    known = parameter(within.resource_type, name)
    if known is None:
        return _by_id(within, name, value) if name == "_id" and not modifier and not dot else None
    if dot:
        return _chained(within, known, modifier, rest, value)
    return _plain(within, known, modifier, value)


def _plain(within: Within, known: Parameter, modifier: str, value: str) -> Clause:
    behaviour = within.behaviour
    if behaviour.failing_parameter == (within.resource_type, known.name):
        raise RequestError(500, "exception", f"The search by {known.name} could not be carried out")
    unheeded = known.name in {"_tag", "_security"} and not behaviour.values.labels_heeded
    if unheeded or behaviour.ignored_parameter == (within.resource_type, known.name):
        return Clause("1", ())
    if modifier == "missing":
        return _missing(within, known, value)
    typed = known.kind == "reference" and modifier[:1].isupper()
    if modifier and not typed and modifier not in MODIFIERS.get(known.kind, ()):
        raise unsupported_modifier(f"{known.name}:{modifier}")
    if known.kind == "composite":
        return any_of(
            read_all(
                lambda part: composite(
                    within.store, within.base_url, behaviour, (within.resource_type, known), part
                ),
                cut(value, behaviour.values),
                behaviour.values,
            ),
            behaviour.values,
        )
    searched = "family" if known.name == "name" and behaviour.values.name_is_family else known.name
    beside = f"{known.name}:{modifier}" if modifier in {"text", "identifier"} else searched
    key = within.store.parameter_key(within.resource_type, beside)
    asked = Asked(known, key, modifier, within.base_url, behaviour)
    found = read_all(lambda part: clause(asked, part), cut(value, behaviour.values), behaviour.values)
    meant = any_of(found, behaviour.values, excluded=modifier == "not")
    if modifier == "not":
        return _not(key, meant, behaviour.values)
    if not behaviour.values.unknown_value_matches_all or modifier:
        return meant
    every = "SELECT pk FROM current WHERE deleted = 0"
    hit = f"EXISTS ({every} AND {meant.sql})"
    return Clause(f"({meant.sql} OR NOT {hit})", (*meant.arguments, *meant.arguments))


def _not(key: int, meant: Clause, behaviour: ValuesBehaviour) -> Clause:
    if not behaviour.not_heeded:
        return Clause("1", ())
    if behaviour.not_needs_value:
        return Clause(f"{meant.sql} AND {_HELD_CODE}", (*meant.arguments, key))
    return meant


def _missing(within: Within, known: Parameter, value: str) -> Clause:
    if value not in {"true", "false"}:
        raise bad_request(f"{known.name}:missing={value}: expected true or false")
    if known.kind == "composite":
        raise unsupported_modifier(f"{known.name}:missing")
    if value == "false" and not within.behaviour.values.missing_false_heeded:
        return Clause("1", ())
    key = within.store.parameter_key(within.resource_type, known.name)
    absent = (value == "true") is not within.behaviour.values.missing_inverted
    return Clause(f"pk {'NOT ' if absent else ''}IN (SELECT pk FROM {known.kind}_index WHERE p = ?)", (key,))  # noqa: S608 - own names


def _chained(within: Within, known: Parameter, target: str, rest: str, value: str) -> Clause | None:
    """Those that refer to a resource of which the rest of the chain holds."""
    if known.kind != "reference":
        raise bad_request(f"{known.name}.{rest}: only references can be chained")
    key = within.store.parameter_key(within.resource_type, known.name)
    if not within.behaviour.values.chain_heeded:
        return Clause("pk IN (SELECT pk FROM reference_index WHERE p = ?)", (key,))
    found: list[Clause] = []
    for kind in [target or known.target] if target or known.target else KNOWN_TYPES:
        inner = _condition(within.of(kind), rest, value)
        if inner is not None:
            found.append(
                Clause(
                    f"SELECT r.pk FROM (SELECT id {_CURRENT} {inner.sql}) found {_REFERRING}",  # noqa: S608 - own names
                    (kind, *inner.arguments, key, kind),
                )
            )
    return any_of(found, ValuesBehaviour()) if found else None


def _reverse(within: Within, full_name: str, value: str) -> Clause | None:
    """Those to which a resource refers of which the rest holds: `_has:Type:reference:rest`."""
    _, kind, by, rest = (*full_name.split(":", 3), "", "", "")[:4]
    known = parameter(kind, by)
    if known is None or known.kind != "reference" or not rest:
        raise bad_request(f"{full_name}: expected _has:Type:reference:parameter", "not-supported")
    inner = _condition(within.of(kind), rest, value)
    if inner is None:
        raise bad_request(f"{full_name}: {kind} has no such parameter", "not-supported")
    if not within.behaviour.values.has_heeded:
        return Clause("1", ())
    key = within.store.parameter_key(kind, by)
    return Clause(
        f"pk IN (SELECT c.pk FROM (SELECT pk {_CURRENT} {inner.sql}) found {_REFERRED} {_TARGET})",  # noqa: S608 - own names
        (kind, *inner.arguments, key, within.resource_type),
    )


def _by_id(within: Within, _: str, value: str) -> Clause:
    """A resource's own id, at the end of a chain."""
    sql = "SELECT pk FROM versions WHERE type = ? AND id = ?"
    found = [Clause(sql, (within.resource_type, unescape(part))) for part in split(value, ",") if part]
    return any_of(found, within.behaviour.values)
