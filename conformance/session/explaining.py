"""Explaining one requirement of a run: verified first, then laid open with all that it rests on."""

import datetime as dt
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from conformance.catalog import Catalog
from conformance.errors import UnknownName
from conformance.model.attestation import Verified
from conformance.model.base import compact
from conformance.model.comparison import TenderNote
from conformance.model.explanation import (
    ExplainedCase,
    ExplainedLimit,
    Explanation,
    Rule,
)
from conformance.model.placeholders import named
from conformance.model.profile import Call, Requirement
from conformance.model.report import RequirementResult
from conformance.model.suite import BoundSuite
from conformance.outside.stored_run import StoredRun, opened
from conformance.plugin import Kind
from conformance.session.relying import NotAsAsked, relied_on
from conformance.session.replay import Replay, replay
from conformance.session.seen import Records, seen_document, seen_exchange
from conformance.session.tenders.keeping import STEP, kept
from conformance.session.tenders.reading import Pack
from conformance.session.tool import this_tool
from conformance.session.verifying import Reader

MOST_RECORDS = 25
ANEW = "judged anew here, with the same outcome"
ON_WORD = "on the tester's word: the bodies were not kept, since the data is not synthetic"
BY_PLUGIN = "on the tester's word: it needs a part that does not come with the harness"
BY_PACKAGE = "on the tester's word: it rests on FHIR packages that are not here as the run pins them"


@dataclass(frozen=True)
class Question:
    """Which requirement of which run, with what the reader brings to verify it."""

    run: Path
    requirement: str
    by: Reader
    packages: Sequence[str] = ()
    pack: Pack | None = None


def explain(question: Question, catalog: Catalog, now: dt.datetime) -> Explanation:
    """The explanation. Raises NotAuthentic, NotAsAsked, UnknownName, Unreadable."""
    verified, against = relied_on(
        question.run, "explained", question.by, now, question.packages, question.pack
    )
    misfit = next((told for told in against if told.startswith(f"{STEP}: ")), "")
    if misfit and question.pack is not None:
        raise NotAsAsked(
            f"{question.run}: {misfit}", hint="`conformance tender show` says what the pack asks."
        )
    suite, carried = kept(question.run, verified, question.by.trust, now)
    results = {result.id: result for result in verified.report.requirements}
    if question.requirement not in results:
        raise UnknownName(f"requirement in {suite.profile.label}", question.requirement, results)
    asked = next(r for r in suite.profile.requirements if r.id == question.requirement)
    result = results[asked.id]
    with opened(question.run) as folder:
        cases = tuple(_cases(question, result, suite, folder, catalog)) if result.verdicts else ()
    return Explanation(
        requirement=result,
        recipes=tuple(_recipe(test.plain()) for test in asked.tests),
        against=against,
        gates=tuple(_rule("check", call, catalog) for call in asked.when),
        cases=cases,
        limits=tuple(_limits(asked, verified, suite, carried)),
        profile=verified.report.profile,
        target=verified.report.target,
        runner=verified.record.runner,
        signers=tuple(f"{s.name} ({', '.join(s.roles)}), key {s.keyid}" for s in verified.signers),
        started_at=verified.record.started_at,
        finished_at=verified.record.finished_at,
        as_of=verified.report.as_of,
        tested_with=verified.record.tool,
        verified_with=this_tool(),
        digests={
            "profile": verified.report.profile.digest,
            "suite": verified.report.suite_digest,
            "report": verified.predicate.report_digest,
        },
        packages=tuple(f"{pin.label}, SHA-256 {pin.sha256}" for pin in suite.packages if pin.sha256),
        tender=None if carried is None else _note(carried),
        again=tuple(_again(question.run, asked.id, suite)),
    )


