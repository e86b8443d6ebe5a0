"""A profile that names the probe with which a run begins."""

import textwrap

import pytest

from conformance.catalog import built_in
from conformance.errors import ProfileError, UnknownName
from conformance.model.suite import discovery_step
from conformance.stages.load import load

BASE = """\
profile: base
version: 0.1.0
title: Begins in its own way
parameters:
  who: {default: {from: "1", to: "2", organisation: X}}
  root: {default: /structured}
discover: {gp-connect-discover: {consumer: "${who}", structured: "${root}"}}
requirements:
  - id: B-1
    level: SHALL
    text: It answers.
    source: https://example.org/#1
    tests:
      - probe: {request: {path: /metadata}}
        expect: [{status: {code: 200}}]
"""
ABOVE = """\
profile: above
version: 0.1.0
title: Builds on it
extends: [{profile: base, only: [B-1]}]
"""


class Texts:
    """A library of these profiles."""

    def __init__(self, **texts):
        self.texts = {name: textwrap.dedent(text) for name, text in texts.items()}

    def text(self, name):
        if name not in self.texts:
            raise UnknownName("profile", name, self.texts)
        return self.texts[name], f"{name}.yaml"


def loaded(name, **texts):
    return load(name, Texts(**texts), built_in())


def test_the_step_has_the_profiles_parameters_and_the_buyers_in_their_place():
    step = discovery_step(loaded("base", base=BASE), {"root": "https://other.example/structured"})
    assert step.id == "discovery"
    assert step.probe.name == "gp-connect-discover"
    assert step.probe.arguments == {
        "consumer": {"from": "1", "to": "2", "organisation": "X"},
        "structured": "https://other.example/structured",
    }


def test_without_one_a_run_begins_as_ever():
    text = "\n".join(line for line in BASE.splitlines() if not line.startswith("discover"))
    assert discovery_step(loaded("base", base=text), {}).probe.plain() == {"discover": {}}


def test_who_extends_a_profile_inherits_it_and_the_parameters_that_it_needs():
    above = loaded("above", above=ABOVE, base=BASE)
    assert discovery_step(above, {}).probe.arguments["structured"] == "/structured"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("{gp-connect-discoverr: {}}", "gp-connect-discoverr"),
        ("{gp-connect-discover: {structured: /x}}", "needs the argument 'consumer'"),
        ('{gp-connect-discover: {consumer: "${whoo}", structured: /x}}', "'whoo'|whoo"),
    ],
)
def test_a_mistake_in_it_is_told_with_its_line(wrong, said):
    text = "\n".join(f"discover: {wrong}" if one.startswith("discover") else one for one in BASE.splitlines())
    with pytest.raises(ProfileError, match=f"base.yaml:7.*({said})"):
        loaded("base", base=text)
