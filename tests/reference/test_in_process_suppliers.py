"""Suppliers in this process: each is served anew, with the population, the world and the fault that were asked for."""

import datetime as dt

import pytest

from conformance.reference.faults.table import FAULT_NAMED, HONEST
from conformance.reference.in_process import NEED_A_LISTENER_OF_THEIR_OWN, Suppliers
from conformance.reference.process import Options
from conformance.reference.worlds.table import PLAIN, VACCINATION

TODAY = dt.datetime.now(dt.UTC).date()


@pytest.fixture(scope="module")
def suppliers(tmp_path_factory):
    made = Suppliers(tmp_path_factory.mktemp("suppliers"), Options(as_of=TODAY, patients=3))
    yield made
    made.stop()


def served(suppliers, world=PLAIN, **options):
    """The supplier behind what is served, its patients' names, and its target file's text."""
    applications = []

    def around(application):
        applications.append(application)
        return application

    with suppliers.serving(world, around=around, **options) as target:
        (application,) = applications
        supplier = application.state.supplier
        texts = supplier.store.select("SELECT text FROM versions WHERE type = 'Patient'", ())
        return supplier, sorted(str(text) for (text,) in texts), target.read_text("utf-8")


def test_each_seed_has_a_population_of_its_own_and_always_the_same(suppliers):
    first, second, again = (served(suppliers, seed=seed)[1] for seed in (1, 2, 1))
    assert len(first) == len(second) == 3
    assert first == again
    assert first != second


def test_what_was_written_to_one_is_not_in_the_next(suppliers):
    def writing(application):
        application.state.supplier.store.load([{"resourceType": "Patient", "id": "left-over"}])
        return application

    with suppliers.serving(around=writing, patients=2):
        pass
    assert len(served(suppliers, patients=2)[1]) == 2


def test_a_supplier_has_the_world_and_the_fault_that_were_asked_for(suppliers):
    honest, _, _ = served(suppliers)
    assert honest.behaviour == HONEST
    assert honest.rules == PLAIN.rules
    assert "Consent" not in honest.types
    faulty, _, _ = served(suppliers, VACCINATION, fault="vaccinations-without-site")
    assert faulty.behaviour != HONEST
    assert faulty.rules == VACCINATION.rules
    assert "Consent" in faulty.types


def test_a_fault_of_the_documents_leaves_the_server_honest(suppliers):
    supplier, _, _ = served(suppliers, fault="plan-notice-six-months")
    assert supplier.behaviour == HONEST


def test_the_faults_that_need_a_listener_are_named_faults():
    assert set(FAULT_NAMED) >= NEED_A_LISTENER_OF_THEIR_OWN
    assert len(NEED_A_LISTENER_OF_THEIR_OWN) == 3
