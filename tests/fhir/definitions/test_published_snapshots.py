"""Differentials laid by us against the snapshots that HL7's publisher made of them: US Core 6.1.0, UK Core's own."""

from collections.abc import Iterator
from typing import Any

from conformance.fhir.definitions import Definitions
from conformance.fhir.definitions.table import Element
from conformance.fhir.packages.package import from_resources

FACTS = ("name", "min", "max", "types", "fixed", "pattern", "binding", "slicing", "max_repeat", "max_length")
FACTS += ("min_value", "max_value", "is_modifier", "representation")

# Here a slice takes over what the same differential says of the element that it slices; the publisher copies the
# element of the base. The two mean the same: a value in a slice must meet what is said of its element as well.
SLICES_TAKE_OVER = {
    "us-core-practitioner": {"Practitioner.identifier:NPI.system", "Practitioner.identifier:NPI.value"},
    "us-core-provenance": {
        f"Provenance.agent:{name}{part}"
        for name in ("ProvenanceAuthor", "ProvenanceTransmitter")
        for part in ("", ".type", ".who", ".onBehalfOf")
    },
}
# Its base is in the package hl7.fhir.uv.sdc, which is not here.
NOT_LAID = {"us-core-questionnaireresponse"}


def differences(published: Element, laid: Element, definitions: Definitions) -> Iterator[str]:
    """The ids at which two trees do not say the same."""
    if any(getattr(published, name) != getattr(laid, name) for name in FACTS) or rules(published) != rules(
        laid
    ):
        yield laid.id
    if published.children or laid.children:
        ours = {child.name: child for child in definitions.children(laid)}
        theirs = {child.name: child for child in definitions.children(published)}
        if list(ours) != list(theirs):
            yield laid.id
        for name in ours.keys() & theirs.keys():
            yield from differences(theirs[name], ours[name], definitions)
    slices = {part.slice_name: part for part in laid.slices}
    if [part.slice_name for part in published.slices] != list(slices):
        yield laid.id
    for part in published.slices:
        if part.slice_name in slices:
            yield from differences(part, slices[part.slice_name], definitions)


def rules(element: Element) -> dict[str, tuple[str, str]]:
    return {rule.key: (rule.severity, rule.expression) for rule in element.constraints}


def test_us_core_differentials_give_the_snapshots_of_us_core(us_core: Definitions):
    layer = us_core.layers[0]
    found: dict[str, set[str]] = {}
    count = 0
    for url in sorted(layer.canonicals("StructureDefinition")):
        name = url.rsplit("/", 1)[-1]
        resource = layer.resource("StructureDefinition", url, "", us_core)
        published = us_core.structure(url)
        if name in NOT_LAID or resource is None or published is None:
            continue
        bare: dict[str, Any] = {key: value for key, value in resource.items() if key != "snapshot"}
        laid = from_resources([bare], base=us_core).structure(url)
        assert laid is not None
        count += 1
        places = set(differences(published.root, laid.root, us_core))
        if places:
            found[name] = places
    assert count == 58
    assert found == SLICES_TAKE_OVER


def test_every_structure_of_uk_core_can_be_used(uk_core: Definitions):
    urls = list(uk_core.layers[0].canonicals("StructureDefinition"))
    assert len(urls) == 153
    assert all(uk_core.structure(url) for url in urls)
    assert uk_core.problems == ()


def test_what_uk_core_says_of_a_patient(uk_core: Definitions):
    patient = uk_core.structure("https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient")
    assert patient is not None
    identifier = next(child for child in patient.root.children if child.name == "identifier")
    nhs = next(part for part in identifier.slices if part.slice_name == "nhsNumber")
    assert (nhs.id, nhs.max) == ("Patient.identifier:nhsNumber", 1)
    system = next(child for child in nhs.children if child.name == "system")
    assert system.fixed is not None
    assert (system.min, system.fixed.value) == (1, "https://fhir.nhs.uk/Id/nhs-number")
    assert {
        part.slice_name for part in next(c for c in patient.root.children if c.name == "extension").slices
    } > {
        "birthSex",
        "ethnicCategory",
    }
