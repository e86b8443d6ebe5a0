"""Every check survives any evidence: it finds fault, is content, or says that it cannot judge.

The checks of a module are shown the same evidence, since drawing it takes far longer than judging it.
"""

import re
import typing
from functools import cache
from itertools import groupby
from pathlib import Path

import pytest
from any_evidence import resources, searchsets, trees
from hypothesis import HealthCheck, given, note, settings
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

CHECKS = [built_in().find("check", name) for name in built_in().names("check")]


def written_in(part):
    return part.function.__code__.co_filename


TOGETHER = [list(parts) for _, parts in groupby(sorted(CHECKS, key=written_in), written_in)]
"""All checks, those of a module together."""


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


def given_to(part):
    """A value for each argument that this check must be given."""
    required = {name: f for name, f in part.arguments.model_fields.items() if f.is_required()}
    return {name: argument(name, f.annotation) for name, f in required.items()}


@cache
def labels_of(file):
    """The labels that this module names, which are most likely to tell its checks something."""
    own = QUOTED.findall(Path(file).read_text("utf-8"))
    return st.sampled_from(sorted({"page", *own})) | st.sampled_from(LABELS)


def module_of(parts):
    return Path(written_in(parts[0])).stem


ON_EVERY_CHANGE = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("parts", TOGETHER, ids=module_of)
@ON_EVERY_CHANGE
@given(data=st.data())
def test_the_checks_of_a_module_survive(parts, data):
    survive(parts, data.draw(anything(written_in(parts[0]))))


@pytest.mark.nightly
@pytest.mark.parametrize("parts", TOGETHER, ids=module_of)
@settings(ON_EVERY_CHANGE, max_examples=150)
@given(data=st.data())
def test_the_checks_of_a_module_survive_much_more(parts, data):
    survive(parts, data.draw(anything(written_in(parts[0]))))


def survive(parts, seen):
    """Let each check judge this evidence. The one that cannot is named in the failing example."""
    for part in parts:
        note(part.name)
        try:
            findings = list(part(seen, **given_to(part)))
        except NotJudgeable:
            continue
        assert all(isinstance(finding, str) and finding for finding in findings)


statuses = st.sampled_from([0, 200, 201, 202, 204, 301, 400, 401, 404, 412, 500])
headers = st.dictionaries(
    st.sampled_from(["etag", "location", "www_authenticate", "content_type", "date", "content_location"]),
    st.text(max_size=20),
)
endings = st.sampled_from(["complete", "limit", "loop", 7])
several = st.lists(resources | searchsets | trees, min_size=1, max_size=5)


@st.composite
def anything(draw, file):
    """Evidence with answers and notes under the labels of a module.

    Only some bodies are drawn, since that takes longest; what shows the same again has to do with one another.
    """
    labels, shapes = labels_of(file), draw(several)
    shape = st.sampled_from(shapes)
    body = shape | st.binary(max_size=40)
    answers = [
        exchange(status=draw(statuses), body=draw(body), label=label, **draw(headers))
        for label in draw(st.lists(labels, max_size=12))
    ]
    metadata = exchange("/metadata", body=draw(body), label="metadata")
    ends = {f"ended-{answer.label}": draw(endings) for answer in answers}
    notes = {name: draw(shape) for name in draw(st.lists(labels, max_size=3)) if name != "name"}
    written = st.sampled_from(
        [one for one in shapes if isinstance(one, dict) and "resourceType" in one]
        or [{"resourceType": "Patient"}]
    )
    sent = {f"sent-{label}": draw(written) for label in ("create", "update")}
    return evidence(step(*answers, **(ends | sent | notes)), discovery=(metadata,))


def test_every_check_is_among_them():
    assert sorted(part.name for parts in TOGETHER for part in parts) == sorted(built_in().names("check"))
    assert len(TOGETHER) > 1
