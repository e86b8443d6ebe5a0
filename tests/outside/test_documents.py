"""The supplier's declarations, from disk and from the network."""

import pytest

from conformance.outside import documents
from conformance.outside.secrets import Secrets


def test_files_beside_the_target_file(client, tmp_path):
    (tmp_path / "plan.json").write_text('{"a": 1}')
    (tmp_path / "att").mkdir()
    (tmp_path / "att" / "one.json").write_text("one")
    (tmp_path / "att" / "one.pub").write_text("key one")
    attestations = [
        {"file": "att/one.json", "key": "att/one.pub"},
        {"file": "att/two.json", "key": "att/two.pub"},
    ]
    made = client("http://127.0.0.1:9", documents={"exit_plan": "plan.json", "attestations": attestations})
    wire = made.wire("s")
    (plan,) = wire.documents("exit-plan")
    assert (plan.id, plan.name, plan.location, plan.problem) == ("s.d1", "exit-plan", "plan.json", "")
    assert plan.json_or_none() == {"a": 1}
    assert plan.body.media_type == "application/json"
    one, two = wire.documents("attestation")
    assert one.content() == b"one"
    assert two.problem == "it cannot be read: no such file or directory"
    assert two.body is None
    assert [each.content() for each in wire.documents("attestation-key")] == [b"key one", b""]
    assert [each.id for each in wire.evidence().documents] == ["s.d1", "s.d2", "s.d3", "s.d4", "s.d5"]


def test_none_declared_is_none(client):
    wire = client("http://127.0.0.1:9").wire()
    assert wire.documents("exit-plan") == ()
    with pytest.raises(ValueError, match="no documents named"):
        wire.documents("something")


def test_too_large_files_are_refused(client, tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "LARGEST_PLAN", 10)
    (tmp_path / "plan.json").write_text("x" * 11)
    (plan,) = client("http://127.0.0.1:9", documents={"exit_plan": "plan.json"}).wire().documents("exit-plan")
    assert plan.problem == "it is larger than 10 bytes"


def test_an_exit_plan_at_an_address_is_fetched_without_credentials(
    serve, client, server_tls, authority, tmp_path
):
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    server = serve(lambda handler, _: handler.answer(body=b'{"plan":1}'), server_tls)
    made = client(
        server.base,
        tls={"ca": "ca.pem"},
        environ={"T": "very-secret-token"},
        auth={"kind": "bearer", "token": "env:T"},
        documents={"exit_plan": f"{server.base}/plan?token=abcdefgh"},
    )
    (plan,) = made.wire().documents("exit-plan")
    assert plan.json_or_none() == {"plan": 1}
    assert "authorization" not in server.seen[0].headers
    assert "abcdefgh" not in plan.location


@pytest.mark.parametrize(
    ("location", "problem"),
    [
        ("http://127.0.0.1:9/plan", "it is not at an https address"),
        (
            "https://10.0.0.1/plan",
            "it could not be fetched: refused by the harness: 10.0.0.1 is a private address",
        ),
    ],
)
def test_addresses_that_are_not_asked(client, location, problem):
    (plan,) = client("http://127.0.0.1:9", documents={"exit_plan": location}).wire().documents("exit-plan")
    assert plan.problem.startswith(problem)


def test_secrets_in_documents_are_replaced(client, tmp_path):
    (tmp_path / "plan.json").write_text('{"a": "very-secret-token"}')
    made = client(
        "http://127.0.0.1:9",
        environ={"T": "very-secret-token"},
        auth={"kind": "bearer", "token": "env:T"},
        documents={"exit_plan": "plan.json"},
    )
    (plan,) = made.wire().documents("exit-plan")
    assert plan.json_or_none() == {"a": made.redactor.tag("very-secret-token")}
    assert isinstance(made.secrets, Secrets)


def test_an_exit_plan_in_yaml_is_read_by_the_core_schema(client, tmp_path):
    (tmp_path / "plan.yaml").write_text('country: NO\nfrom: 2026-01-01\nprice: "750.00"\n')
    (plan,) = client("http://127.0.0.1:9", documents={"exit_plan": "plan.yaml"}).wire().documents("exit-plan")
    assert plan.json_or_none() == {"country": "NO", "from": "2026-01-01", "price": "750.00"}
    (tmp_path / "plan.yaml").write_text("price: 750.00\n")
    (plan,) = client("http://127.0.0.1:9", documents={"exit_plan": "plan.yaml"}).wire().documents("exit-plan")
    assert plan.json_or_none() is None
    assert "line 1, column 8" in plan.json_problem()
