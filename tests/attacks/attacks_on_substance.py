"""Attacks on what a report says: its profile, its evidence, its verdicts, what it is bound to, and its times."""

import datetime as dt
import gzip
import hashlib
import json

from attack_stage import BODY, BUYER, LAB, STRANGER, SUPPLIER, Stage, signed
from attacks import IDLE, attack

from conformance.catalog import built_in
from conformance.model.base import compact, sha256
from conformance.model.release import release_of
from conformance.model.replies import Supersession
from conformance.model.report import Waiver
from conformance.model.suite import BoundSuite
from conformance.model.waivers import SIGNED_WAIVERS_FILE, WaiverList
from conformance.session.replay import replay
from conformance.stages.sign import sign

DAY = dt.timedelta(days=1)


def profile(stage: Stage):
    return stage.folder.suite().profile


def released(stage: Stage, *signers, **more) -> None:
    stage.state(release_of(profile(stage), stage.finished.date(), **more).statement(), *signers)


def first(report):
    return next(r for r in report["requirements"] if r["outcome"] == "pass" and r.get("verdicts"))


def upgraded(report) -> None:
    """Whatever was not tested is said to have passed."""
    for requirement in report["requirements"]:
        if requirement["outcome"] == "untested":
            requirement.update(outcome="pass", because="")
            requirement.pop("verdicts", None)


def failing(stage: Stage, *signers) -> None:
    """Evidence of a failure, under a report that says PASSED: an answer is exchanged, and its digests with it."""
    lines = (stage.root / "evidence.jsonl").read_bytes().splitlines(keepends=True)
    changed = {}
    for number, line in enumerate(lines[1:-1], 1):
        step = json.loads(line)
        if step["step"] == "discovery":
            continue
        for exchange in step.get("exchanges", ()):
            old = sha256(compact(exchange))
            exchange["status"] = 500
            changed[old] = sha256(compact(exchange))
        lines[number] = compact(step) + b"\n"
    body = b"".join(lines[:-1])
    footer = {"end": True, "lines": len(lines) - 1, "sha256": hashlib.sha256(body).hexdigest()}
    (stage.root / "evidence.jsonl").write_bytes(body + json.dumps(footer).encode() + b"\n")
    text = (stage.root / "report.json").read_text("utf-8")
    for old, new in changed.items():
        text = text.replace(old, new)
    (stage.root / "report.json").write_text(text, "utf-8")
    signed(stage.folder, *signers)


def reported_honestly(stage: Stage) -> None:
    """The report that the files lead to, signed: so nothing is wrong with it but the files."""
    stage.folder.write("report.json", replay(stage.folder, built_in()).report.canonical())
    signed(stage.folder, LAB)


@attack("profile", 1)
def pins_another_profile(stage):
    """The statement names the digest of another profile than was measured"""
    stage.restate(lambda s: s["predicate"]["profile"].update(digest="0" * 64))


@attack("profile", 3)
def easier_profile_under_a_known_name(stage):
    """A profile that asks less is measured under the name and version of a published one"""

    def easier(suite):
        asked = suite["profile"]["requirements"]
        gone = asked.pop(next(i for i, r in enumerate(asked) if r.get("tests")))["id"]
        for part, named in (("templates", "requirement"), ("cases", "requirement")):
            suite[part] = [each for each in suite[part] if each[named] != gone]
        suite["profileDigest"] = sha256(BoundSuite.model_validate(suite).profile.canonical())

    stage.edit("suite.json", easier)
    reported_honestly(stage)


@attack("profile", 3)
def withdrawn_profile(stage):
    """The profile was withdrawn by a standards body"""
    released(stage, BODY)
    released(stage, BODY, withdrawn="SMART-07 contradicts the standard")


@attack("profile", 3)
def altered_after_release(stage):
    """A standards body released this version with another content"""
    other = profile(stage).model_copy(update={"title": "The real one"})
    stage.state(release_of(other, stage.finished.date()).statement(), BODY)


@attack("profile", 3)
def released_by_one_of_two(stage):
    """One body released the profile where the reader asks for two"""
    stage.rule("profile-release", "2 standards-body")
    released(stage, BODY, BODY)


@attack("profile", 3)
def released_by_the_supplier(stage):
    """A supplier releases the profile that it is measured by"""
    stage.rule("profile-release", "standards-body")
    released(stage, SUPPLIER, STRANGER)


@attack("recomputation", 1)
def verdict_upgraded_by_both(stage):
    """Tester and supplier together sign that what failed had passed"""
    failing(stage, LAB, SUPPLIER)


@attack("recomputation", 3)
def lie_in_the_name_of_another_version(stage):
    """The same lie, and the report is said to be by a later version of the harness: judged differently now"""
    failing(stage, LAB, SUPPLIER)
    stage.rewrite(LAB, SUPPLIER, run=lambda record: record["tool"].update(version="99.0.0"))


