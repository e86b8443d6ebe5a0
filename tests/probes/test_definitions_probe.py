"""What is asked of a supplier's own definitions, and where: only what the plan says is published there."""

from types import SimpleNamespace

from evidence_builder import BASE, exchange, ndjson

from conformance.catalog import built_in
from conformance.probes.definitions import MOST_NAMES, fetch_definitions

ORIGIN = "https://vendor.example/fhir/"


class Listening:
    """A wire that answers everything with 404 and remembers what was asked, and how."""

    def __init__(self, plan):
        self.plan, self.asked, self.notes = plan, [], {}

    def documents(self, _name):
        return (self.plan,)

    def note(self, name, value):
        self.notes[name] = value

    def send(self, _method, url, **how):
        self.asked.append((url, how["credentials"]))
        return exchange("GET", url, status=404, label=how["label"])


def asked(plan, *urls):
    patient = {"resourceType": "Patient", "id": "p", "extension": [{"url": url} for url in urls]}
    wire = Listening(SimpleNamespace(problem="", json_or_none=lambda: plan))
    manifest = {"output": [{"type": "Patient", "url": f"{BASE}/files/1"}]}
    about = {"kind": "output", "index": "0"}
    fetch_definitions(
        wire,
        [
            exchange(url="/$export", status=202, label="kick-off"),
            exchange(url="/jobs/1", label="status", body=manifest),
            exchange(url="/files/1", label="file", about=about, body=ndjson(patient)),
        ],
    )
    return wire


def definitions(**given):
    return {"export": {"definitions": given}}


def test_only_declared_places_are_asked_and_nobody_gets_credentials():
    wire = asked(
        definitions(origins=[ORIGIN], packages=[{"url": "https://vendor.example/p.tgz"}]),
        ORIGIN + "a",
        "https://elsewhere.example/b",
        "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
    )
    assert wire.asked == [("https://vendor.example/p.tgz", "none"), (ORIGIN + "a", "none")]


def test_without_a_declared_origin_no_name_is_asked():
    assert asked(definitions(packages=[]), ORIGIN + "a").asked == []
    assert asked({"export": "odd"}, ORIGIN + "a").asked == []
    assert (
        asked(definitions(origins=[7, None, "file:///etc/"], packages=["x", {}]), "file:///etc/passwd").asked
        == []
    )


def test_what_is_too_much_to_ask_is_noted():
    wire = asked(definitions(origins=[ORIGIN]), *(f"{ORIGIN}{number:03}" for number in range(MOST_NAMES + 3)))
    assert len(wire.asked) == MOST_NAMES
    assert wire.notes == {"definitions-not-asked": 3}


def test_a_part_of_the_export_is_smaller_than_the_whole(reference):
    built_in().find("probe", "export-part")(reference.wire, percent=25)
    step = reference.evidence()
    totals = {each.about["type"]: each.json_or_none()["total"] for each in step.labelled("part-total")}
    (begun,) = step.labelled("kick-off")
    chosen = dict(begun.query)["_type"].split(",")
    assert 0 < sum(totals[kind] for kind in chosen) <= sum(totals.values()) / 4
    assert step.labelled("file")
