"""Discovery: what is declared, and a sample of it."""

from conformance.probes.discover import discover


def test_the_reference_supplier_is_discovered(reference):
    discover(reference.wire)
    seen = reference.evidence()
    (metadata,) = seen.labelled("metadata")
    assert metadata.resource("CapabilityStatement")
    (stranger,) = seen.labelled("metadata-anonymous")
    assert stranger.ok
    assert (stranger.credentials, metadata.credentials) == ("none", "own")
    assert seen.labelled("smart")[0].credentials == "none"
    sampled = [exchange.about["type"] for exchange in seen.labelled("sample")]
    assert sampled == sorted(sampled)
    assert "Patient" in sampled


def test_where_nothing_is_declared_nothing_is_sampled(serve):
    opened = serve(lambda _method, _path: (404, {}))
    discover(opened.wire)
    assert [e.label for e in opened.evidence().exchanges] == ["metadata-anonymous", "metadata", "smart"]


def test_a_refusal_is_followed_by_the_own_credentials(serve):
    opened = serve(lambda _method, _path: (200, {"resourceType": "CapabilityStatement"}), guarded=True)
    discover(opened.wire)
    (metadata,) = opened.evidence().labelled("metadata")
    assert (metadata.status, metadata.credentials) == (200, "own")
