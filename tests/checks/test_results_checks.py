"""Checks of what searches give back: what is wrong, what may be, and what cannot be told."""

import pytest
from saw import bundle, evidence, exchange, pages, patient, step

from conformance.checks import results_entries as entries
from conformance.checks import results_handling as handling
from conformance.checks import results_includes as includes
from conformance.checks import results_links as links
from conformance.checks import results_order as order
from conformance.checks import results_subset as subset
from conformance.checks import results_totals as totals
from conformance.checks.search import same_matches
from conformance.errors import NoData, NotApplicable, NotJudgeable

ONE, TWO = patient(1, name=[{"family": "Adams"}]), patient(2, name=[{"family": "Baker"}])
SELF = "https://fhir.example.org/r4/Patient?_id=1,2&_sort=family"
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}
SEEN = {"resourceType": "Observation", "id": "o", "subject": {"reference": "Patient/1"}}
TAGGED = {"tag": [{"code": "SUBSETTED"}]}


def searched(*found, label="other", **members):
    return pages(bundle(*found, **members), label=label)


def refused(status=400, label="other", body=OUTCOME):
    return (
        pages(body, label=label) if status == 200 else step(exchange(status=status, body=body, label=label))
    )


def both(whole, part):
    return evidence(searched(*whole, label="one"), searched(*part))


def mixed(*matches, included=(), label="with", total=None):
    page = bundle(*matches, total=total)
    page["entry"] += [{"resource": r, "search": {"mode": "include"}} for r in included]
    return pages(page, label=label)


def number(findings):
    return len(list(findings))


def raises(kind, findings):
    with pytest.raises(kind):
        list(findings)
    return True


def test_a_target_that_changed_meanwhile_is_not_judged():
    one, other = searched(ONE, label="one"), searched(ONE, TWO)
    assert number(same_matches(evidence(one, other), one="one", other="other")) == 1
    steady = evidence(one, other, searched(ONE, label="again"))
    assert number(same_matches(steady, one="one", other="other")) == 1
    moved = evidence(one, other, searched(ONE, TWO, label="again"))
    assert raises(NotJudgeable, same_matches(moved, one="one", other="other"))
    assert raises(
        NotApplicable, same_matches(evidence(one, refused()), one="one", other="other", optional=True)
    )


@pytest.mark.parametrize(
    ("link", "stated", "omitted"),
    [("Patient?_id=1", 0, 0), ("Patient?gender=male", 1, 1)],
)
def test_self_links(link, stated, omitted):
    seen = evidence(searched(ONE, label="page", self=link))
    assert number(links.self_link_states(seen, parameter="_id", ids="1,2")) == stated
    assert number(links.self_link_omits(seen, parameter="gender")) == omitted


def test_a_self_link_that_is_not_there_states_neither_what_was_used_nor_what_was_not():
    seen = evidence(searched(ONE, label="page"))
    assert number(links.self_link_states(seen, parameter="_id", ids="1,2")) == 1
    assert raises(NotApplicable, links.self_link_omits(seen, parameter="gender"))


@pytest.mark.parametrize(
    ("link", "value", "findings"),
    [
        ("Patient?gender:not=male", "", 1),
        ("Patient?gendered=male", "", 0),
        ("Patient?gender=male", "male", 1),
        ("Patient?gender=male", "female", 0),
    ],
)
def test_a_self_link_omits_a_parameter_whatever_its_modifier(link, value, findings):
    seen = evidence(searched(ONE, label="page", self=link))
    assert number(links.self_link_omits(seen, parameter="gender", value=value)) == findings


def test_a_self_link_is_not_judged_where_more_was_found():
    seen = evidence(searched(ONE, TWO, label="page"))
    assert raises(NotJudgeable, links.self_link_states(seen, parameter="_id", ids="1"))


@pytest.mark.parametrize(
    ("url", "findings"),
    [
        ("https://x.example/r4?_page=2", 0),
        ("https://x.example/r4?_page=2&access_token=abc", 1),
        ("https://me:secret@x.example/r4?_page=2", 1),
        ("https://x.example/r4?state=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc", 1),
        ("http://[", 0),
    ],
)
def test_links_without_secrets(url, findings):
    assert number(links.links_without_secrets(evidence(searched(ONE, label="page", next=url)))) == findings


