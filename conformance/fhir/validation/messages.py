"""What `explain` says: each message id with its issue type, our own words, and the clause that it rests on.

An id never changes its meaning between releases, so that a pipeline can accept or refuse one kind of finding. The
words are filled by name; values that a document gave are shortened before they get here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["MESSAGES", "Message", "Plain", "shown"]

R4 = "https://hl7.org/fhir/R4/"
LONGEST = 80


@dataclass(frozen=True, slots=True)
class Message:
    """One kind of finding: `code` from OperationOutcome's issue types, a template, and where the rule stands."""

    code: str
    words: str
    source: str


def shown(value: object) -> str:
    """A value of a document as a message may quote it: one line, and never longer than a line."""
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


class Plain:
    """A text that is no value of a document, to be shown without quotes."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text


def _json(code: str, words: str) -> Message:
    return Message(code, words, f"{R4}json.html")


def _definition(code: str, words: str) -> Message:
    return Message(code, words, f"{R4}elementdefinition.html")


def _profile(code: str, words: str) -> Message:
    return Message(code, words, f"{R4}profiling.html")


MESSAGES: Mapping[str, Message] = MappingProxyType(
    {
        # the form of the document
        "not-an-object": _json("structure", "a resource is a JSON object, and this is {found}"),
        "resource-type-missing": _json(
            "structure", "a resource names its type in resourceType, and this names none"
        ),
        "resource-type-unknown": _json(
            "structure", "{found} is no resource type that the loaded definitions know"
        ),
        "resource-type-abstract": _json(
            "structure", "{found} is an abstract type: no resource can be one itself"
        ),
        "resource-type-misplaced": _json("structure", "resourceType names a resource, and {type} is none"),
        "property-unknown": _json("structure", "{type} has no property {found}"),
        "choice-type-not-allowed": _json("structure", "{found} gives {element} a type other than {allowed}"),
        "primitive-companion-misplaced": _json(
            "structure", "{found} may only accompany a primitive element, and {name} is {type}"
        ),
        "companion-of-attribute": _definition(
            "structure",
            "{found} has no place: {name} is an attribute in XML, which has neither id nor extensions",
        ),
        "array-expected": _json("structure", "{name} can repeat, so it is an array, and this is {found}"),
        "array-not-allowed": _json("structure", "{name} cannot repeat, so it is no array"),
        "array-empty": _json("structure", "an array is never empty: leave {name} out"),
        "array-lengths-differ": _json(
            "structure", "{name} has {values} items and _{name} {companions}: null fills the gaps in both"
        ),
        "null-not-allowed": _json(
            "structure", "null stands only in arrays of primitives, where the companion array has an item"
        ),
        "object-expected": _json("structure", "{type} is a JSON object, and this is {found}"),
        "object-empty": _json("structure", "an object is never empty: leave the element out"),
        "element-without-content": _definition(
            "structure", "an element has a value or children besides its id, and this has neither (ele-1)"
        ),
        "choice-repeated": Message(
            "structure",
            "{element} holds one value, and {found} are given",
            f"{R4}formats.html#choice",
        ),
        "too-deep": Message(
            "too-costly", "what lies deeper than {limit} levels is not judged", f"{R4}operationoutcome.html"
        ),
        "internal-error": Message(
            "exception",
            "the validator itself failed ({found}); this resource is not judged",
            f"{R4}operationoutcome.html",
        ),
        "contained-not-referred-to": Message(
            "invariant",
            "nothing refers to this contained resource, and it does not refer to its container (dom-3)",
            f"{R4}references.html#contained",
        ),
        "narrative-missing": Message(
            "invariant",
            "a narrative is missing, by which a person could read the resource (dom-6)",
            f"{R4}domainresource.html#invs",
        ),
        "reference-not-contained": Message(
            "invariant",
            "{found} names no resource that this one contains (ref-1)",
            f"{R4}references.html#contained",
        ),
        "reference-to-itself": Message(
            "invariant",
            "# refers to the container of a contained resource, and this is not contained (ref-1)",
            f"{R4}references.html#contained",
        ),
        "extension-content": Message(
            "invariant",
            "an extension has either a value or extensions of its own, and this has {found} (ext-1)",
            f"{R4}extensibility.html#Extension",
        ),
        # what an element may hold
        "too-few": _definition(
            "required", "{element} is needed at least {least} times, and is there {found}"
        ),
        "missing": _definition("required", "{element} is missing: it must be there"),
        "too-many": _definition(
            "structure", "{element} is allowed at most {most} times, and is there {found}"
        ),
        "not-allowed-here": _definition("structure", "{element} must not be there"),
        "value-missing": _definition("required", "{element} must have a value, and has none"),
        "value-alternative-missing": _definition(
            "required", "{element} has no value, so it must have one of the extensions {allowed}"
        ),
        "narrative-language-missing": Message(
            "required", "the narrative must have a section in {expected}, and has none", f"{R4}narrative.html"
        ),
        "narrative-language-prohibited": Message(
            "structure",
            "the narrative must have no sections by language, and has {found}",
            f"{R4}narrative.html",
        ),
        "narrative-source-missing": Message(
            "required",
            "the narrative must say in a class where each part comes from (boilerplate, generated or original), and"
            " {found} says nothing",
            f"{R4}narrative.html",
        ),
        "value-too-long": _definition(
            "too-long", "a text of {found} characters exceeds the {most} that are allowed"
        ),
        "value-too-short": _definition(
            "value", "a text of {found} characters is shorter than the {least} needed"
        ),
        "value-too-small": _definition("value", "{found} is below the smallest allowed value, {least}"),
        "value-too-large": _definition("value", "{found} is above the largest allowed value, {most}"),
        "fixed-value": _definition("value", "the value must be exactly {expected}, and is {found}"),
        "pattern": _definition("value", "the value must contain {expected}, and is {found}"),
        "type-not-allowed": _definition(
            "structure", "a value of type {found} stands where {allowed} is expected"
        ),
        "resource-type-not-allowed": _definition(
            "structure", "a resource of type {found} stands where {allowed} is expected"
        ),
        # codes
        "code-not-in-required": Message(
            "code-invalid",
            "{found} is not in the value set {value_set}, which is required",
            f"{R4}terminologies.html",
        ),
        "code-missing-for-required": Message(
            "code-invalid",
            "no code is given, and one from the value set {value_set} is required",
            f"{R4}terminologies.html",
        ),
        "code-not-in-maximum": Message(
            "code-invalid",
            "{found} is outside the widest value set that is allowed, {value_set}",
            f"{R4}extension-elementdefinition-maxvalueset.html",
        ),
        "code-not-in-extensible": Message(
            "code-invalid",
            "{found} is not in the value set {value_set}; a code from it is due where one fits",
            f"{R4}terminologies.html",
        ),
        "invariant": Message(
            "invariant", "the rule {rule} does not hold: {expression}", f"{R4}conformance-rules.html"
        ),
        # profiles
        "profile-unknown": _profile(
            "not-found", "the declared profile {found} is not among the loaded definitions"
        ),
        "profile-type": _profile("structure", "the profile {found} is for {expected}, and this is {type}"),
        "profile-none-met": _profile("structure", "the value meets none of {allowed}"),
        "reference-target-profile": _profile(
            "structure", "the target of the reference meets none of {allowed}"
        ),
        "reference-target-type": _profile(
            "structure", "the target of the reference is {found}, not one of {allowed}"
        ),
        "reference-aggregation": _profile(
            "structure", "the target of the reference is {found}, not {allowed}"
        ),
        "slice-missing": _profile(
            "required", "the slice {rule} of {element} is needed at least {least} times, and is there {found}"
        ),
        "slice-too-many": _profile(
            "structure", "the slice {rule} of {element} is allowed at most {most} times, and is there {found}"
        ),
        "slice-closed": _profile(
            "structure", "this {element} fits none of the slices {allowed}, and no other may be"
        ),
        "slice-not-at-end": _profile(
            "structure", "{element} outside the slices may only stand after all slices"
        ),
        "slice-order": _profile("structure", "the slice {rule} stands after a slice that should follow it"),
    }
)
