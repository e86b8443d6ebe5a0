"""Whether resources that a target gave are valid: what is wrong with each, and by which kind of rule.

Judging is the validator's (`conformance.fhir.validation`); here it is made once for a set of definitions, and its
findings are sorted by the kind of rule that they break, so that each requirement tells its own.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import Any, Literal

from conformance.fhir.bundles import matches
from conformance.fhir.bundles import reference as name_of
from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.problems import DefinitionProblem
from conformance.fhir.definitions.table import Structure
from conformance.fhir.elements import values
from conformance.fhir.terminology.facade import Terminology
from conformance.fhir.validation.accept import Acceptor
from conformance.fhir.validation.issues import Issue
from conformance.fhir.validation.leeway import Allowed, Leeway
from conformance.fhir.validation.validator import Validator
from conformance.fhir.validation.vital_signs import vital_signs
from conformance.plugin import Exchange

Resource = dict[str, Any]
EXAMPLES = Leeway(frozenset({Allowed.EXAMPLE_URLS}))
"""Nothing in FHIR forbids a server to use urls below example.org: that is a matter for who publishes them."""

Aspect = Literal[
    "content",
    "values",
    "codes",
    "extensions",
    "references",
    "contained",
    "invariants",
    "claims",
    "vital-signs",
]
"""The kind of rule that a finding breaks. Every error of a resource is of exactly one kind.