def paged(label, page):
    return evidence(pages(bundle(ONE), bundle(TWO)), exchange(body=page, label=label))


@pytest.mark.parametrize(
    ("label", "right", "wrong"), [("first", ONE, TWO), ("previous", ONE, TWO), ("last", TWO, ONE)]
)
def test_page_links(label, right, wrong):
    assert number(links.page_links(paged(label, bundle(right)))) == 0
    assert number(links.page_links(paged(label, bundle(wrong)))) == 1
    assert number(links.page_links(paged(label, OUTCOME))) == 1
    assert raises(NotApplicable, links.page_links(evidence(pages(bundle(ONE), bundle(TWO)))))


def test_page_again():
    assert number(links.page_again(paged("second-again", bundle(TWO)))) == 0
    assert number(links.page_again(paged("second-again", bundle(ONE)))) == 1


@pytest.mark.parametrize(
    ("url", "findings"),
    [
        ("https://fhir.example.org/r4/Patient/1", 0),
        ("urn:uuid:0", 0),
        (None, 1),
        ("Patient/1", 1),
        ("https://fhir.example.org/r4/Patient/2", 1),
        ("https://fhir.example.org/r4/Patient/1/_history/2", 1),
    ],
)
def test_full_urls(url, findings):
    page = bundle(ONE)
    page["entry"][0] |= {"fullUrl": url} if url else {}
    assert number(entries.full_urls(evidence(pages(page)))) == findings


def test_all_of_several_ids_are_found():
    both = {"ids": "1,2", "resource": "Patient"}
    assert number(entries.all_of_these(evidence(searched(ONE, TWO, label="page")), **both)) == 0
    some = searched(ONE, label="page")
    there = exchange("/Patient/2", body=TWO, label="read")
    assert number(entries.all_of_these(evidence(some, there), **both)) == 1
    gone = exchange("/Patient/2", status=404, label="read")
    assert raises(NotJudgeable, entries.all_of_these(evidence(some, gone), **both))
    assert raises(NotJudgeable, entries.all_of_these(evidence(some), **both))


def test_an_outcome_about_a_search_needs_no_full_url():
    page = bundle(ONE, OUTCOME)
    page["entry"][0]["fullUrl"] = "https://fhir.example.org/r4/Patient/1"
    assert number(entries.full_urls(evidence(pages(page)))) == 0


@pytest.mark.parametrize(
    ("status", "body", "findings"),
    [(200, ONE, 0), (404, None, 1), (200, TWO, 1), (200, OUTCOME, 1)],
)
def test_a_full_url_leads_to_what_was_found(status, body, findings):
    page = bundle(ONE)
    page["entry"][0]["fullUrl"] = "https://fhir.example.org/r4/Patient/1"
    found, read = (
        exchange(body=page, label="found"),
        exchange("/Patient/1", status=status, body=body, label="full-url"),
    )
    assert number(entries.full_url_leads(evidence(found, read))) == findings


@pytest.mark.parametrize(
    ("found", "url", "what"),
    [
        ((ONE,), "https://elsewhere.example/Patient/1", "outside the server"),
        ((ONE,), "urn:uuid:0", NotApplicable),
        ((ONE,), None, NotApplicable),
        ((), None, NoData),
    ],
)
def test_full_urls_that_were_not_followed(found, url, what):
    page = bundle(*found)
    for entry in page["entry"]:
        entry.update({"fullUrl": url} if url else {})
    seen = evidence(exchange(body=page, label="found"))
    if isinstance(what, str):
        assert what in next(iter(entries.full_url_leads(seen)))
    else:
        assert raises(what, entries.full_url_leads(seen))


def test_entries():
    twice = evidence(searched(ONE, ONE, label="page"))
    assert number(entries.entries_once(twice)) == 1
    assert number(entries.entries_once(evidence(searched(ONE, TWO, label="page")))) == 0
    assert number(entries.entries_of_type(twice, resource="Group")) == 2
    assert number(entries.only_these(twice, ids="2")) == 1
    assert number(entries.search_modes(twice)) == 0


def found_and_read(before, read, after):
    return evidence(
        exchange(body=bundle(before), label="found"),
        exchange("/Patient/1", body=read, label="read"),
        exchange(body=bundle(after), label="found-again"),
    )


