"""Every fault of the server shows in what it answers, and the honest server never shows it.

For each there is one look at the supplier that tells right from wrong. Whoever adds a fault adds a look.
"""

from functools import cache
from typing import Any

import pytest
from conftest import BASE, TOKEN
from supplier_looks_access import RIGHT_ACCESS, WITH_KEYS
from supplier_looks_audit import RIGHT_AUDIT
from supplier_looks_bulk import NARROW, RIGHT_BULK
from supplier_looks_declared import RIGHT_DECLARED
from supplier_looks_export import RIGHT_EXPORT
from supplier_looks_formats import RIGHT_FORMATS
from supplier_looks_gp import RIGHT_GP
from supplier_looks_leaving import RIGHT_LEAVING
from supplier_looks_openness import RIGHT_OPENNESS
from supplier_looks_referral import RIGHT_REFERRAL
from supplier_looks_rest import RIGHT_REST
from supplier_looks_results import RIGHT_RESULTS
from supplier_looks_search_values import RIGHT_SEARCH_VALUES
from supplier_looks_structures import RIGHT_STRUCTURES
from supplier_looks_trip import RIGHT_TRIP
from supplier_looks_worlds import RIGHT_APP, RIGHT_VACCINATION
from supplier_looks_writes import RIGHT_WRITES
from supplier_records import CODED_RECORDS

from conformance.reference.faults.table import FAULT_NAMED, FAULTS, behaviour_of
from conformance.reference.process_setup import IDENTIFIER_BASE
from conformance.reference.worlds.table import PLAIN, WORLDS, world_for

RIGHT = {
    **RIGHT_REST,
    **RIGHT_RESULTS,
    **RIGHT_SEARCH_VALUES,
    **RIGHT_WRITES,
    **RIGHT_EXPORT,
    **RIGHT_OPENNESS,
    **RIGHT_BULK,
    **RIGHT_STRUCTURES,
    **RIGHT_FORMATS,
    **RIGHT_ACCESS,
    **RIGHT_DECLARED,
    **RIGHT_LEAVING,
    **RIGHT_AUDIT,
    **RIGHT_TRIP,
    **RIGHT_VACCINATION,
    **RIGHT_APP,
    **RIGHT_REFERRAL,
    **RIGHT_GP,
    **WITH_KEYS,
}
WHILE_RUNNING = (
    "status-",
    "separate-",
    "early-",
    "first-page-",
    "pages-",
    "second-",
    "reads-fail",
    "exports-",
)
PATIENTS = 12
"""How many patients other worlds than the plain one are looked at with."""
SERVED = [fault.name for fault in FAULTS if fault.where == "server"]


@cache
def population_of(name):
    world = WORLDS[name]
    return [world.placed(one, BASE) for one in world.population(7, PATIENTS, IDENTIFIER_BASE)]


def test_every_fault_of_the_server_is_looked_at():
    assert sorted(RIGHT) == sorted(SERVED)
    assert len(FAULT_NAMED) == len(FAULTS)


@pytest.mark.parametrize("name", SERVED)
def test_a_fault_shows(start, keys, name):
    look = RIGHT[name]
    given = [keys] if name.startswith("token-accepts") or name in WITH_KEYS else []
    slow: dict[str, Any] = {"job_delay": 0.4} if name.startswith(WHILE_RUNNING) else {}
    slow |= {"static_tokens": {TOKEN: "system/*.cruds", NARROW: "system/Patient.rs"}}
    slow |= {"polls_a_second": 5} if name.startswith("status-throttled") else {}
    slow |= {"token_seconds": 0.05} if name == "token-accepted-after-expiry" else {}
    world = world_for(None, name)
    held = CODED_RECORDS if world is PLAIN else population_of(world.name)
    slow |= {"world": world.name}
    assert look(start(held, **slow), *given), "the honest supplier"
    faulty = start(held, fault=name, seed=7, plain_http_origin="http://epr.example:8080", **slow)
    assert not look(faulty, *given), "the faulty supplier"


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_says_what_it_is(fault):
    # What only warns fails no run by itself, but may explain the failure of something that a product must do.
    assert fault.exit_code == 1 if fault.level.startswith("SHALL") else fault.exit_code != 1 or fault.also
    assert fault.summary.endswith(".")
    assert fault.requirement not in fault.also
    behaviour_of(fault.name, 1)


def test_there_is_no_fault_without_a_name():
    with pytest.raises(KeyError):
        behaviour_of("no-such-fault", 1)


def test_faults_are_drawn_by_the_seed(start):
    def hit(seed):
        client = start(fault="read-returns-other-resource", seed=seed)
        return [
            number
            for number in range(60)
            if client.get(f"/Observation/o{number:03}").json()["id"] != f"o{number:03}"
        ]

    assert hit(1) == hit(1)
    assert hit(1) != hit(2)
    assert 15 < len(hit(3)) < 45
