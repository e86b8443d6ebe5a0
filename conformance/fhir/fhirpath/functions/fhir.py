"""Functions that FHIR adds. Source: FHIR R4, https://hl7.org/fhir/R4/fhirpath.html#functions."""

from collections.abc import Callable
from typing import Any

from conformance.fhir.fhirpath.environment import EMPTY, FALSE, TRUE, Env, Step, boolean
from conformance.fhir.fhirpath.errors import EvaluationError, Undecided
from conformance.fhir.fhirpath.functions.registry import MANY, Arguments, function, plain, text_of, values_of
from conformance.fhir.fhirpath.nodes import Items, Node, descendants, member
from conformance.fhir.fhirpath.quantity import Quantity
from conformance.fhir.fhirpath.services import UNKNOWN
from conformance.fhir.fhirpath.values import described, system


@function("extension", 1)
def extension(arguments: Arguments) -> Step:
    """The extensions of each item that have this url."""
    run = arguments[0].run

    def step(env: Env, items: Items) -> Items:
        url = text_of(run(env), "extension()")
        return [
            found
            for item in items
            if isinstance(item, Node)
            for found in member(item, "extension")
            if found.value.__class__ is dict and found.value.get("url") == url
        ]

    return step


@plain("hasValue")
def has_value(_env: Env, items: Items) -> Items:
    """Whether there is one primitive, and it has a value rather than extensions only; a Quantity is no primitive."""
    if len(items) != 1:
        return FALSE
    item = items[0]
    if item.__class__ is not Node:
        return FALSE if isinstance(item, Quantity) else TRUE
    shape, value = item.shape, item.value
    return TRUE if value is not None and (shape.system if shape is not None else item.is_primitive) else FALSE


@plain("getValue")
def get_value(_env: Env, items: Items) -> Items:
    """The System value of the one primitive."""
    if len(items) != 1 or (isinstance(items[0], Node) and not items[0].is_primitive):
        return EMPTY
    return tuple(values_of(items))


@plain("resolve")
def resolve(env: Env, items: Items) -> Items:
    """The resources that references, canonicals or uris point to; what surely does not exist is left out.

    Raises Undecided where nobody knows.
    """
    found = []
    for item in items:
        reference, node = _reference(item), item if isinstance(item, Node) else env.node()
        if reference is None or node is None:
            continue
        target = env.services.resolve(reference, node)
        if target is UNKNOWN:
            raise Undecided(f"the target of the reference {reference!r} is not at hand")
        if target is not None:
            found.append(target)
    return found


@function("memberOf", 1)
def member_of(arguments: Arguments) -> Step:
    """Whether the code, Coding or CodeableConcept is in the value set. Raises Undecided where nobody knows."""

    def step(env: Env, items: Items) -> Items:
        value_set = text_of(arguments[0].run(env), "memberOf()")
        if not items or value_set is None:
            return EMPTY
        item = _only(items, "memberOf()")
        return boolean(_decided(env.services.member_of(item, value_set), f"membership of {value_set}"))

    return step


@function("subsumes", 1)
def subsumes(arguments: Arguments) -> Step:
    """Whether this concept is the other one, or more general. Raises Undecided where nobody knows."""
    return _subsumption(arguments, "subsumes()", lambda env, one, other: env.services.subsumes(one, other))


@function("subsumedBy", 1)
def subsumed_by(arguments: Arguments) -> Step:
    """Whether this concept is the other one, or more special. Raises Undecided where nobody knows."""
    return _subsumption(arguments, "subsumedBy()", lambda env, one, other: env.services.subsumes(other, one))


@function("conformsTo", 1)
def conforms_to(arguments: Arguments) -> Step:
    """Whether the item conforms to a structure. Raises Undecided where nobody knows."""

    def step(env: Env, items: Items) -> Items:
        canonical = text_of(arguments[0].run(env), "conformsTo()")
        if not items or canonical is None:
            return EMPTY
        item = _only(items, "conformsTo()")
        if not isinstance(item, Node):
            return FALSE
        return boolean(_decided(env.services.conforms_to(item, canonical), f"conformance to {canonical}"))

    return step


@plain("htmlChecks")
def html_checks(env: Env, items: Items) -> Items:
    """Whether the XHTML obeys the rules for narratives."""
    return _html(env, items)


@plain("htmlChecks2")
def html_checks_2(env: Env, items: Items) -> Items:
    """The same, by its second name."""
    return _html(env, items)


@function("checkModifiers", 0, MANY)
def check_modifiers(arguments: Arguments) -> Step:
    """The items as they are. Raises EvaluationError where one has a modifier extension that is not named here."""

    def step(env: Env, items: Items) -> Items:
        known = {text_of(argument.run(env), "checkModifiers()") for argument in arguments}
        for item in items:
            for node in (item, *descendants(item)) if isinstance(item, Node) else ():
                for found in member(node, "modifierExtension"):
                    url = found.value.get("url") if found.value.__class__ is dict else None
                    if url not in known:
                        raise EvaluationError(
                            f"{described(found)} is a modifier extension that is not expected: {url}"
                        )
        return items

    return step


def _reference(item: Any) -> str | None:
    value = system(item)
    if isinstance(value, str):
        return value
    if isinstance(value, Node) and value.value.__class__ is dict:
        reference = value.value.get("reference")
        return reference if isinstance(reference, str) else None
    return None


def _only(items: Items, what: str) -> Any:
    if len(items) > 1:
        raise EvaluationError(f"{what} needs one item, and has {len(items)}")
    return items[0]


def _decided(answer: bool | None, what: str) -> bool:  # noqa: FBT001 - it is an answer, no switch
    if answer is None:
        raise Undecided(f"{what} cannot be decided with what is at hand")
    return answer


def _subsumption(arguments: Arguments, what: str, ask: Callable[[Env, Any, Any], bool | None]) -> Step:
    def step(env: Env, items: Items) -> Items:
        others = arguments[0].run(env)
        if not items or not others:
            return EMPTY
        return boolean(_decided(ask(env, _only(items, what), _only(others, what)), "subsumption"))

    return step


def _html(env: Env, items: Items) -> Items:
    text = text_of(items, "htmlChecks()")
    return EMPTY if text is None else boolean(_decided(env.services.html_ok(text), "the narrative"))