def test_found_is_read():
    meta = {"versionId": "1"}
    first, second = patient(1, meta=meta), patient(1, meta={"versionId": "2"})
    assert number(entries.found_is_read(found_and_read(first, first, first))) == 0
    assert number(entries.found_is_read(found_and_read(first, second, first))) == 1
    assert (
        number(entries.found_is_read(found_and_read(first, patient(1, meta=meta, active=True), first))) == 1
    )
    assert raises(NotJudgeable, entries.found_is_read(found_and_read(first, second, second)))


def test_totals():
    assert number(totals.total_exact(evidence(searched(ONE, label="page", total=1)))) == 0
    assert number(totals.total_exact(evidence(searched(ONE, label="page", total=2)))) == 1
    assert raises(NotApplicable, totals.total_exact(evidence(searched(ONE, label="page"))))


@pytest.mark.parametrize(
    ("answer", "findings"),
    [
        (bundle(total=1), 0),
        (bundle(total=2), 1),
        (bundle(ONE, total=1), 1),
        (bundle(total=1, next="x"), 1),
    ],
)
def test_count_zero(answer, findings):
    seen = evidence(searched(ONE, label="page"), exchange(body=answer, label="zero"))
    assert number(totals.count_zero(seen)) == findings


WHOLE = patient(1, name=[{"family": "Adams"}], text={"div": "x"}, identifier=[{"value": "9", "system": "s"}])


@pytest.mark.parametrize(
    ("part", "check", "arguments", "findings"),
    [
        (patient(1, identifier=[{"value": "9"}]), subset.part_of_whole, {}, 0),
        (patient(1, identifier=[{"value": "8"}]), subset.part_of_whole, {}, 1),
        (patient(1, gender="male"), subset.part_of_whole, {}, 1),
        (patient(1, meta=TAGGED), subset.part_says_so, {}, 0),
        (patient(1), subset.part_says_so, {}, 1),
        (patient(1, text={"div": "x"}), subset.part_keeps, {"elements": ["text"]}, 0),
        (patient(1), subset.part_keeps, {"elements": ["text"]}, 1),
        ({**WHOLE, "meta": TAGGED}, subset.part_holds_only, {"elements": ["text"]}, 1),
        (patient(1, meta=TAGGED, _text={}), subset.part_holds_only, {"elements": ["text"]}, 0),
        ({n: v for n, v in WHOLE.items() if n != "text"}, subset.part_lacks_only, {"elements": ["text"]}, 0),
        (patient(1), subset.part_lacks_only, {"elements": ["text"]}, 1),
        (WHOLE, subset.whole_resources, {}, 0),
        (patient(1), subset.whole_resources, {}, 1),
    ],
)
def test_parts(part, check, arguments, findings):
    assert number(check(both([WHOLE], [part]), **arguments)) == findings


def test_whole_resources_may_come_where_parts_were_asked_for():
    assert raises(NotApplicable, subset.part_says_so(both([WHOLE], [WHOLE])))
    assert raises(NotApplicable, subset.part_holds_only(both([WHOLE], [WHOLE]), elements=["text"]))
    assert raises(NotApplicable, subset.part_says_so(evidence(searched(WHOLE, label="one"), refused())))
    assert raises(NoData, subset.part_of_whole(both([WHOLE], [TWO])))


def test_mandatory_elements():
    held = {**SEEN, "status": "final", "code": {"text": "x"}}
    assert number(subset.part_keeps_mandatory(both([held], [{**SEEN, "status": "final"}]))) == 1
    kept = {n: v for n, v in held.items() if n != "subject"}
    assert number(subset.part_keeps_mandatory(both([held], [kept]))) == 0


READ = exchange("/Patient/1", body=ONE, label="known")


def test_includes():
    plain, right = mixed(SEEN, label="plain"), mixed(SEEN, included=[ONE], total=1)
    known = {"known": "Patient/1"}
    assert number(includes.includes_known(evidence(plain, right, READ), **known)) == 0
    assert number(includes.includes_known(evidence(plain, mixed(SEEN), READ), **known)) == 1
    assert number(includes.includes_known(evidence(plain, refused(label="with"), READ), **known)) == 1
    gone = exchange("/Patient/1", status=410, label="known")
    assert raises(NotJudgeable, includes.includes_known(evidence(plain, mixed(SEEN), gone), **known))
    assert number(includes.includes_leave_matches(evidence(plain, right))) == 0
    assert number(includes.includes_leave_matches(evidence(plain, mixed(SEEN, ONE)))) == 1
    assert number(includes.includes_counted(evidence(plain, right))) == 0
    assert number(includes.includes_counted(evidence(plain, mixed(SEEN, included=[ONE], total=2)))) == 1


