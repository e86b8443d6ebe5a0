"""What is asked of an authentic report: that it is in its time, and what the reader expects."""

import datetime as dt

from conformance.model.attestation import EXIT_DEMANDS_NOT_MET, Expectations, StepOutcome
from conformance.model.predicate import ReportPredicate, instant
from conformance.model.report import Result
from conformance.stages.verify.steps import Steps

CLOCK_SKEW = dt.timedelta(minutes=5)
A_DAY = dt.timedelta(days=1)


def check_times(stated: ReportPredicate, now: dt.datetime, done: Steps) -> None:
    """The run is over, ended after it began, and the report has not expired.

    A run that was judged as of another day than its own is told: what was in time then need not be now.
    """
    started, finished = instant(stated.started_at), instant(stated.finished_at)
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
            done.add("times", StepOutcome.WARN, f"{said}; but dates were judged as of {stated.as_of}")


def check_expectations(stated: ReportPredicate, asked: Expectations, now: dt.datetime, done: Steps) -> None:
    """What the reader asks of an authentic report: above all, that it passed."""
    wanted = {
        "nonce": (asked.nonce, stated.binding.nonce),
        "procurement reference": (asked.procurement_ref, stated.binding.procurement_ref),
        "endpoint": (asked.endpoint.rstrip("/"), stated.target.endpoint),
        "product": (asked.product, stated.target.product),
    }
    unmet = [
        f"{what} is {has!r}, not {want!r}" for what, (want, has) in wanted.items() if want not in {"", has}
    ]
    age = now - instant(stated.finished_at)
    if asked.max_age_days is not None and age > dt.timedelta(days=asked.max_age_days):
        unmet.append(f"the run is {age.days} days old, more than {asked.max_age_days}")
    if asked.require == "passed" and stated.result is not Result.PASSED:
        unmet.append(f"the result is {stated.result}, not {Result.PASSED}")
    if unmet:
        done.fail("expectations", "; ".join(unmet), EXIT_DEMANDS_NOT_MET)
    else:
        done.ok("expectations", f"the result is {stated.result}, and {asked.require} is asked")
