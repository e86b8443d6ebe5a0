"""What is written down of real servers is about requirements that there are, with a reason and a clause for each."""

import json
from pathlib import Path

import pytest
from interop_runs import expected
from interop_servers import SERVERS

SUITES = Path(__file__).parents[2] / "suites"
KNOWN = [(server, profile) for server in SERVERS.values() for profile in server.profiles]


@pytest.mark.parametrize(
    ("server", "profile"), KNOWN, ids=[f"{server.name}-{profile}" for server, profile in KNOWN]
)
def test_each_is_about_a_requirement_and_names_reason_and_clause(server, profile):
    asked = json.loads((SUITES / f"{profile}.json").read_bytes())["profile"]["requirements"]
    noted = expected(server, profile)
    assert noted
    assert set(noted) <= {requirement["id"] for requirement in asked}
    for requirement, entry in noted.items():
        assert entry["outcome"] in {"fail", "inconclusive"}, requirement
        assert entry["because"].rstrip(")").endswith("."), requirement
        assert entry["clause"].startswith("https://"), requirement
