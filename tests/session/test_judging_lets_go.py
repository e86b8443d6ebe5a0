"""What is held while cases are judged does not grow with their number."""

import pytest
from whole_runs import finished_run

from conformance.catalog import built_in
from conformance.model.suite import DISCOVERY
from conformance.outside.folders import RunFolder
from conformance.session.judging import Bench


@pytest.fixture(scope="module")
def finished(reference_supplier, tmp_path_factory):
    return finished_run(tmp_path_factory.mktemp("judged"), reference_supplier.url)


def test_what_was_worked_out_for_evidence_goes_with_its_last_case_and_comes_again_when_asked_for(finished):
    folder = RunFolder(finished)
    bound, steps = folder.suite(), {step.step: step for step in folder.finished_steps()}
    bench = Bench(bound, steps[DISCOVERY], built_in())
    bench.without_steps()
    for step in bound.steps:
        bench.take(steps[step.id])
    read = []

    def reader(sha256):
        read.append(sha256)
        return folder.bodies.read(sha256)

    exchanges = [e for step in bound.steps for e in steps[step.id].connected(reader).exchanges]
    held = [exchange.body.sha256 for exchange in exchanges if exchange.body and exchange.body.size]
    again = [exchange.json_or_none() for exchange in exchanges]
    assert held
    assert read == held
    assert [exchange.json_or_none() for exchange in exchanges] == again
    assert read == held, "read once, until it is let go"
