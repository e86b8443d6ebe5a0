"""Corners of terminology: clauses out of shape, hierarchies told by properties, what a server is asked, by whom."""

import pytest
from small_terminology import Shelf, system, value_set

from conformance.fhir.terminology.answer import MEMBER, NOT_MEMBER, cannot_tell
from conformance.fhir.terminology.facade import Terminology
from conformance.fhir.terminology.nouns import Question

SCT = "http://snomed.info/sct"
ONE = {"system": SCT, "code": "271649006"}
OTHER = {"system": SCT, "code": "84114007"}
TREE = system("urn:s", {"code": "a", "concept": [{"code": "b", "concept": [{"code": "c"}]}]}, "d")


def told(answer) -> str:
    return answer.membership.value


def knows(*resources, remote=None) -> Terminology:
    return Terminology(Shelf(resources), remote)


def where(op, value, name):
    return {"system": "urn:s", "filter": [{"property": name, "op": op, "value": value}]}


@pytest.mark.parametrize(
    "clause",
    [
        {"concept": [{"code": "a"}], "filter": [{"property": "concept", "op": "is-a", "value": "b"}]},
        {"concept": "a"},
        {"concept": ["a"]},
        {"filter": {"property": "concept", "op": "is-a", "value": "a"}},
        {"filter": ["is-a"]},
    ],
)
def test_a_clause_that_is_not_well_formed_refuses_nothing(clause):
    answer = knows(TREE, value_set("urn:v", {"system": "urn:s", **clause})).validate("urn:v", "d", "urn:s")
    assert told(answer) == "cannot tell"
    assert answer.reason == "a part of the value set on urn:s is not well formed"


def test_a_clause_that_names_nothing_refuses_nothing():
    answer = knows(TREE, value_set("urn:v", {"concept": [{"code": "a"}]})).validate("urn:v", "d", "urn:s")
    assert told(answer) == "cannot tell"
    assert "neither a code system nor a value set" in answer.reason


BY_PROPERTY = {
    "parent": [("b", "parent", "a"), ("c", "parent", "b")],
    "child": [("a", "child", "b"), ("b", "child", "c")],
    "subsumedBy": [("b", "subsumedBy", "a"), ("c", "subsumedBy", "b")],
}


def flat(*rows):
    """The codes a to d in one row, with what properties say of them."""
    return system(
        "urn:s",
        *(
            {
                "code": code,
                "property": [{"code": name, "valueCode": value} for on, name, value in rows if on == code],
            }
            for code in "abcd"
        ),
    )


@pytest.mark.parametrize(
    "resource", [TREE, *(flat(*rows) for rows in BY_PROPERTY.values())], ids=["within", *BY_PROPERTY]
)
def test_a_hierarchy_is_the_same_however_it_is_told(resource):
    clauses = {
        "is-a": where("is-a", "b", "concept"),
        "below": where("descendent-of", "a", "concept"),
        "above": where("generalizes", "c", "concept"),
        "right-below": where("child-of", "a", "concept"),
        "parents": where("exists", "true", "parent"),
        "roots": where("exists", "false", "parent"),
        "holders": where("exists", "true", "child"),
    }
    terminology = knows(resource, *(value_set(f"urn:{name}", clause) for name, clause in clauses.items()))
    assert {name: "".join(sorted(terminology.codes(f"urn:{name}"))) for name in clauses} == {
        "is-a": "bc",
        "below": "bc",
        "above": "abc",
        "right-below": "b",
        "parents": "bc",
        "roots": "ad",
        "holders": "ab",
    }
    assert [terminology.subsumes("urn:s", *pair) for pair in ("ac", "ca", "ad", "aa")] == [
        True, False, False, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("more", "known"),
    [
        ({}, False),
        ({"compositional": False}, False),
        ({"compositional": True}, None),
        ({"count": 4}, False),
        ({"count": 5}, None),
        ({"count": 3}, False),
    ],
)
def test_what_a_system_that_lists_all_its_codes_does_not_list_is_none(more, known):
    terminology = knows({**TREE, **more}, value_set("urn:v", {"system": "urn:s"}))
    assert terminology.code_in_system("urn:s", "z") is known
    assert terminology.code_in_system("urn:s", "c") is True
    assert told(terminology.validate("urn:v", "z", "urn:s")) == (
        "not a member" if known is False else "cannot tell"
    )


