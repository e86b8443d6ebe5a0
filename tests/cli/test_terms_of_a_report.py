"""What a report is bound to, until when it counts, and what was waived beforehand: from the options to the record."""

import datetime as dt
import json

import pytest
from small_profiles import READING
from whole_runs import command, finished_run, judged_anew

from conformance.model.base import strict_json
from conformance.model.dsse import read_envelope
from conformance.outside.folders import RunFolder

WRONG = READING.replace("code: 404", "code: 418")
NONCE = ("--nonce", "n-17", "--procurement-ref", "ocds-1/lot-2")


@pytest.fixture(scope="module")
def keyed(tmp_path_factory):
    place = tmp_path_factory.mktemp("keys")
    for name, role in (("lab", "independent-lab"), ("buyer", "buyer")):
        assert command("keygen", place / name, "--unencrypted") == 0
        given = ("--name", name, "--role", role, "--trust", place / "trust.toml")
        assert command("trust", "add", f"{place / name}.pub.pem", *given) == 0
    return place


def signing(keyed, name="lab"):
    return ("--key", keyed / name, "--allow-unencrypted-key")


def predicate(run):
    return strict_json(read_envelope((run / "report.dsse.json").read_bytes()).content)["predicate"]


@pytest.fixture(scope="module")
def bound(reference_supplier, keyed, tmp_path_factory):
    place = tmp_path_factory.mktemp("bound")
    given = (*signing(keyed), *NONCE, "--valid-days", 90, "--set", "page=3")
    return finished_run(place, reference_supplier.url, WRONG, *given)


def test_the_record_names_procurement_nonce_and_validity(bound):
    stated = predicate(bound)
    assert stated["binding"] == {"nonce": "n-17", "procurementRef": "ocds-1/lot-2"}
    ends = dt.datetime.fromisoformat(stated["validUntil"])
    assert ends - dt.datetime.fromisoformat(stated["finishedAt"]) == dt.timedelta(days=90)


def test_the_record_names_what_answered_and_which_tool_asked(bound):
    stated = predicate(bound)
    steps = list(RunFolder(bound).finished_steps())
    metadata = next(x for step in steps for x in step.exchanges if x.label == "metadata")
    assert stated["observed"]["capabilityStatement"] == metadata.body.sha256
    assert stated["observed"]["tlsKey"] == metadata.tls_key
    assert len(stated["tool"]["digest"]) == 64


def test_the_record_says_of_each_limit_who_set_it(bound):
    limits = predicate(bound)["limits"]
    assert limits["page"]["setBy"] == "the runner (self)"
    assert (limits["page"]["value"], limits["page"]["default"]) == (3, 5)


def test_the_record_says_of_each_requirement_whether_it_was_met(bound):
    met = {line["id"]: (line["outcome"], line["met"]) for line in predicate(bound)["requirements"]}
    assert ("fail", False) in met.values()
    assert all(value == {"pass": True, "fail": False}.get(outcome) for outcome, value in met.values())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--valid-until", "2031-01-01", "--valid-days", "3"), "give one of them"),
        (("--valid-until", "soon"), "is to be a day"),
        (("--valid-until", "2001-01-01"), "has gone by"),
        (("--nonce", "a\nb"), "control characters"),
        (("--nonce", "x" * 201), "at most 200"),
    ],
)
def test_terms_that_cannot_hold_are_refused_before_anything_is_sent(options, said, capsys):
    assert command("run", "fhir-r4-base", "--url", "http://127.0.0.1:9/", *options) == 2
    assert said in capsys.readouterr().err


def listed(place, **members):
    waiver = {"requirement": "S-UNKNOWN", "reason": "agreed", "who": "Jo Buyer", "until": "2031-01-01"}
    path = place / "waivers.yaml"
    path.write_text(json.dumps([waiver | members]), "utf-8")
    return path


def test_a_waiver_stands_beside_the_outcome_and_changes_none(reference_supplier, tmp_path, keyed, bound):
    given = ("--waivers", listed(tmp_path), *signing(keyed))
    run = finished_run(tmp_path, reference_supplier.url, WRONG, *given)
    stated, without = predicate(run), predicate(bound)
    lines = {line["id"]: line for line in stated["requirements"]}
    assert lines["S-UNKNOWN"]["waiver"]["who"] == "Jo Buyer"
    assert (stated["result"], lines["S-UNKNOWN"]["outcome"]) == (without["result"], "fail")
    assert judged_anew(run).report == RunFolder(run).report()
    trust = ("--trust", keyed / "trust.toml", "--require", "authentic")
    assert command("verify", run, *trust) == 0
    (run / "waivers.json").unlink()
    assert command("verify", run, *trust) == 1


def test_an_expired_waiver_is_told(reference_supplier, tmp_path, capsys):
    given = ("--waivers", listed(tmp_path, until="2020-01-01"))
    run = finished_run(tmp_path, reference_supplier.url, WRONG, *given)
    assert next(r for r in RunFolder(run).report().requirements if r.waiver).lapsed
    assert "it had run out by the day of this run" in " ".join(capsys.readouterr().out.split())


def test_waivers_are_signed_by_who_grants_them(reference_supplier, tmp_path, keyed):
    signed = tmp_path / "waivers.dsse.json"
    assert command("waive", listed(tmp_path), *signing(keyed, "buyer"), "--out", signed) == 0
    run = finished_run(tmp_path, reference_supplier.url, WRONG, "--waivers", signed, *signing(keyed))
    assert (run / "waivers.dsse.json").read_bytes() == signed.read_bytes()
    assert next(r.waiver.who for r in judged_anew(run).report.requirements if r.waiver) == "Jo Buyer"


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"requirement": "S-RED"}, "S-RED"),
        ({"until": "whenever"}, "until"),
        ({"who": ""}, "who"),
    ],
)
def test_a_waiver_that_says_nothing_is_refused(tmp_path, reference_supplier, members, said, capsys):
    given = (
        "--url",
        reference_supplier.url,
        "--waivers",
        listed(tmp_path, **members),
        "--out",
        tmp_path / "r",
    )
    (tmp_path / "small.yaml").write_text(WRONG, "utf-8")
    assert command("run", tmp_path / "small.yaml", *given) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "r" / "report.json").exists()