@attack("recomputation", 1)
def untested_called_passed(stage):
    """What could not be tested is signed as passed"""
    stage.rewrite(report=upgraded)


@attack("recomputation", 1)
def lost_case(stage):
    """A case that failed is taken out of suite and report"""

    def without(suite):
        gone = next(case for case in suite["cases"] if case.get("steps"))["id"]
        suite["cases"] = [case for case in suite["cases"] if case["id"] != gone]
        without.gone = gone

    def lost(report):
        for requirement in report["requirements"]:
            verdicts = [v for v in requirement.get("verdicts", ()) if v["case"] != without.gone]
            requirement["verdicts"] = verdicts

    stage.rewrite(suite=without, report=lost)


@attack("recomputation", 1)
def lost_template(stage):
    """A whole test is taken out of the suite"""

    def without(suite):
        gone = suite["templates"].pop(0)["id"]
        suite["cases"] = [case for case in suite["cases"] if not case["id"].startswith(gone)]

    stage.rewrite(suite=without)


@attack("recomputation", 1)
def weakened_case(stage):
    """A case expects less than its profile does"""

    def weaker(suite):
        case = next(case for case in suite["cases"] if len(case.get("expect", ())) > 1)
        case["expect"] = case["expect"][:1]

    stage.rewrite(suite=weaker)


@attack("recomputation", 1)
def excused_case(stage):
    """A case is said not to apply to this product"""

    def excused(suite):
        case = next(case for case in suite["cases"] if case.get("steps"))
        for member in ("steps", "expect", "values"):
            case.pop(member, None)
        case["inapplicable"] = "the target does not declare it"

    stage.rewrite(suite=excused)


@attack("recomputation", 1)
def limit_changed_in_silence(stage):
    """A limit is set otherwise than the profile says, and not told"""

    def loosened(suite):
        name = min(suite["parameters"]) if suite.get("parameters") else "any"
        suite.setdefault("parameters", {})[name] = 10**6

    stage.rewrite(suite=loosened)


@attack("recomputation", 1)
def requirement_left_out(stage):
    """A requirement is left out of the report"""
    stage.rewrite(report=lambda report: report["requirements"].remove(first(report)))


@attack("recomputation", 1)
def requirement_lowered(stage):
    """A SHALL is reported as a SHOULD"""
    stage.rewrite(report=lambda report: first(report).update(level="SHOULD"))


@attack("recomputation", 1)
def finding_reworded(stage):
    """The reason of an outcome is reworded"""
    untested = lambda report: next(r for r in report["requirements"] if r["outcome"] == "untested")  # noqa: E731
    stage.rewrite(report=lambda report: untested(report).update(because="nothing to see here"))


@attack("recomputation", 1)
def live_to_excuse(stage):
    """Synthetic data is called live, so that verdicts rest on the tester's word"""

    def live(part):
        part["target"]["dataClass"] = "live"

    def lying(suite):
        live(suite)
        case = next(case for case in suite["cases"] if case.get("steps"))
        case["expect"] = case["expect"][:0]

    stage.rewrite(suite=lying, report=live)


@attack("recomputation", 1)
def other_capability_statement(stage):
    """The report is said to be about a server with another CapabilityStatement"""

    def other(part):
        part["observed"]["capabilityStatement"] = "0" * 64

    stage.rewrite(suite=other, report=other)


@attack("recomputation", 1)
def other_tls_key(stage):
    """The report is said to be about a server with another TLS key"""

    def other(part):
        part["observed"]["tlsKey"] = "0" * 64

    stage.rewrite(suite=other, report=other)


@attack("evidence", 1)
def exchange_that_is_not_there(stage):
    """A verdict names an exchange that the evidence does not hold"""

    def named(report):
        verdict = next(v for r in report["requirements"] for v in r.get("verdicts", ()) if v.get("evidence"))
        verdict["evidence"][0]["sha256"] = "0" * 64

    stage.rewrite(report=named)


@attack("evidence", 1)
def evidence_rewritten(stage):
    """An answer in the evidence is rewritten and signed, and the report left as it was"""
    report = (stage.root / "report.json").read_bytes()
    failing(stage, LAB)
    (stage.root / "report.json").write_bytes(report)
    signed(stage.folder, LAB)


@attack("recomputation", 1)
def evidence_without_its_end(stage):
    """The last steps of the evidence are cut off and what is left is signed"""
    lines = (stage.root / "evidence.jsonl").read_bytes().splitlines(keepends=True)
    (stage.root / "evidence.jsonl").write_bytes(b"".join(lines[:-3]))
    signed(stage.folder, LAB)


