"""How a service could pass undeservedly, and what becomes of that; and of descriptions that are hard to bear."""

import json

import pytest
from small_services import HELD, THING, answer, described, report_on_service, service
from starlette.applications import Starlette
from whole_runs import judged_anew, lines_of, write_lines

from conformance.errors import TargetError
from conformance.model.report import Result
from conformance.model.target import Environment, Limits, Permissions
from conformance.model.verdict import Outcome
from conformance.reference.open_api.app import create_app
from conformance.reference.records.store import Store
from conformance.reference.settings import Settings

RUNNING = ("OAPI-RUN-01", "OAPI-RUN-02", "OAPI-RUN-03", "OAPI-RUN-04", "OAPI-RUN-05")


def outcomes(report, *names):
    found = {one.id: one for one in report.requirements}
    return [found[name].outcome for name in names]


def because(report, name):
    return next(one.because for one in report.requirements if one.id == name)


def findings(report, name):
    one = next(one for one in report.requirements if one.id == name)
    return " ".join(text for verdict in one.verdicts for text in verdict.findings)


def test_a_service_that_does_what_its_description_says_passes(tmp_path):
    report = report_on_service(service(described()), tmp_path / "run", *RUNNING)
    assert outcomes(report, *RUNNING) == [Outcome.PASS] * 5, [because(report, name) for name in RUNNING]


@pytest.mark.parametrize("description", ["/openapi.json", "/openapi-3.0.json"])
def test_the_same_service_passes_by_its_description_in_either_version(tmp_path, description):
    settings = Settings("http://in-process.invalid/v2", auth="none")
    app = create_app(settings, Store(base_url=settings.base_url))
    asked = ("OAPI-DSC-02", "OAPI-DSC-03", *RUNNING[:4])
    here = {"endpoint": settings.base_url, "description": description}
    report = report_on_service(app, tmp_path / "run", *asked, **here)
    assert outcomes(report, *asked) == [Outcome.PASS] * 6, [because(report, name) for name in asked]


@pytest.mark.parametrize("status", [401, 404])
def test_a_service_that_answers_everything_with_one_refusal_is_untested(tmp_path, status):
    report = report_on_service(service(described(), status), tmp_path / "run", *RUNNING[:4])
    assert report.result is not Result.PASSED
    assert Outcome.PASS not in outcomes(report, *RUNNING[:4])


def test_a_description_without_operations_passes_nothing(tmp_path):
    report = report_on_service(
        service(described(paths={})), tmp_path / "run", *RUNNING, "OAPI-DSC-03", "OAPI-DSC-07", "OAPI-AUT-01"
    )
    assert set(outcomes(report, *RUNNING, "OAPI-DSC-03", "OAPI-DSC-07", "OAPI-AUT-01")) == {Outcome.UNTESTED}


def test_a_description_that_anything_agrees_with_fails_for_that_and_refuses_nothing_that_could_count(
    tmp_path,
):
    report = report_on_service(
        service(described(components={"schemas": {"Thing": {}}})), tmp_path / "run", "OAPI-DSC-03"
    )
    assert outcomes(report, "OAPI-DSC-03") == [Outcome.FAIL]


def test_an_empty_list_shows_nothing_of_the_things_in_it(tmp_path, monkeypatch):
    monkeypatch.setattr("small_services.HELD", {})
    report = report_on_service(service(described()), tmp_path / "run", "OAPI-RUN-01", "OAPI-RUN-06")
    not_tried = next(one.not_tried for one in report.requirements if one.id == "OAPI-RUN-01")
    assert any("get.things.id" in told for told in not_tried)
    assert outcomes(report, "OAPI-RUN-06") == [Outcome.UNTESTED]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"swagger": "2.0", "info": {}, "paths": {}}', "Swagger 2.0"),
        ('{"openapi": "3.1.0",', "no JSON"),
        ("openapi: [", "no YAML"),
        ('{"openapi": "4.0.0"}', "3.0 and 3.1"),
    ],
)
def test_what_cannot_be_read_fails_as_a_description_and_leaves_the_rest_untested(tmp_path, text, said):
    report = report_on_service(
        service(text), tmp_path / "run", "OAPI-DSC-01", "OAPI-RUN-01", description="/openapi.json"
    )
    assert outcomes(report, "OAPI-DSC-01", "OAPI-RUN-01") == [Outcome.FAIL, Outcome.UNTESTED]
    assert said in findings(report, "OAPI-DSC-01")
    assert said in because(report, "OAPI-RUN-01")


def test_a_service_without_a_description_fails_for_that(tmp_path):
    report = report_on_service(Starlette(), tmp_path / "run", "OAPI-DSC-01", "OAPI-DSC-02")
    assert outcomes(report, "OAPI-DSC-01", "OAPI-DSC-02") == [Outcome.FAIL, Outcome.UNTESTED]
    assert "/openapi.json" in findings(report, "OAPI-DSC-01")


