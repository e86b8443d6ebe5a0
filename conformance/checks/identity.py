"""The check that the product under test is the one that the report will name."""

from conformance.checks.picking import quoted
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotJudgeable, check


@check("product-identified")
def product_identified(evidence: Evidence) -> Findings:
    """The capability statement names the product and the version that the target file declares."""
    declared = evidence.target
    if not declared.version or not declared.product:
        raise NotJudgeable("the target file does not declare the product and its version")
    answer = _statement(evidence)
    software = (answer.resource("CapabilityStatement") or {}).get("software")
    if not isinstance(software, dict):
        yield answer.finding("does not identify the product (software)")
        return
    for member, expected in (("name", declared.product), ("version", declared.version)):
        if software.get(member) != expected:
            yield answer.finding(
                f"states {quoted(software.get(member))} as the product's {member}, but {expected!r} is declared"
            )


@check("metadata-public")
def metadata_public(evidence: Evidence) -> Findings:
    """The capability statement is given to whoever asks, without credentials."""
    answer = _statement(evidence, anonymous=True)
    if answer.resource("CapabilityStatement") is None or not answer.ok:
        yield answer.finding(f"answered {answer.status} and no CapabilityStatement to who has no credentials")


def _statement(evidence: Evidence, *, anonymous: bool = False) -> Exchange:
    """The answer with the capability statement. Raises NoData where there is none."""
    asked = [
        exchange
        for exchange in (*evidence.exchanges, *evidence.discovery.labelled("metadata"))
        if exchange.url.split("?")[0].rstrip("/").endswith("/metadata")
        and (not anonymous or exchange.credentials == "none")
    ]
    given = [e for e in asked if e.ok and e.resource("CapabilityStatement") is not None]
    if anonymous and asked:
        return asked[0]
    if not given:
        raise NoData("the target gives no capability statement")
    return given[0]