@attack("recomputation", 1)
def body_exchanged(stage):
    """The body of an answer is exchanged under its name and signed"""
    metadata = stage.folder.report().observed.capability_statement
    place = stage.root / "bodies" / f"{metadata}.gz"
    data = gzip.decompress(place.read_bytes())
    place.unlink()
    place.write_bytes(gzip.compress(data.replace(b"CapabilityStatement", b"CapabilityStatemend"), mtime=0))
    signed(stage.folder, LAB)


@attack("recomputation", 1)
def waiver_that_was_not_granted(stage):
    """A requirement is said to be waived, and the list that the buyer signed waives another"""
    until = (stage.finished + 90 * DAY).date()
    granted, claimed = (
        Waiver(requirement=one.id, reason="Known.", who="Buyer", until=until)
        for one in stage.folder.report().requirements[:2]
    )
    held = sign(WaiverList(waivers=(granted,)).statement(), BUYER)
    stage.folder.write(SIGNED_WAIVERS_FILE, held.canonical())
    stage.rewrite(report=lambda report: report["requirements"][1].update(waiver=claimed.plain()))


@attack("binding", 1)
def result_of_the_statement_alone(stage):
    """The statement says another result than the report that it covers"""
    stage.restate(lambda s: s["predicate"].update(result="FAILED"))


@attack("binding", 1)
def met_of_the_statement_alone(stage):
    """The statement calls a requirement met that the report does not"""
    stage.restate(
        lambda s: next(r for r in s["predicate"]["requirements"] if r["outcome"] == "untested").update(
            met=True
        )
    )


@attack("binding", 1)
def record_of_another_run(stage):
    """The record of another run, by somebody else, is laid in"""
    stage.restate(lambda s: s["predicate"].update(reportId="20200101T000000Z-00000000"))


@attack("binding", 1)
def role_that_was_not_given(stage):
    """The report claims to be run by a laboratory, and its signer is trusted as a buyer"""
    signed(stage.folder, BUYER)


@attack("binding", 3)
def replayed_for_another_procurement(stage):
    """A report that passed is handed in again in another procurement"""
    stage.asked = {"nonce": "n-2", "procurement_ref": "ocds-2"}


@attack("binding", 3)
def report_of_another_product(stage):
    """The report of another product is handed in"""
    stage.asked = {"product": "Harbour EPR Light"}


@attack("binding", 3)
def report_of_another_version(stage):
    """The report of an older version of the product is handed in"""
    stage.asked = {"version": "8.0.0"}


@attack("binding", 3)
def report_of_another_server(stage):
    """The report of another installation is handed in"""
    stage.asked = {"endpoint": "https://production.example.org/fhir"}


@attack("times", 1)
def run_in_the_future(stage):
    """The run is dated in the future, so that it will not age"""
    later = (stage.now + 30 * DAY).isoformat()
    stage.rewrite(run=lambda record: record.update(finishedAt=later))


@attack("times", 1)
def run_that_ends_before_it_starts(stage):
    """The run ended before it began"""
    earlier = (stage.finished - 30 * DAY).isoformat()
    stage.rewrite(run=lambda record: record.update(finishedAt=earlier))


@attack("times", 3)
def expired_report(stage):
    """The report is shown after the day until which it was to count"""
    until = (stage.finished + 10 * DAY).isoformat()
    stage.rewrite(run=lambda record: record.update(validUntil=until))
    stage.now += 20 * DAY


@attack("times", 3)
def report_that_is_too_old(stage):
    """The report is older than the reader's rule allows"""
    stage.rule("report", max_age_days=180)
    stage.now += 200 * DAY


@attack("times", 1)
def received_before_the_run(stage):
    """The report bears a later time than that at which the reader received it"""
    stage.received = stage.finished - DAY


@attack("verdict", 3)
def not_passed(stage):
    """A report that did not pass is shown as if an authentic signature were enough"""
    failing(stage, LAB)
    reported_honestly(stage)


@attack("verdict", 3)
def superseded_report(stage):
    """A report that its tester has replaced is shown again"""
    report = stage.folder.report()
    said = {"report_id": report.run_id, "name": "Lab", "at": stage.finished.isoformat()}
    stage.reply(Supersession(**said, reason="Wrong clock.", by_report="run-2", by_digest="b" * 64), LAB)


@attack(IDLE, 0)
def superseded_by_who_added_a_signature(stage):
    """Who adds a signature of their own to another's report says that a better one has replaced it"""
    signed(stage.folder, LAB, SUPPLIER)
    said = {"report_id": stage.folder.report().run_id, "name": "Maker", "at": stage.finished.isoformat()}
    stage.reply(
        Supersession(**said, reason="We know better.", by_report="run-2", by_digest="b" * 64), SUPPLIER
    )
