"""Ways in which a target could pass without deserving it, or fail though it conforms: each was possible once."""

import pytest
import saw
from evidence_builder import exchange, step
from export_evidence import OBSERVATIONS, PATIENTS, done, export, file, kick_off, manifest
from export_evidence import saw as seen_export
from saw import bundle, evidence, pages, patient

from conformance.catalog import built_in
from conformance.checks.search import count_ceiling, count_summary, pages_complete, searchset, total
from conformance.errors import NoData, NotApplicable, NotJudgeable
from conformance.model.profile import Call
from conformance.model.suite import Case
from conformance.model.verdict import Outcome
from conformance.stages.judge import judge

THREE = [patient(number) for number in range(3)]
GUARDED = {"label": "file-anonymous", "about": {"kind": "output", "index": "0", "type": "Patient"}}


def run(name, *steps, **arguments):
    return list(built_in().find("check", name)(seen_export(*steps), **arguments))


class TestSearches:
    def test_a_server_that_gives_no_next_link_is_caught_by_its_total(self):
        found = []
        with pytest.raises(NoData):
            found.extend(pages_complete(evidence(pages(bundle(*THREE, total=60)))))
        assert "a total of 60" in next(pages_complete(evidence(pages(bundle(*THREE, total=60)))))

    def test_a_server_that_gives_no_next_link_is_caught_by_the_sample(self):
        sample = saw.exchange(
            "/Patient?_count=50", body=bundle(*THREE), label="sample", about={"type": "Patient"}
        )
        assert "Patient/2" in next(pages_complete(evidence(pages(bundle(*THREE[:2])), discovery=(sample,))))

    @pytest.mark.parametrize("found", [[], THREE])
    def test_one_page_cannot_show_that_the_total_counts_more_than_a_page(self, found):
        with pytest.raises(NoData):
            list(total(evidence(pages(bundle(*found, total=len(found))))))

    def test_a_server_that_ignores_count_is_not_excused_by_having_few_patients(self):
        with pytest.raises(NoData):
            list(count_ceiling(evidence(pages(bundle(*THREE))), count=20))

    def test_a_server_without_the_summary_may_refuse_it(self):
        refused = saw.exchange("/Patient?_summary=count", status=400, label="count")
        with pytest.raises(NotApplicable):
            list(count_summary(evidence(pages(bundle(*THREE)), refused)))

    def test_counting_nothing_shows_nothing(self):
        nought = saw.exchange("/Patient?_summary=count", body=bundle(total=0), label="count")
        with pytest.raises(NoData):
            list(count_summary(evidence(pages(bundle()), nought)))

    def test_credentials_that_do_not_permit_a_search_are_no_fault_of_the_server(self):
        with pytest.raises(NotJudgeable):
            list(searchset(evidence(saw.exchange("/Patient", status=403, label="page"))))

    def test_the_version_of_a_reference_is_not_searched_for(self):
        from conformance.probes.search import escaped

        assert escaped("Patient/1/_history/2", "reference") == "Patient/1"


def test_credentials_that_do_not_permit_a_read_are_no_fault_of_the_server():
    check = built_in().find("check", "status")
    with pytest.raises(NotJudgeable):
        list(check(evidence(saw.exchange(status=403)), code=200))
    assert list(check(evidence(saw.exchange(status=403)), code=[403])) == []
    stranger = saw.exchange(status=401).model_copy(update={"credentials": "none"})
    assert len(list(check(evidence(stranger), code=200))) == 1


