"""What a code system calls its codes, and when a display is told to be something else."""

import pytest
from small_terminology import Shelf, system

from conformance.fhir.definitions import r4
from conformance.fhir.terminology.facade import Terminology

ROUTES = system(
    "urn:routes",
    {
        "code": "po",
        "display": "By mouth",
        "designation": [{"language": "de-DE", "value": "Oral"}, {"value": "Per os"}],
        "concept": [{"code": "sl", "display": "Under the tongue"}],
    },
    {"code": "bare"},
    version="2",
)
GERMAN = {
    "resourceType": "CodeSystem",
    "url": "urn:routes-de",
    "content": "supplement",
    "supplements": "urn:routes|2",
    "concept": [{"code": "sl", "designation": [{"language": "de", "value": "Unter die Zunge"}]}],
}


@pytest.mark.parametrize(
    ("code", "display", "more", "called"),
    [
        ("po", "By mouth", {}, ()),
        ("po", "  by  MOUTH ", {}, ()),
        ("po", "oral", {}, ()),
        ("po", "Rectal", {}, ("By mouth", "Oral", "Per os")),
        ("po", "Rektal", {"language": "de-AT"}, ("Oral",)),
        ("po", "Rectale", {"language": "fr"}, ()),
        ("po", "Rectal", {"language": "en-GB"}, ("By mouth", "Oral", "Per os")),
        ("po", "Rectal", {"version": "1"}, ()),
        ("po", "Rectal", {"version": "2"}, ("By mouth", "Oral", "Per os")),
        ("sl", "Unter die Zunge", {}, ()),
        ("sl", "Over the tongue", {}, ("Under the tongue", "Unter die Zunge")),
        ("bare", "Anything", {}, ()),
        ("none", "Anything", {}, ()),
    ],
)
def test_what_a_code_is_called_instead(code, display, more, called):
    terminology = Terminology(Shelf([ROUTES, GERMAN]))
    assert terminology.displays_instead("urn:routes", code, display, **more) == called


def test_what_no_package_holds_is_called_nothing():
    assert Terminology(Shelf([])).displays_instead("urn:routes", "po", "Rectal") == ()


def test_the_codes_of_r4_have_their_names():
    url = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
    assert Terminology(r4()).displays_instead(url, "IMP", "inpatient") == ("inpatient encounter",)
