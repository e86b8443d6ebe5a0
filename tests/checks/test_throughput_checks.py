"""How long leaving takes, by recorded moments: what fits, what does not, and what nobody can tell."""

import datetime as dt
from fractions import Fraction

import pytest
from export_evidence import done, export, file, kick_off, running, saw
from hypothesis import given
from hypothesis import strategies as st
from plan_builder import changed, document, plan

from conformance.analysis.throughput import Reading, fit, reading
from conformance.checks.throughput import (
    catch_up_is_short,
    exit_plan_throughput_true,
    export_fits_window,
    route_or_offline_transfer,
)
from conformance.errors import NoData, NotJudgeable
from conformance.plugin import Measured

BEGUN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
LIMITS = {"transition_max": "P30D", "window_use_max": "0.5", "extrapolation_max": 100, "sample_min": 50}


def at(seconds):
    return (BEGUN + dt.timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def timed(seconds, count, query="", wait=1, name="full"):
    """An export of so many patients (of some sixty bytes) that took so many seconds, asked for every `wait`."""
    patients = [{"resourceType": "Patient", "id": f"p{number:05}"} for number in range(count)]
    return export(
        file(0, patients, at=at(seconds - 0.1), elapsed_ms=100),
        start=kick_off(query=query, at=at(0), elapsed_ms=0),
        polls=[running(at=at(max(seconds - 0.1 - wait, 0)), elapsed_ms=0)],
        end=done(at=at(seconds - 0.1), elapsed_ms=0),
        query=query,
        name=name,
    )


def judged(check, *steps, declared=None, **arguments):
    given = document(declared or plan())
    first = steps[0].model_copy(update={"documents": (given,)})
    found = list(check(saw(first, *steps[1:]), **arguments))
    return (
        [each for each in found if not isinstance(each, Measured)],
        [each.measurement for each in found if isinstance(each, Measured)],
    )


def volumes(size):
    return changed("volumes", to={"resources": 1, "bytes": size})


SLOW = (
    timed(200, 100),
    timed(110, 50, "?_type=Patient", name="half"),
    timed(65, 25, "?_type=Patient", name="part"),
)


def test_overhead_and_rate_are_fitted_exactly():
    line = fit([reading(step) for step in SLOW])
    size = reading(SLOW[0]).size
    assert line.overhead == 20
    assert line.per_byte * size == 180
    assert line.residual == 0
    assert line.at_least(size) <= 200 <= line.at_most(size)


def test_what_was_exported_whole_is_not_extrapolated():
    size = reading(SLOW[0]).size
    findings, (measured,) = judged(export_fits_window, *SLOW, declared=volumes(size), **LIMITS)
    assert (findings, measured.value, measured.indicative) == ([], "200.000", False)


def test_a_volume_that_does_not_fit_fails():
    size = reading(SLOW[0]).size * 90
    tight = {**LIMITS, "transition_max": "P1D", "window_use_max": "0.1"}
    assert len(judged(export_fits_window, *SLOW, declared=volumes(size), **tight)[0]) == 1
    assert judged(export_fits_window, *SLOW, declared=volumes(size), **LIMITS)[0] == []


def test_the_buyers_own_volume_counts_where_it_is_more():
    size = reading(SLOW[0]).size
    tight = {**LIMITS, "transition_max": "P1D", "window_use_max": "0.1"}
    assert judged(export_fits_window, *SLOW, declared=volumes(size), full_volume=str(size * 90), **tight)[0]


@pytest.mark.parametrize(
    ("changed_limits", "error"),
    [({"extrapolation_max": 10}, NotJudgeable), ({"sample_min": 10_000}, NoData)],
)
def test_what_is_only_indicative_neither_passes_nor_fails(changed_limits, error):
    size = reading(SLOW[0]).size * 50
    with pytest.raises(error, match="indicative"):
        judged(export_fits_window, *SLOW, declared=volumes(size), **(LIMITS | changed_limits))


def test_one_size_is_no_fit():
    with pytest.raises(NotJudgeable):
        judged(export_fits_window, SLOW[0], declared=volumes(reading(SLOW[0]).size * 5), **LIMITS)


def test_between_the_bounds_nothing_is_decided():
    unsure = (timed(200, 100, wait=190), timed(110, 50, "?_type=Patient", wait=100, name="half"))
    size = reading(unsure[0]).size * 100
    tight = {**LIMITS, "transition_max": "P1D", "window_use_max": "0.2"}
    with pytest.raises(NotJudgeable, match="between"):
        judged(export_fits_window, *unsure, declared=volumes(size), **tight)


def test_a_slow_tester_fails_no_plan_and_confirms_none():
    slow = export(file(0, [{"resourceType": "Patient", "id": "p"}], at=at(9), elapsed_ms=60_000),
                  start=kick_off(at=at(0)), end=done(at=at(8)), polls=[])  # fmt: skip
    honest = changed("export", "throughput", to={"resourcesPerSecond": "0.1"})
    claimed = changed("export", "throughput", to={"resourcesPerSecond": "1", "bytesPerSecond": "1000"})
    assert judged(exit_plan_throughput_true, slow, declared=honest)[0] == []
    with pytest.raises(NotJudgeable, match=r"resourcesPerSecond.*cannot be told"):
        judged(exit_plan_throughput_true, slow, declared=claimed)


def test_the_fastest_file_confirms_a_rate_whatever_held_up_the_others():
    patients = [{"resourceType": "Patient", "id": f"p{number}"} for number in range(100)]
    held_up = export(
        file(0, patients, at=at(1), elapsed_ms=100),
        file(1, patients, at=at(2), elapsed_ms=90_000),
        start=kick_off(at=at(0)),
        end=done(at=at(0.5)),
        polls=[],
    )
    claimed = changed("export", "throughput", to={"resourcesPerSecond": "8000"})
    assert judged(exit_plan_throughput_true, held_up, declared=claimed)[0] == []


@pytest.mark.parametrize("claimed", [{"bytesPerSecond": 10**12}, {"resourcesPerSecond": 10**10}])
def test_a_rate_that_no_network_carries_fails(claimed):
    (finding,) = judged(
        exit_plan_throughput_true, SLOW[0], declared=changed("export", "throughput", to=claimed)
    )[0]
    assert next(iter(claimed)) in finding


def test_a_catch_up_that_brings_everything_is_no_catch_up():
    everything = timed(20, 100, "?_since=2026-01-01T00:00:00Z", name="since")
    some = timed(20, 30, "?_since=2026-01-01T00:00:00Z", name="since")
    assert judged(catch_up_is_short, some, SLOW[0])[0] == []
    assert len(judged(catch_up_is_short, everything, SLOW[0])[0]) == 1


def test_a_catch_up_longer_than_the_cutover_fails():
    late = timed(5 * 86_400, 30, "?_since=2026-01-01T00:00:00Z", name="since")
    assert len(judged(catch_up_is_short, late, SLOW[0])[0]) == 1


def test_a_slow_route_needs_another_way_out():
    floor = {"bandwidth_floor": "70", "latency_ceiling": 200, "least_bytes": 1000}
    nowhere = changed("export", "offlineTransfer", removed=True)
    assert judged(route_or_offline_transfer, SLOW[0], **floor)[0] == []
    assert len(judged(route_or_offline_transfer, SLOW[0], declared=nowhere, **floor)[0]) == 1
    with pytest.raises(NoData):
        judged(route_or_offline_transfer, SLOW[0], declared=nowhere, **(floor | {"least_bytes": 10**6}))


def test_without_moments_there_is_no_reading():
    assert reading(export()) is None


@given(st.lists(st.tuples(st.integers(1, 10**9), st.integers(1, 10**6)), min_size=2, max_size=6))
def test_bounds_hold_what_was_measured(points):
    readings = [
        Reading(1, size, Fraction(time), Fraction(0), Fraction(1), Fraction(1)) for size, time in points
    ]
    line = fit(readings)
    if line is not None:
        assert all(each.seconds <= line.at_most(each.size) for each in readings)
        assert line.fastest <= line.slowest
