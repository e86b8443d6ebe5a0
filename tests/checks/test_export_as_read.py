"""An export of a version holds what a read of that version shows; only what is certain to be the same is compared."""

import pytest
from evidence_builder import evidence, exchange
from export_evidence import export, file

from conformance.catalog import built_in
from conformance.errors import NoData, NotApplicable

IGNORE = "meta.versionId,meta.lastUpdated,meta.source"


def patient(version="1", narrative="generated", **others):
    meta = {"versionId": version, "lastUpdated": "2026-01-01T00:00:00Z"} if version else {}
    text = {"text": {"status": narrative, "div": "<div>A. B.</div>"}} if narrative else {}
    held = {"multipleBirthInteger": 2, "generalPractitioner": [{"reference": "Practitioner/g"}]}
    return {"resourceType": "Patient", "id": "p", "meta": meta, **text, **held, **others}


def without(resource, *names):
    return {name: value for name, value in resource.items() if name not in names}


def search(label, *resources):
    entries = [{"resource": resource, "search": {"mode": "match"}} for resource in resources]
    return exchange(
        url="/Patient?_count=50", label=label, body={"resourceType": "Bundle", "entry": entries}, id=label
    )


def judged(exported, before=(), after=(), read=(), part="everything"):
    reads = [
        exchange(url=f"/Patient/{one['id']}", label="exported-read", body=one, id="read") for one in read
    ]
    seen = evidence(
        export(file(resources=list(exported)), search("shown-again", *after), *reads),
        discovery=[search("sample", *before)],
    )
    return list(built_in().find("check", "export-as-read")(seen, ignore=IGNORE, part=part))


def findings(*given, **named):
    return [one for one in judged(*given, **named) if "compared with" not in str(one)]


def test_what_is_shown_and_exported_alike_is_compared_and_counted():
    (remark,) = judged([patient()], before=[patient()])
    assert "1 resources of 1 types" in str(remark)


@pytest.mark.parametrize("where", ["before", "after", "read"])
def test_what_a_search_or_a_read_shows_and_the_export_does_not_is_lost(where):
    (finding,) = findings([without(patient(), "generalPractitioner")], **{where: [patient()]})
    assert "Patient.generalPractitioner[0].reference" in finding


def test_another_version_says_nothing():
    with pytest.raises(NoData):
        judged([without(patient("2"), "generalPractitioner")], before=[patient("1")])


def test_what_was_shown_alike_before_and_after_did_not_change_whatever_the_export_calls_it():
    lost = without(patient("other"), "generalPractitioner")
    assert findings([lost], before=[patient()], after=[patient()])
    with pytest.raises(NoData):
        judged([lost], before=[patient()], after=[patient(gender="other")])


def test_without_versions_nothing_is_compared_unless_it_stayed_the_same():
    lost = without(patient(""), "generalPractitioner")
    with pytest.raises(NoData):
        judged([lost], before=[patient("")])
    assert findings([lost], before=[patient("")], after=[patient("")])


def test_part_of_a_resource_is_not_held_against_the_export():
    part = patient(meta={"versionId": "1", "tag": [{"code": "SUBSETTED"}]})
    with pytest.raises(NoData):
        judged([patient()], before=[part])


def test_a_narrative_made_from_the_elements_may_be_left_out_and_one_that_adds_may_not():
    assert not findings([without(patient(), "text")], before=[patient()])
    own = patient(narrative="additional")
    assert "Patient.text" in findings([without(own, "text")], before=[own])[0]


def test_a_lost_narrative_is_a_loss_of_that_part_and_where_there_is_none_it_does_not_apply():
    assert findings([without(patient(), "text")], before=[patient()], part="narrative")
    assert not findings([without(patient(), "generalPractitioner")], before=[patient()], part="narrative")
    bare = patient(narrative="")
    with pytest.raises(NotApplicable):
        judged([bare], before=[bare], part="narrative")


def test_decimals_keep_their_digits():
    body = b'{"resourceType":"Patient","id":"p","meta":{"versionId":"1"},"extension":[{"url":"u","valueDecimal":1.50}]}'
    seen = evidence(
        export(
            file(resources=body.replace(b"1.50", b"1.5") + b"\n"),
            exchange(url="/Patient/p", label="exported-read", body=body),
        )
    )
    (finding, _) = built_in().find("check", "export-as-read")(seen, ignore=IGNORE)
    assert "Patient.extension[0].valueDecimal is altered" in finding
