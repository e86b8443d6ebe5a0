"""Real FHIR servers: what is found wrong with them is what was confirmed by hand, neither more nor less."""

import pytest
from interop_runs import differences, expected, finished_run, load, outcomes
from interop_servers import SERVERS, NotToBeHad, started

pytestmark = pytest.mark.interop


@pytest.fixture(scope="module", params=sorted(SERVERS))
def running(request):
    try:
        with started(SERVERS[request.param]) as one:
            load(one)
            yield one
    except NotToBeHad as reason:
        pytest.skip(str(reason))


def test_findings_are_those_confirmed_by_hand(running, tmp_path):
    unlike = []
    for profile in running.server.profiles:
        seen = outcomes(finished_run(running, tmp_path / profile, profile))
        assert [outcome for outcome, _ in seen.values()].count("pass") > len(seen) / 3
        unlike += [f"{profile}: {one}" for one in differences(seen, expected(running.server, profile))]
    assert unlike == []