def test_an_outcome_that_comes_along_is_no_include():
    told = mixed(SEEN, included=[ONE, OUTCOME], total=1)
    assert number(includes.includes_referred(evidence(told), by="subject")) == 0


def test_what_changed_meanwhile_is_no_fault_of_an_include():
    plain, again = mixed(SEEN, label="plain"), mixed(SEEN, label="plain-again")
    known = {"known": "Patient/1"}
    elsewhere = {**SEEN, "subject": {"reference": "Patient/9"}}
    moved = evidence(plain, mixed(elsewhere), mixed(elsewhere, label="plain-again"), READ)
    assert raises(NotJudgeable, includes.includes_known(moved, **known))
    nothing = mixed(included=[TWO], total=0)
    lost = evidence(plain, nothing, again, READ)
    assert number(includes.includes_known(lost, **known)) == 1
    assert number(includes.includes_leave_matches(lost)) == 1
    grown = evidence(plain, mixed(SEEN, ONE), mixed(SEEN, ONE, label="plain-again"), READ)
    assert raises(NotJudgeable, includes.includes_leave_matches(grown))
    counted = evidence(plain, mixed(SEEN, ONE, included=[TWO], total=2), mixed(label="plain-again"), READ)
    assert raises(NotJudgeable, includes.includes_counted(counted))


def test_nothing_is_included_that_does_not_belong():
    assert number(includes.includes_referred(evidence(mixed(SEEN, included=[ONE])), by="subject")) == 0
    assert number(includes.includes_referred(evidence(mixed(SEEN, included=[TWO])), by="subject")) == 1
    back = evidence(mixed(ONE, included=[SEEN]))
    assert number(includes.includes_referred(back, by="subject", reverse=True)) == 0
    other = evidence(mixed(TWO, included=[SEEN]))
    assert number(includes.includes_referred(other, by="subject", reverse=True)) == 1
    assert raises(NoData, includes.includes_referred(evidence(mixed(SEEN)), by="subject"))


def test_each_page_holds_what_belongs_to_it():
    first, second = mixed(SEEN, included=[ONE]), mixed({**SEEN, "id": "p"})
    whole = step(*first.exchanges, *second.exchanges, ended_with="complete")
    assert number(includes.includes_with_their_matches(evidence(whole), by="subject")) == 1


def test_iteration():
    group = {"resourceType": "Group", "id": "g"}
    page = mixed(SEEN, included=[ONE, group])
    names = {"known": "Group/g", "middle": "Patient/1"}
    assert number(includes.includes_not_iterated(evidence(page), **names)) == 1
    assert number(includes.includes_not_iterated(evidence(mixed(SEEN, included=[ONE])), **names)) == 0
    read = exchange("/Group/g", body=group, label="known")
    assert raises(NotApplicable, includes.includes_iterated(evidence(page, read), **names))


@pytest.mark.parametrize(("found", "rising", "falling"), [([ONE, TWO], 0, 1), ([TWO, ONE], 1, 0)])
def test_order(found, rising, falling):
    seen = evidence(searched(*found, self=SELF))
    by = {"parameter": "family", "kind": "string"}
    assert number(order.sorted_by(seen, **by)) == rising
    assert number(order.sorted_by(seen, **by, descending=True)) == falling
    assert raises(NotApplicable, order.sorted_by(evidence(searched(*found, self="Patient")), **by))
    assert raises(NoData, order.sorted_by(evidence(searched(ONE, self=SELF)), **by))