def test_a_system_that_is_not_loaded_is_named():
    terminology = knows(value_set("urn:v", {"system": "urn:x"}), value_set("urn:w", {"system": SCT}))
    assert terminology.validate("urn:v", "a", "urn:x").reason == "needs the code system urn:x"
    assert terminology.validate("urn:w", ONE).reason == f"needs SNOMED CT ({SCT})"
    assert terminology.in_system("urn:x", "a").reason == "needs the code system urn:x"


def test_a_code_may_be_refused_by_its_form_alone():
    assert knows().problem(SCT, "271649007") == "has a wrong check digit"
    assert knows().problem(SCT, "271649006") == ""


class Server:
    """A server that answers each question by its code."""

    def __init__(self, **answers) -> None:
        self.answers = answers
        self.asked: list[Question] = []

    def ask(self, questions):
        self.asked += questions
        return [self.answers.get(f"c{each.code}", cannot_tell("the server is away")) for each in questions]


VALUES = (TREE, value_set("urn:v", {"system": SCT}, {"system": "urn:s"}))


def test_a_server_is_asked_about_codings_and_each_answer_stays_with_its_coding():
    server = Server(c271649006=NOT_MEMBER, c84114007=MEMBER)
    terminology = knows(*VALUES, remote=server)
    assert told(terminology.validate("urn:v", ONE)) == "not a member"
    assert told(terminology.validate("urn:v", OTHER)) == "member"
    assert [(each.value_set, each.system, each.code) for each in server.asked] == [
        ("urn:v", SCT, ONE["code"]),
        ("urn:v", SCT, OTHER["code"]),
    ]
    wrong = {"system": "urn:s", "code": "z"}
    assert told(terminology.validate_concept("urn:v", {"coding": [wrong, ONE, OTHER]})) == "member"
    assert told(terminology.validate_concept("urn:v", {"coding": [wrong, ONE]})) == "not a member"
    assert [each.code for each in server.asked[2:]] == [ONE["code"], OTHER["code"], ONE["code"]]


def test_a_server_is_not_asked_where_one_coding_surely_is_a_member():
    server = Server()
    terminology = knows(*VALUES, remote=server)
    concept = {"coding": [ONE, {"system": "urn:s", "code": "a"}]}
    assert told(terminology.validate_concept("urn:v", concept)) == "member"
    assert server.asked == []


def test_a_bare_code_is_asked_about_with_its_system_where_only_one_can_be_meant():
    server = Server()
    terminology = knows(*VALUES, value_set("urn:one", {"system": SCT}), remote=server)
    terminology.validate("urn:one", ONE["code"])
    terminology.validate("urn:v", ONE["code"])
    terminology.in_system(SCT, ONE["code"], "2024")
    terminology.prepare([Question("urn:one", None, OTHER["code"]), Question("", SCT, OTHER["code"])])
    assert [(each.value_set, each.system, each.code, each.version) for each in server.asked] == [
        ("urn:one", SCT, ONE["code"], ""),
        ("urn:v", None, ONE["code"], ""),
        ("", SCT, ONE["code"], "2024"),
        ("urn:one", SCT, OTHER["code"], ""),
        ("", SCT, OTHER["code"], ""),
    ]


def test_the_language_of_a_system_is_that_of_its_displays():
    german = {
        **system("urn:farben", {"code": "r", "display": "Rot", "designation": [{"value": "Red"}]}),
        "language": "de-CH",
    }
    terminology = knows(german)
    assert terminology.displays_instead("urn:farben", "r", "Blau", language="de") == ("Rot",)
    assert terminology.displays_instead("urn:farben", "r", "Bleu", language="fr") == ()
    assert terminology.displays_instead("urn:farben", "r", "Blue") == ("Rot", "Red")


@pytest.mark.parametrize("code", ["a", "b", "z"])
def test_a_bare_code_is_a_member_where_it_is_one_in_any_system(code):
    other = system("urn:t", "b")
    terminology = knows(TREE, other, value_set("urn:v", {"system": "urn:t"}, where("=", "a", "code")))
    assert told(terminology.validate("urn:v", code)) == ("not a member" if code == "z" else "member")
    less = value_set("urn:v", {"system": "urn:t"}, exclude=[{"system": "urn:s"}])
    assert told(knows(TREE, other, less).validate("urn:v", "b")) == "member"


