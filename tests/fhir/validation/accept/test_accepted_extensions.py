"""Extensions on the quick path: where their definition lets them stand, and profiles that ask for them."""

import pytest
from accepting import PATIENT, Json
from explaining import URL, profile
from watched import Watched

from conformance.fhir.definitions import r4
from conformance.fhir.packages.package import from_resources
from conformance.fhir.terminology.facade import Terminology

SIZE = f"{URL}size"


def size(*contexts: tuple[str, str], modifier: bool = False) -> Json:
    """An extension that may stand in these places and has a whole number."""
    root = {"isModifier": True, "isModifierReason": "x"} if modifier else {}
    return {
        **profile(
            "Extension",
            {"path": "", **root},
            {"path": "url", "fixedUri": SIZE},
            {"path": "value[x]", "min": 1, "type": [{"code": "integer"}]},
            name="size",
        ),
        "context": [{"type": kind, "expression": expression} for kind, expression in contexts],
    }


def watched(*definitions: Json, structures: tuple[str, ...] = ()) -> Watched:
    known = from_resources(definitions, base=r4())
    return Watched(known, Terminology(known), structures=structures)


FIVE = {"url": SIZE, "valueInteger": 5}
ON = {
    "Patient": {**PATIENT, "extension": [FIVE]},
    "Patient.name": {**PATIENT, "name": [{"family": "x", "extension": [FIVE]}]},
    "Patient.contact": {**PATIENT, "contact": [{"name": {"text": "x"}, "extension": [FIVE]}]},
    "Patient.contact.name": {**PATIENT, "contact": [{"name": {"text": "x", "extension": [FIVE]}}]},
    "Patient.active": {**PATIENT, "_active": {"extension": [FIVE]}},
}


@pytest.mark.parametrize(
    ("context", "allowed"),
    [
        (("element", "Patient"), {"Patient"}),
        (("element", "DomainResource"), {"Patient"}),
        (("element", "Resource"), {"Patient"}),
        (("element", "Observation"), set()),
        (("element", "Patient.name"), {"Patient.name"}),
        (("element", "HumanName"), {"Patient.name", "Patient.contact.name"}),
        (("element", "Patient.contact"), {"Patient.contact"}),
        (("element", "BackboneElement"), {"Patient.contact"}),
        (("element", "boolean"), {"Patient.active"}),
        (("element", "Element"), set(ON)),
        (("extension", "http://a.test/outer"), set()),
    ],
)
def test_an_extension_is_accepted_where_it_may_stand(context, allowed):
    asked = watched(size(context))
    for place, resource in ON.items():
        outcome = asked.explain_resource(resource)  # `Watched`: no walk accepts what is wrong
        told = [issue for issue in outcome.issues if issue.message_id == "extension-context"]
        assert (told == []) is (place in allowed), place
        if place in allowed:
            assert all(acceptor.accepts(resource) for acceptor in asked.acceptors), place


@pytest.mark.parametrize("name", ["extension", "modifierExtension"])
def test_what_modifies_is_accepted_as_a_modifier_only(name):
    for modifier in (False, True):
        asked = watched(size(("element", "Patient"), modifier=modifier))
        resource = {**PATIENT, name: [FIVE]}
        right = modifier is (name == "modifierExtension")
        assert asked.explain_resource(resource).valid is right
        assert all(acceptor.accepts(resource) is right for acceptor in asked.acceptors)


def test_an_extension_in_another_is_accepted_where_the_other_is_its_context():
    asked = watched(size(("extension", "http://a.test/outer")))
    for url, right in (("http://a.test/outer", True), ("http://a.test/other", False)):
        resource = {**PATIENT, "extension": [{"url": url, "extension": [FIVE]}]}
        assert asked.explain_resource(resource).valid is right
        assert all(acceptor.accepts(resource) is right for acceptor in asked.acceptors)


@pytest.mark.parametrize("sliced", [True, False])
def test_a_profile_may_ask_for_an_extension_with_or_without_saying_how_they_are_told_apart(sliced):
    slicing = {"discriminator": [{"type": "value", "path": "url"}], "rules": "open"}
    asked = profile(
        "Patient",
        *([{"path": "extension", "slicing": slicing}] if sliced else []),
        {
            "path": "extension",
            "id": "extension:size",
            "sliceName": "size",
            "min": 1,
            "max": "1",
            "type": [{"code": "Extension", "profile": [SIZE]}],
        },
    )
    judge = watched(asked, size(("element", "Patient")), structures=(asked["url"],))
    other = {"url": "http://a.test/x", "valueString": "x"}
    for extensions, right in (
        ([FIVE], True),
        ([other, FIVE], True),
        ([other], False),
        ([FIVE, FIVE], False),
        ([{"url": SIZE, "valueString": "x"}], False),
    ):
        resource = {**PATIENT, "extension": extensions}
        assert judge.explain_resource(resource).valid is right, extensions
        assert all(acceptor.accepts(resource) is right for acceptor in judge.acceptors), extensions