def _cases(
    question: Question, result: RequirementResult, suite: BoundSuite, folder: StoredRun, catalog: Catalog
) -> Iterator[ExplainedCase]:
    """The cases in the order of the report, each with what was sent, what came back, and by what it was judged."""
    again = replay(folder, catalog, (result.id,), question.packages)
    records = Records.of(folder, {e.id: e.sha256 for v in result.verdicts for e in v.evidence})
    cases = {case.id: case for case in suite.cases}
    probes = {step.id: step.probe for step in suite.steps}
    templates = {template.id: template for template in suite.templates}
    where = shlex.quote(str(question.run))
    for verdict in result.verdicts:
        case = cases[verdict.case]
        drawn = templates[case.template].values
        ids = records.telling_first(verdict)
        shown = ids[:MOST_RECORDS]
        yield ExplainedCase(
            id=case.id,
            outcome=verdict.outcome,
            because=verdict.because,
            findings=verdict.findings,
            remarks=verdict.remarks,
            expected=verdict.expected,
            basis=_basis(case.id, again),
            drawn={name: value for name, value in case.values.items() if name in drawn},
            filled={name: value for name, value in case.values.items() if name not in drawn},
            sent=tuple(_rule("probe", probes[step], catalog) for step in case.steps),
            judged_by=tuple(_rule("check", call, catalog) for call in case.expect),
            exchanges=tuple(seen_exchange(records.exchanges[i]) for i in shown if i in records.exchanges),
            documents=tuple(seen_document(records.documents[i]) for i in shown if i in records.documents),
            more=len(ids) - len(shown),
            replay=f"conformance replay {where} --only {shlex.quote(case.id)}",
        )


def _basis(case: str, again: Replay) -> str:
    kinds = ((again.on_word, ON_WORD), (again.by_plugins, BY_PLUGIN), (again.by_packages, BY_PACKAGE))
    return next((said for those, said in kinds if case in those), ANEW)


def _rule(kind: Kind, call: Call, catalog: Catalog) -> Rule:
    known = (kind, call.name) in catalog.parts
    says = catalog.find(kind, call.name).description if known else ""
    return Rule(name=call.name, arguments=call.arguments, says=says)


def _limits(
    asked: Requirement, verified: Verified, suite: BoundSuite, carried: Pack | None
) -> Iterator[ExplainedLimit]:
    """The parameters that its tests name, and those that the conditions upon it look at."""
    calls = [call for test in asked.tests for call in (test.probe, *test.also, *test.when, *test.expect)]
    names = [name for call in (*asked.when, *calls) for is_limit, name in named(call.arguments) if is_limit]
    advisories = [a for a in suite.profile.advisories if a.covers(asked.id) and a.while_]
    names += [name for a in advisories if a.while_ for name in a.while_.names]
    for name in dict.fromkeys(names):
        limit = verified.report.limits[name]
        who = _who(name, suite, carried) or f"who ran the test ({verified.record.runner.role})"
        yield ExplainedLimit(
            name=name,
            value=limit.value,
            default=limit.default,
            unit=limit.unit,
            basis="; ".join(text for text in (limit.basis, *limit.preset) if text),
            set_by=who if name in suite.overrides else "the profile",
        )


def _who(name: str, suite: BoundSuite, carried: Pack | None) -> str:
    """In which tender pack this very value of the limit stands; empty where in none."""
    wanted = None if carried is None else carried.tender.named(suite.profile.profile)
    if carried is None or wanted is None or name not in wanted.overrides:
        return ""
    if wanted.parameters[name] != suite.parameters[name]:
        return ""
    if not carried.verified:
        return (
            f"a tender pack that says it is of {carried.tender.buyer}, and that nobody whom you trust signed"
        )
    return f"the buyer, in the tender pack of {carried.tender.buyer}"


def _again(run: Path, requirement: str, suite: BoundSuite) -> Iterator[tuple[str, str]]:
    where, name = shlex.quote(str(run)), shlex.quote(requirement)
    yield "check the whole report: signatures, files, every verdict", f"conformance verify {where}"
    yield "judge this requirement anew from the evidence", f"conformance replay {where} --only {name}"
    words = [
        "conformance",
        "run",
        shlex.quote(suite.profile.profile),
        "--target",
        "target.yaml",
        "--only",
        name,
    ]
    words += ["--seed", str(suite.seed), "--as-of", str(suite.as_of)]
    for limit in suite.overrides:
        value = suite.parameters[limit]
        text = value if isinstance(value, str) else compact(value).decode()
        words += ["--set", shlex.quote(f"{limit}={text}")]
    yield "ask the product once more, with the same values and limits", " ".join(words)


def _note(pack: Pack) -> TenderNote:
    return TenderNote(
        title=pack.tender.title,
        buyer=pack.tender.buyer,
        reference=pack.tender.reference,
        opens=pack.tender.opens,
        digest=pack.digest,
        signers=pack.signers.names,
    )


def _recipe(test: dict[str, object]) -> str:
    return yaml.safe_dump(test, sort_keys=False, allow_unicode=True, width=100)