def told_of(code, **told):
    return {"code": code, "property": [{"code": name, **value} for name, value in told.items()]}


def test_what_makes_a_code_inactive():
    resource = system(
        "urn:s",
        "plain",
        told_of("gone", inactive={"valueBoolean": True}),
        told_of("here", inactive={"valueBoolean": False}),
        told_of("retired", status={"valueCode": "retired"}),
        told_of("inactive", status={"valueString": "inactive"}),
        told_of("active", status={"valueCode": "active"}),
        told_of("other", kind={"valueCode": "inactive"}),
    )
    terminology = knows(
        resource,
        value_set("urn:active", {"system": "urn:s"}, inactive=False),
        value_set("urn:all", {"system": "urn:s"}, inactive=True),
        value_set("urn:named", {"system": "urn:s", "concept": [{"code": "gone"}, {"code": "here"}]}),
        value_set(
            "urn:not-gone",
            {"system": "urn:s", "concept": [{"code": "gone"}, {"code": "here"}]},
            inactive=False,
        ),
    )
    assert terminology.codes("urn:active") == {"plain", "here", "active", "other"}
    assert len(terminology.codes("urn:all")) == 7
    assert terminology.codes("urn:named") == {"gone", "here"}
    assert terminology.codes("urn:not-gone") == {"here"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"valueCode": "x"}, "x"),
        ({"valueString": "x"}, "x"),
        ({"valueCoding": {"system": "urn:t", "code": "x"}}, "x"),
        ({"valueInteger": 7}, "7"),
        ({"valueBoolean": True}, "true"),
        ({"valueBoolean": False}, "false"),
        ({"valueCoding": {"display": "x"}}, None),
        ({"valueString": None}, None),
    ],
)
def test_properties_of_every_type_are_compared_as_text(value, text):
    resource = system(
        "urn:s", told_of("a", kind=value), told_of("b", kind={"valueString": "other"}), "c", version="2"
    )
    terminology = knows(resource, value_set("urn:has", where("exists", "true", "kind")))
    assert terminology.codes("urn:has") == ({"b"} if text is None else {"a", "b"})
    if text not in {None, "false"}:  # of what is not said to be false, nobody knows
        asked = knows(resource, value_set("urn:is", where("=", text, "kind")))
        assert asked.codes("urn:is") == {"a"}
        assert told(asked.validate("urn:is", "a", "urn:s", version="2")) == "member"
        assert told(asked.validate("urn:is", "b", "urn:s", version="2")) == "not a member"
        assert told(asked.validate("urn:is", "b", "urn:s", version="9")) == "cannot tell"


@pytest.mark.parametrize(
    ("pattern", "codes"),
    [
        ("a{2}", ["aa"]),
        ("a{2,3}", ["aa", "aaa"]),
        ("a{2,}", ["aa", "aaa"]),
        ("a{,2}", ["a", "aa"]),
        ("a+", ["a", "aa", "aaa"]),
        ("b?a", ["a", "ba"]),
        ("(a|b)(a|b)", ["aa", "ba"]),
        ("(?:ba)+", ["ba"]),
        ("[^b]+", ["a", "aa", "aaa"]),
        (r"\w", ["a"]),
        ("(a|b)" * 20, []),
        ("(a|b)" * 30, None),
        ("a?" * 30, None),
        ("a*" * 12, None),
        ("(a|b){2}", None),
        ("(a?){2}", None),
        ("(a)\\1", None),
        ("a" * 1001, None),
    ],
)
def test_a_pattern_is_run_only_where_its_work_is_bounded(pattern, codes):
    resource = system("urn:s", "a", "aa", "aaa", "ba")
    terminology = knows(resource, value_set("urn:v", where("regex", pattern, "code")))
    assert terminology.codes("urn:v") == (None if codes is None else set(codes))


def test_a_pattern_on_a_property_that_no_code_has_selects_none():
    resource = system("urn:s", "a", property=[{"code": "kind", "type": "string"}])
    assert knows(resource, value_set("urn:v", where("regex", "x+", "kind"))).codes("urn:v") == set()
