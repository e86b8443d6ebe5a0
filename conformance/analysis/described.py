"""What discovery learned of a service that an OpenAPI description describes."""

from conformance.model.evidence import Exchange, StepEvidence
from conformance.openapi.description import Description, Json, described_by, origin
from conformance.openapi.reading import Unreadable
from conformance.plugin import Evidence, NoData

LABEL = "description"
"""The description as the tester gets it, which is the one that counts."""
LISTED = "listed"


def description_answer(evidence: Evidence) -> Exchange:
    """The answer that carries the description. Raises NoData where there is none."""
    for answer in evidence.discovery.labelled(LABEL):
        if answer.ok and not answer.failure:
            return answer
    raise NoData("the target gives no OpenAPI description")


def description_of(evidence: Evidence) -> Description:
    """The description that discovery got. Raises NoData where there is none, or none that can be read."""
    return description_in(description_answer(evidence))


def description_in(answer: Exchange) -> Description:
    """The description in an answer. Raises NoData where it cannot be read."""
    try:
        return answer.memo("description", lambda: described_by(answer.content()))
    except Unreadable as reason:
        raise NoData(f"the description at {answer.url} cannot be read: {reason}") from None


def base_of(evidence: Evidence) -> str:
    """Where the paths of the description begin. Raises NoData."""
    answer = description_answer(evidence)
    return description_in(answer).base(answer.url, evidence.target.endpoint)


def seen(discovery: StepEvidence, base: str) -> dict[str, list[Json]]:
    """The lists that discovery got, by their paths below the base."""
    found: dict[str, list[Json]] = {}
    for answer in discovery.labelled(LISTED):
        if answer.ok and (path := below(answer.url, base)):
            found.setdefault(path, []).append(answer.json_or_none())
    return found


def below(url: str, base: str) -> str:
    """The path of a URL below the base, without its query; empty where it is not there."""
    plain = url.partition("#")[0].partition("?")[0]
    if origin(plain) != origin(base) or not plain.startswith(f"{base}/"):
        return ""
    return plain[len(base) :]
