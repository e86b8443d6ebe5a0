"""What leaving costs by the buyer's scenario, and what exported content says of itself."""

import datetime as dt

import pytest
from export_evidence import done, export, file, saw
from plan_builder import about, changed, document, plan

from conformance.checks.descriptions import export_content_described
from conformance.checks.exit_cost_scenario import exit_costs_scenario
from conformance.errors import NoData, NotJudgeable
from conformance.plugin import Measured


def costs(value, **arguments):
    found = list(exit_costs_scenario(about(document(value), as_of=dt.date(2026, 11, 22)), **arguments))
    return (
        [each for each in found if not isinstance(each, Measured)],
        {each.measurement.id: each.measurement for each in found if isinstance(each, Measured)},
    )


def test_the_standard_scenario_and_every_year_are_priced():
    findings, numbers = costs(plan())
    assert findings == []
    assert numbers["cost-of-leaving"].value == "9300.00"
    assert [part.value for part in numbers["cost-by-year"].parts] == [
        "69300.00",
        "39300.00",
        *["9300.00"] * 3,
    ]


def test_the_buyers_days_are_net_of_the_included_ones_and_held_against_the_cap():
    findings, numbers = costs(plan(), help_days="15", leaves_on="2024-06-01")
    assert findings == []
    assert numbers["cost-of-leaving"].value == "69000.00"
    (finding,) = costs(plan(), help_days="40")[0]
    assert "31500.00 GBP" in finding


def test_without_the_contracts_dates_no_year_is_priced():
    _, numbers = costs(changed("contract", to={}))
    assert numbers["cost-of-leaving"].value == "9300.00"
    assert (numbers["cost-by-year"].value, numbers["cost-by-year"].parts) == ("", ())
    assert "no start and end" in numbers["cost-by-year"].note


def test_a_plan_that_cannot_be_reckoned_is_told_and_gives_no_number():
    findings, numbers = costs(changed("costs", "items", 0, "unitPrice", to="free"))
    assert len(findings) == 1
    assert numbers == {}


@pytest.mark.parametrize("wrong", [{"help_days": "many"}, {"volume_bytes": "-1"}, {"leaves_on": "soon"}])
def test_a_scenario_that_makes_no_sense_is_the_profiles_mistake(wrong):
    with pytest.raises(NotJudgeable):
        costs(plan(), **wrong)


BINARY = {"resourceType": "Binary", "id": "b", "contentType": "application/pdf", "data": "JVBERi0="}


def pointing(**attachment):
    return {"resourceType": "DocumentReference", "id": "d", "content": [{"attachment": attachment}]}


def described(*resources, given=None):
    step = export(file(0, resources), end=done())
    return list(
        export_content_described(saw(step.model_copy(update={"documents": (given or document(plan()),)})))
    )


@pytest.mark.parametrize(
    ("resources", "right"),
    [
        ((BINARY, pointing(contentType="application/pdf", url="Binary/b")), True),
        (
            (BINARY, pointing(contentType="application/pdf", url="https://ehr.example.org/fhir/Binary/b")),
            True,
        ),
        ((BINARY,), False),
        ((BINARY, pointing(contentType="application/octet-stream", url="Binary/b")), False),
        ((BINARY, pointing(contentType="application/vnd.own", url="Binary/b")), False),
        ((pointing(contentType="text/plain; charset=utf-8", data="YQ=="),), True),
        (({**BINARY, "contentType": ""}, pointing(contentType="application/pdf", url="Binary/b")), False),
    ],
)
def test_content_says_what_it_is_and_is_pointed_to(resources, right):
    assert (described(*resources) == []) is right


def test_a_format_that_the_plan_describes_will_do():
    row = {"id": "own", "mediaType": "application/vnd.own", "specUrl": "https://vendor.example/own"}
    given = document(changed("export", "formats", to=[row]))
    assert described(pointing(contentType="application/vnd.own", data="YQ=="), given=given) == []


def test_without_content_there_is_nothing_to_describe():
    with pytest.raises(NoData):
        described({"resourceType": "Patient", "id": "p"})