def test_a_target_that_does_not_answer_at_all_ends_the_run(tmp_path):
    with pytest.raises(TargetError, match=r"127\.0\.0\.1:9 cannot be tested"):
        report_on_service(
            Starlette(), tmp_path / "run", endpoint="http://127.0.0.1:9", limits=Limits(retries=0)
        )


def test_a_wrong_answer_deep_in_a_schema_that_refers_to_itself_is_found(tmp_path, monkeypatch):
    monkeypatch.setitem(HELD, "a", {"id": "a", "parts": [{"id": "p", "parts": [{"size": 1}]}]})
    parts = {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
    thing = {**THING, "properties": {**THING["properties"], "parts": parts}}
    report = report_on_service(
        service(described(components={"schemas": {"Thing": thing}})), tmp_path / "run", "OAPI-RUN-01"
    )
    assert outcomes(report, "OAPI-RUN-01") == [Outcome.FAIL]
    assert "$[0].parts[0].parts[0]" in findings(report, "OAPI-RUN-01")


def test_a_schema_that_is_nothing_but_a_circle_is_undecided(tmp_path):
    circle = {"Thing": {"$ref": "#/components/schemas/Thing"}}
    report = report_on_service(
        service(described(components={"schemas": circle})), tmp_path / "run", "OAPI-RUN-01"
    )
    assert outcomes(report, "OAPI-RUN-01") == [Outcome.INCONCLUSIVE]
    assert "circular" in because(report, "OAPI-RUN-01")


def test_what_is_described_in_another_document_is_told_and_the_rest_is_judged(tmp_path):
    whole = described()
    whole["paths"]["/things/{id}"]["get"]["responses"]["200"] = {"$ref": "https://elsewhere.example/a.json"}
    report = report_on_service(service(whole), tmp_path / "run", "OAPI-RUN-01")
    one = next(one for one in report.requirements if one.id == "OAPI-RUN-01")
    by_case = {verdict.case.partition(":")[2]: verdict for verdict in one.verdicts}
    assert by_case["get.things"].outcome is Outcome.PASS
    assert by_case["get.things.id"].outcome is Outcome.INCONCLUSIVE
    assert "another document" in by_case["get.things.id"].because


def test_of_many_operations_some_are_tried_and_it_is_said_how_many(tmp_path):
    whole = described()
    plain = {"get": {"summary": "x", "responses": {"200": answer(THING)}}}
    whole["paths"] |= {f"/more/{number}": plain for number in range(600)}
    report = report_on_service(service(whole), tmp_path / "run", "OAPI-AUT-01", "OAPI-RUN-06", "OAPI-END-01")
    assert outcomes(report, "OAPI-RUN-06") == [Outcome.PASS]
    report = report_on_service(service(whole), tmp_path / "more", "OAPI-END-02")
    assert "tried 60 of the 602 that could be" in " ".join(
        next(one.not_tried for one in report.requirements if one.id == "OAPI-END-02")
    )


def test_nothing_is_written_without_permission_nor_in_production(tmp_path):
    report = report_on_service(
        service(described()), tmp_path / "run", *RUNNING[1:4:2], permissions=Permissions()
    )
    assert outcomes(report, *RUNNING[1:4:2]) == [Outcome.UNTESTED] * 2
    live = {"environment": Environment.PRODUCTION, "production_override": "A. Person"}
    report = report_on_service(service(described()), tmp_path / "live", *RUNNING[1:4:2], **live)
    assert outcomes(report, *RUNNING[1:4:2]) == [Outcome.UNTESTED] * 2
    assert "production" in because(report, "OAPI-RUN-02")


def test_a_request_is_judged_by_its_own_look_and_not_by_what_it_is_said_to_be(tmp_path):
    """Evidence in which right requests pass for wrong ones is no evidence of refusing."""
    report_on_service(service(described()), tmp_path / "run", "OAPI-RUN-03")
    lines = lines_of(tmp_path / "run")
    changed = [lines[0]]
    for line in lines[1:-1]:
        step = json.loads(line)
        for exchange in step.get("exchanges", []):
            if exchange.get("label") == "invalid":
                exchange["url"] = exchange["url"].partition("?")[0]
        changed.append(json.dumps(step, separators=(",", ":")).encode() + b"\n")
    write_lines(tmp_path / "run", changed)
    assert outcomes(judged_anew(tmp_path / "run").report, "OAPI-RUN-03") == [Outcome.UNTESTED]


def test_the_report_is_recomputed_from_the_evidence_without_drawing_anything(tmp_path, monkeypatch):
    report = report_on_service(service(described()), tmp_path / "run", *RUNNING)
    monkeypatch.setattr("conformance.openapi.drawing.draw", None)
    assert judged_anew(tmp_path / "run").report.canonical() == report.canonical()
