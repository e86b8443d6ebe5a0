"""The export of the reference supplier in a server that somebody else made: nothing may be lost on the way."""

import pytest
import yaml
from interop_runs import outcomes
from interop_servers import SERVERS, NotToBeHad, started

from conformance.cli.main import run
from conformance.reference.process import Options, start

pytestmark = pytest.mark.interop

FEW = 20


def test_hapi_gives_back_all_that_the_reference_supplier_exports(tmp_path, monkeypatch):
    monkeypatch.setenv("INTEROP_HAPI", "versions=true")
    try:
        with started(SERVERS["hapi"]) as hapi, start(Options(patients=FEW)) as supplier:
            described = yaml.safe_load(supplier.target_file.read_text("utf-8"))
            described |= {
                "phase": "contract",
                "destinations": [
                    {
                        "name": "hapi",
                        "endpoint": hapi.url,
                        "testServer": True,
                        "permissions": {"write": True},
                    }
                ],
            }
            target = supplier.target_file.with_name("with-hapi.yaml")
            target.write_text(yaml.safe_dump(described), "utf-8")
            out = tmp_path / "run"
            run(
                [
                    "run",
                    "exit-core",
                    "--target",
                    str(target),
                    "--out",
                    str(out),
                    "--only",
                    "EXIT-FID-01",
                    "-q",
                ]
            )
    except NotToBeHad as reason:
        pytest.skip(str(reason))
    outcome, because = outcomes(out)["EXIT-FID-01"]
    assert outcome == "pass", because