`claims` are rules of structures that the resource says in meta.profile that it meets, `vital-signs` those that R4
asks of an Observation by its code; `content` is what is none of the others.
"""

_BY_MESSAGE: Mapping[str, Aspect] = {
    "code-missing-for-required": "codes",
    "code-not-in-maximum": "codes",
    "code-not-in-required": "codes",
    "code-unknown-in-system": "codes",
    "quantity-unit-unknown": "codes",
    "canonical-contained-missing": "contained",
    "contained-id-missing": "contained",
    "contained-id-repeated": "contained",
    "contained-not-referred-to": "contained",
    "invariant": "invariants",
    "reference-not-contained": "contained",
    "reference-to-itself": "contained",
    "profile-type": "claims",
}
_BY_PREFIX: Mapping[str, Aspect] = {
    "primitive-": "values",
    "extension-": "extensions",
    "reference-": "references",
}
_NOT_JUDGED: Mapping[str, Aspect] = {
    "binding": "codes",
    "extension": "extensions",
    "invariant": "invariants",
    "reference": "references",
    "structure": "claims",
}


@dataclass(frozen=True)
class Examined:
    """One resource: its `Type/id`, the structures that it claims, and its errors with the kind of rule of each.

    `vital_sign` says whether it is an Observation with the code of one.
    """

    name: str
    claims: tuple[str, ...] = ()
    vital_sign: bool = False
    errors: tuple[tuple[Aspect, Issue], ...] = ()


@dataclass
class Examination:
    """All resources of some answers, and how often each rule could not be judged: by kind of rule and sentence."""

    resources: list[Examined] = field(default_factory=list)
    not_judged: Counter[tuple[Aspect, str]] = field(default_factory=Counter)


class Examiner:
    """Judges resources by loaded definitions and, if `structures` are named, by those as well.

    Making one takes half a second: `examiner` keeps them.
    """

    def __init__(self, definitions: Definitions, structures: tuple[str, ...] = ()) -> None:
        self.definitions = definitions
        self._asked = structures
        terminology = Terminology(definitions)
        self._acceptor = Acceptor(definitions, terminology, structures)
        self._validator = Validator(definitions, terminology, structures=structures, leeway=EXAMPLES)
        self._vital_signs = vital_signs(definitions)
        self._one_at_a_time = Lock()

    def examine(self, resources: Iterable[Resource]) -> Examination:
        """What is wrong with each of these resources."""
        found = Examination()
        with self._one_at_a_time:
            before = Counter(self._acceptor.not_evaluated)
            for resource in resources:
                found.resources.append(self._one(resource, found.not_judged))
            met = Counter(self._acceptor.not_evaluated) - before
            for rule in self._acceptor.skipped:
                if number := met[rule.kind, rule.subject]:
                    found.not_judged[_doubt(rule.kind, rule.subject, rule.reason)] += number
        return found

    def _one(self, resource: Resource, not_judged: Counter[tuple[Aspect, str]]) -> Examined:
        name, claims, assigned = name_of(resource), claimed(resource), self._assigned(resource)
        if self._acceptor.accepts(resource):
            return Examined(name, claims, bool(assigned))
        outcome = self._validator.explain_resource(resource)
        for rule in outcome.not_evaluated:
            not_judged[_doubt(rule.kind, rule.subject, rule.reason)] += 1
        errors = tuple(
            (self.aspect(issue, claims, assigned), issue) for issue in outcome.issues if issue.is_error
        )
        return Examined(name, claims, bool(assigned), errors)

    def _assigned(self, resource: Resource) -> frozenset[str]:
        """The structures that R4 asks of an Observation by its codes, with those that they derive from."""
        if resource["resourceType"] != "Observation":
            return frozenset()
        codings = (each for each in values(resource, "code.coding") if isinstance(each, dict))
        keys = ((str(coding.get("system")), str(coding.get("code"))) for coding in codings)
        return frozenset(
            url for key in keys if key in self._vital_signs for url in self.line(self._vital_signs[key])
        )

    def aspect(self, issue: Issue, claims: tuple[str, ...], assigned: frozenset[str]) -> Aspect:
        """The kind of rule that an error breaks, in a resource that claims some structures and is assigned others."""
        line = self.line(issue.structure)
        if line and line[0] in assigned:
            return "vital-signs"
        if any(line[:1] and line[0] in self.line(claim) for claim in claims):
            return "claims"
        if issue.message_id in _BY_MESSAGE:
            return _BY_MESSAGE[issue.message_id]
        return next(
            (kind for start, kind in _BY_PREFIX.items() if issue.message_id.startswith(start)), "content"
        )

    def line(self, canonical: str) -> tuple[str, ...]:
        """A structure that constrains a resource type and those that it derives from, without FHIR's own types.

        Empty for FHIR's own types, for extensions and data types, and for what no loaded package defines.
        """
        found: list[str] = []
        structure = known(canonical, self.definitions)
        while (
            structure is not None
            and structure.derivation == "constraint"
            and structure.kind == "resource"
            and structure.url not in found
        ):
            found.append(structure.url)
            structure = known(structure.base, self.definitions)
        return tuple(found)


def known(canonical: str, definitions: Definitions) -> Structure | None:
    """The structure of a canonical; None where no loaded package defines it, or its definition cannot be used."""
    try:
        return definitions.structure(canonical) if canonical else None
    except DefinitionProblem:
        return None


@lru_cache(maxsize=32)
def examiner(definitions: Definitions, structures: tuple[str, ...] = ()) -> Examiner:
    """The examiner of these definitions and structures, made once."""
    return Examiner(definitions, structures)


def claimed(resource: Resource) -> tuple[str, ...]:
    """The canonicals in meta.profile."""
    meta = resource.get("meta")
    profiles = meta.get("profile") if isinstance(meta, dict) else None
    return (
        tuple(each for each in profiles if isinstance(each, str) and each)
        if isinstance(profiles, list)
        else ()
    )


def resources_in(exchange: Exchange, kind: str = "") -> list[Resource]:
    """The resources (of that type, if one is named) that an answer gives: what a search found, or what was read."""
    body = exchange.resource() if exchange.ok else None
    if body is None:
        return []
    held = matches(body) if body["resourceType"] == "Bundle" and kind != "Bundle" else [body]
    return [each for each in held if isinstance(each.get("resourceType"), str) and _is(each, kind)]


def examined(
    exchange: Exchange,
    definitions: Definitions,
    structures: tuple[str, ...] = (),
    kind: str = "",
    wanted: Callable[[Resource], bool] = lambda _: True,
    key: str = "",
) -> Examination:
    """What is wrong with the resources of an answer, found once for all checks that ask for the same (`key`)."""
    by = " ".join((definitions.digest, kind, key, *structures))
    return exchange.memo(
        f"examined {by}",
        lambda: examiner(definitions, structures).examine(filter(wanted, resources_in(exchange, kind))),
    )


def _is(resource: Resource, kind: str) -> bool:
    return kind in {"", resource["resourceType"]}


def _doubt(kind: str, subject: str, reason: str) -> tuple[Aspect, str]:
    return _NOT_JUDGED.get(kind, "content"), f"the {kind} {subject}: {reason}"
