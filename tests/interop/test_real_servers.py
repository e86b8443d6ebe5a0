"""Real FHIR servers: what is found wrong with them is what was confirmed by hand, neither more nor less."""

import pytest
from interop_runs import differences, expected, finished_run, load, outcomes
from interop_servers import SERVERS, NotToBeHad, started

pytestmark = pytest.mark.interop
PROFILE = "fhir-r4-base"


@pytest.fixture(scope="module", params=sorted(SERVERS))
def served(request):
    server = SERVERS[request.param]
    try:
        with started(server) as url:
            load(url)
            yield server, url
    except NotToBeHad as reason:
        pytest.skip(str(reason))


def test_findings_are_those_confirmed_by_hand(served, tmp_path):
    server, url = served
    seen = outcomes(finished_run(server, url, tmp_path, PROFILE))
    assert [outcome for outcome, _ in seen.values()].count("pass") > len(seen) / 2
    assert [str(unlike) for unlike in differences(seen, expected(server, PROFILE))] == []
