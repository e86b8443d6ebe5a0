"""What is asked of an authentic report: that it is in its time, and what the reader expects."""

import datetime as dt

from conformance.model.attestation import EXIT_DEMANDS_NOT_MET, Expectations
from conformance.model.predicate import ReportPredicate, instant
from conformance.model.report import Result
from conformance.model.trust_rules import Rule
from conformance.stages.verify.signed import When
from conformance.stages.verify.steps import VERDICT, Steps

CLOCK_SKEW = dt.timedelta(minutes=5)
A_DAY = dt.timedelta(days=1)


def check_times(stated: ReportPredicate, asked: Expectations, rule: Rule, when: When, done: Steps) -> None:
    """The run is over, ended after it began, and the report has not expired and is not too old.

    A run that was judged as of another day than its own is told: what was in time then need not be now.
    """
    now, started, finished = when.now, instant(stated.started_at), instant(stated.finished_at)
    if when.received is not None:
        _check_moment("received", when.received, finished, when, done)
    for key, moment in when.stamped.items():
        _check_moment(f"signature by {key[:16]} time-stamped", moment, finished, when, done)
    limits = [days for days in (asked.max_age_days, rule.max_age_days) if days is not None]
    age = now - finished
    if limits and age > dt.timedelta(days=min(limits)):
        said = f"the run is {age.days} days old, more than {min(limits)}"
        done.fail("times", said, EXIT_DEMANDS_NOT_MET)
    if finished > now + CLOCK_SKEW:
        done.fail("times", f"the run finished at {stated.finished_at}, which is yet to come")
    elif finished < started:
        done.fail("times", f"the run finished at {stated.finished_at}, but started at {stated.started_at}")
    elif stated.valid_until and instant(stated.valid_until) < now:
        done.fail("times", f"expired: the report was valid until {stated.valid_until}", EXIT_DEMANDS_NOT_MET)
    else:
        until = f", valid until {stated.valid_until}" if stated.valid_until else ", no end of validity stated"
        said = f"finished at {stated.finished_at}{until}"
        if started.date() - A_DAY <= stated.as_of <= finished.date() + A_DAY:
            done.ok("times", said)
        else:
            done.warn("times", f"{said}; but dates were judged as of {stated.as_of}")


def _check_moment(what: str, moment: dt.datetime, finished: dt.datetime, when: When, done: Steps) -> None:
    """A time on which keys are judged lies between the run's end and now."""
    said = f"{what} at {moment.isoformat()}"
    if moment > when.now + CLOCK_SKEW:
        done.fail("times", f"{said}, which is yet to come")
    elif moment + CLOCK_SKEW < finished:
        done.fail("times", f"{said}, which is before the run finished")
    else:
        done.ok("times", said)


def check_asked(stated: ReportPredicate, asked: Expectations, done: Steps) -> None:
    """It is the report that the reader asks for: bound to their procurement, about their product."""
    wanted = {
        "nonce": (asked.nonce, stated.binding.nonce),
        "procurement reference": (asked.procurement_ref, stated.binding.procurement_ref),
        "endpoint": (asked.endpoint.rstrip("/"), stated.target.endpoint),
        "supplier": (asked.supplier, stated.target.supplier),
        "product": (asked.product, stated.target.product),
        "version": (asked.version, stated.target.version),
    }
    unmet = [
        f"{what} is {has!r}, not {want!r}" for what, (want, has) in wanted.items() if want not in {"", has}
    ]
    if unmet:
        done.fail("binding", "; ".join(unmet), EXIT_DEMANDS_NOT_MET)


def check_verdict(stated: ReportPredicate, asked: Expectations, superseded: str, done: Steps) -> None:
    """The report says what is asked of it, above all that the product passed, and was not replaced by another."""
    if superseded:
        done.fail(VERDICT, f"this report was {superseded}", EXIT_DEMANDS_NOT_MET)
    if asked.require == "passed" and stated.result is not Result.PASSED:
        done.fail(VERDICT, f"the result is {stated.result}, not {Result.PASSED}", EXIT_DEMANDS_NOT_MET)
    else:
        done.ok(VERDICT, f"the result is {stated.result}, and {asked.require} is asked")