class TestExports:
    @pytest.mark.parametrize("status", [302, 307, 500])
    def test_a_redirect_to_the_open_file_is_no_refusal(self, status):
        asked = exchange("GET", "/files/1", status=status, **GUARDED)
        with pytest.raises(NotJudgeable):
            run("export-files-protected", export(more=[asked]), credentials="none")

    def test_one_open_file_among_many_is_found(self):
        asked = [exchange("GET", f"/files/{n}", status=200 if n == 3 else 401, **GUARDED) for n in range(4)]
        assert len(run("export-files-protected", export(more=asked), credentials="none")) == 1

    def test_repeated_types_that_are_refused_where_joined_ones_are_taken_up_are_a_fault(self):
        joined = "?_type=Patient,Observation"
        repeated = "?_type=Patient&_type=Observation"
        refused = step(kick_off(query=repeated, status=400, headers={}), name="repeated")
        (found,) = run("export-repeated-as-comma", refused, export(query=joined, name="joined"))
        assert "answered 400" in found

    def test_types_of_which_one_is_absent_do_not_show_that_both_values_count(self):
        answers = (export(file(), query=q) for q in ("?_type=Patient&_type=Device", "?_type=Patient,Device"))
        with pytest.raises(NoData):
            run("export-repeated-as-comma", *answers)

    def test_where_all_kick_offs_are_taken_up_no_refusal_was_seen(self):
        with pytest.raises(NoData):
            run("export-refusal-status", step(kick_off()))

    def test_a_file_that_was_not_asked_for_is_not_known_to_be_there(self):
        with pytest.raises(NotJudgeable, match=r"output\[1\]"):
            run("export-files-accessible", export(file()))

    def test_an_export_that_the_tester_may_not_begin_does_not_contradict_the_declaration(self):
        operation = {"name": "export", "definition": "http://x/OperationDefinition/export"}
        declared = saw.statement() | {"rest": [{"mode": "server", "operation": [operation]}]}
        forbidden = step(kick_off(status=403, headers={}))
        metadata = saw.exchange("/metadata", body=declared, label="metadata")
        with pytest.raises(NotJudgeable):
            list(
                built_in().find("check", "export-capability-true")(
                    seen_export(forbidden, discovery=[metadata])
                )
            )

    def test_a_type_that_may_not_be_counted_may_be_missing(self):
        def counted(kind, status, label):
            return exchange("GET", f"/{kind}", status=status, label=label, about={"type": kind}, body=count)

        count = {"resourceType": "Bundle", "type": "searchset", "total": 4}
        totals = [
            counted(kind, status, label)
            for label in ("total-before", "total-after")
            for kind, status in (("Patient", 200), ("Condition", 403))
        ]
        items = [{"type": "Patient", "url": "https://ehr.example.org/fhir/files/1"}]
        with pytest.raises(NotJudgeable, match="refuses to count Condition"):
            run("export-counts-match", export(file(), end=done(manifest(output=items)), more=totals))


class TestCanaries:
    SENT = PATIENTS[0] | {"birthDate": "1953-07-09", "name": [{"family": "HTEST", "given": ["A", "B"]}]}

    def written(self, kept, *more):
        read = exchange("GET", "/Patient/c", body=kept, label="canary-read", about={"reference": "Patient/c"})
        note = [{"reference": "Patient/c", "state": "plain", "sent": self.SENT}]
        return export(file(resources=[kept]), file(1, OBSERVATIONS), more=[read, *more], canaries=note)

    def test_a_server_that_keeps_nothing_has_nothing_to_export(self):
        with pytest.raises(NotJudgeable, match="less than half"):
            run("canaries-exported", self.written({"resourceType": "Patient", "id": "c"}))
        assert run("canaries-exported", self.written(self.SENT | {"id": "c"})) == []

    def test_a_state_that_was_refused_is_not_known_to_be_exported(self):
        refused = exchange(
            "POST", "/Patient", status=422, label="canary-create", about={"state": "restricted"}
        )
        with pytest.raises(NotJudgeable, match="no patient that is restricted"):
            run("canaries-exported", self.written(self.SENT | {"id": "c"}, refused), part="patients")


class TestJudging:
    def verdict(self, label):
        lost = exchange(
            "GET", "https://elsewhere.example/x.pdf", status=0, failure="no such host", label=label
        )
        case = Case(id="X/1", requirement="X", steps=("full",), expect=(Call(name="export-accepted"),))
        return judge(case, seen_export(export(more=[lost])), built_in()).outcome

    def test_an_attachment_that_cannot_be_reached_spoils_nothing_else(self):
        assert self.verdict("attachment") is Outcome.PASS
        assert self.verdict("cleanup") is Outcome.PASS
        assert self.verdict("file") is Outcome.INCONCLUSIVE

    def test_it_leaves_open_whether_the_attachments_match(self):
        lost = exchange("GET", "/a", status=0, failure="no such host", label="attachment")
        with pytest.raises(NotJudgeable, match="no such host"):
            run("attachments-match", export(more=[lost]))