@pytest.mark.parametrize(
    ("status", "body", "rejected", "explained", "hidden"),
    [
        (400, OUTCOME, 0, 0, 0),
        (422, OUTCOME, 1, 0, 0),
        (400, b"<html>", 0, 1, 0),
        (400, {"resourceType": "OperationOutcome"}, 0, 1, 0),
        (500, OUTCOME, 1, 0, 0),
        (200, OUTCOME, 1, None, 1),
        (200, bundle(), 1, None, 0),
    ],
)
def test_refusals(status, body, rejected, explained, hidden):
    seen = evidence(exchange(status=status, body=body, label="bad"))
    assert number(handling.rejected(seen, status=400)) == rejected
    assert number(handling.no_error_as_success(seen)) == hidden
    if explained is None:
        assert raises(NotApplicable, handling.refusal_explained(seen))
    else:
        assert number(handling.refusal_explained(seen)) == explained


def test_named_queries():
    stated = exchange(body=bundle(self="Patient?_query=x"), label="bad")
    assert number(handling.named_query(evidence(stated))) == 1
    assert number(handling.named_query(evidence(exchange(status=400, label="bad")))) == 0
    assert raises(NotApplicable, handling.named_query(evidence(exchange(body=bundle(), label="bad"))))


def test_a_search_that_is_repeated():
    one, other = searched(ONE, TWO, label="one"), searched(ONE)
    there = exchange("/Patient/2", body=TWO, label="read")
    assert number(handling.same_when_repeated(evidence(one, other, there))) == 1
    assert raises(NoData, handling.same_when_repeated(evidence(one, other)))
    assert number(handling.same_when_repeated(evidence(one, searched(TWO, ONE)))) == 0


def test_compartments():
    stranger = {**SEEN, "id": "s", "subject": {"reference": "Patient/2"}}
    by_patient = searched(SEEN, label="one")
    assert number(handling.compartment_holds(evidence(by_patient, searched(SEEN)))) == 0
    again = searched(SEEN, label="again")
    assert number(handling.compartment_holds(evidence(by_patient, searched(stranger), again))) == 1
    assert number(handling.compartment_holds(evidence(by_patient, refused(404)))) == 1
    assert number(handling.compartment_only(evidence(searched(SEEN)), patient="1")) == 0
    assert number(handling.compartment_only(evidence(searched(SEEN, stranger)), patient="1")) == 1


@pytest.mark.parametrize(
    ("reference", "belongs"),
    [
        ("Patient/1", True),
        ("https://fhir.example.org/r4/Patient/1/_history/2", True),
        ("urn:uuid:1", True),
        ("Patient/12", False),
        ("Patient/2/_history/1", False),
        ("Practitioner/1", False),
        ("urn:uuid:10-1", False),
    ],
)
def test_a_compartment_is_that_of_the_patient_and_of_none_whose_id_is_alike(reference, belongs):
    for identity in ("s", "1"):
        held = {**SEEN, "id": identity, "subject": {"reference": reference}}
        findings = number(handling.compartment_only(evidence(searched(held)), patient="1"))
        assert findings == (not belongs)


@pytest.mark.parametrize("ended", ["loop", "standstill"])
def test_an_order_whose_pages_never_end_is_none(ended):
    whole = searched(ONE, TWO, label="one")
    turning = pages(bundle(ONE, self=SELF), bundle(ONE, self=SELF), label="other", ended=ended)
    seen = evidence(whole, turning)
    assert number(order.sorted_by(seen, parameter="family", kind="string")) == 1
    assert number(same_matches(seen, one="one", other="other", optional=True)) == 1
    broken = evidence(whole, pages(bundle(ONE, self=SELF), label="other", ended="limit"))
    assert raises(NotJudgeable, order.sorted_by(broken, parameter="family", kind="string"))
    assert raises(NotJudgeable, same_matches(broken, one="one", other="other"))


@pytest.mark.parametrize(
    ("severities", "findings"), [([], 0), (["warning", "information"], 0), (["error"], 1), (["fatal"], 1)]
)
def test_a_search_that_succeeds_tells_of_no_error(severities, findings):
    told = {"resourceType": "OperationOutcome", "issue": [{"severity": each} for each in severities]}
    entry = {"resource": told, "search": {"mode": "outcome"}}
    body = bundle(ONE)
    body["entry"] = [*body["entry"], entry]
    assert number(entries.outcomes_are_no_errors(evidence(exchange(body=body, label="page")))) == findings


def test_a_search_that_gives_no_bundle_tells_nothing_of_errors():
    with pytest.raises(NoData):
        number(entries.outcomes_are_no_errors(evidence(exchange(status=500, label="page"))))
