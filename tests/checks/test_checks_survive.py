"""Every check survives any evidence: it finds fault, is content, or says that it cannot judge."""

import re
import typing
from pathlib import Path

import pytest
from any_evidence import resources, searchsets, trees
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from saw import evidence, exchange, step

from conformance import checks
from conformance.catalog import built_in
from conformance.errors import NotJudgeable

ARGUMENTS = {
    "code": "4xx", "media": "a/b", "type": "Patient", "resource": "Patient", "version": "4.0", "source": "Patient/1",
    "path": "birthDate", "value": "1980-05-05", "parameter": "birthdate", "by": "birthdate", "formats": "json",
    "query": "birthdate=1980-05-05", "structure": "http://hl7.org/fhir/StructureDefinition/Patient",
}  # fmt: skip
"""Arguments that a check can make something of; any other text will do for the others."""

QUOTED = re.compile(r'"([a-z][a-z0-9.-]+)"')
WRITTEN = "".join(path.read_text("utf-8") for path in sorted(Path(checks.__file__).parent.glob("*.py")))
LABELS = sorted({"", *QUOTED.findall(WRITTEN)})
"""Whatever stands in quotes in a check, labels of exchanges among it."""

bodies = resources | searchsets | trees | st.binary(max_size=40)
CHECKS = [built_in().find("check", name) for name in built_in().names("check")]


def argument(name, annotation):
    """A value of the type that an argument is declared to have."""
    if typing.get_origin(annotation) is typing.Literal:
        return typing.get_args(annotation)[0]
    inner = typing.get_args(annotation)
    if typing.get_origin(annotation) is list:
        return [argument(name, inner[0])]
    if typing.get_origin(annotation) is dict:
        return {}
    if inner:
        return argument(name, next((each for each in inner if each is str), inner[0]))
    return {int: 1, float: 1.0, bool: True}.get(annotation, ARGUMENTS.get(name, "page"))


def labels_of(part):
    """The labels that this check's own module names, which are most likely to tell it something."""
    own = QUOTED.findall(Path(part.function.__code__.co_filename).read_text("utf-8"))
    return st.sampled_from(sorted({"page", *own})) | st.sampled_from(LABELS)


@pytest.mark.parametrize("part", CHECKS, ids=lambda part: part.name)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_survives(part, data):
    statuses = st.sampled_from([0, 200, 201, 202, 204, 301, 400, 401, 404, 412, 500])
    headers = st.dictionaries(
        st.sampled_from(["etag", "location", "www_authenticate", "content_type", "date", "content_location"]),
        st.text(max_size=20),
    )
    labels = labels_of(part)
    answers = [
        exchange(status=data.draw(statuses), body=data.draw(bodies), label=label, **data.draw(headers))
        for label in data.draw(st.lists(labels, max_size=12))
    ]
    metadata = exchange("/metadata", body=data.draw(bodies), label="metadata")
    ends = {
        f"ended-{answer.label}": data.draw(st.sampled_from(["complete", "limit", "loop", 7]))
        for answer in answers
    }
    notes = {name: data.draw(trees) for name in data.draw(st.lists(labels, max_size=3)) if name != "name"}
    sent = {f"sent-{label}": data.draw(resources) for label in ("create", "update")}
    seen = evidence(step(*answers, **(ends | sent | notes)), discovery=(metadata,))
    required = {name: f for name, f in part.arguments.model_fields.items() if f.is_required()}
    arguments = {name: argument(name, f.annotation) for name, f in required.items()}
    try:
        findings = list(part(seen, **arguments))
    except NotJudgeable:
        return
    assert all(isinstance(finding, str) and finding for finding in findings)
