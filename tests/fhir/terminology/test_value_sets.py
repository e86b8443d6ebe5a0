"""Value sets of small packages: every rule of compose and expansion, in three values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_terminology import Shelf, system, value_set

from conformance.fhir.terminology.answer import MEMBER, cannot_tell
from conformance.fhir.terminology.facade import Terminology
from conformance.fhir.terminology.nouns import Question

SCT = "http://snomed.info/sct"
TREE = system(
    "urn:s",
    {"code": "a", "concept": [{"code": "b", "concept": [{"code": "c"}]}, {"code": "d"}]},
    {"code": "e", "property": [{"code": "parent", "valueCode": "d"}, {"code": "kind", "valueString": "x"}]},
    {"code": "f", "property": [{"code": "notSelectable", "valueBoolean": True}]},
    caseSensitive=True,
    property=[{"code": "kind", "type": "string"}, {"code": "notSelectable", "type": "boolean"}],
)


def told(answer) -> str:
    return answer.membership.value


def knows(*resources, remote=None) -> Terminology:
    return Terminology(Shelf(resources), remote)


def where(op, value, name="concept"):
    return {"system": "urn:s", "filter": [{"property": name, "op": op, "value": value}]}


@pytest.mark.parametrize(
    ("clause", "codes"),
    [
        ({"system": "urn:s"}, "abcdef"),
        ({"system": "urn:s", "concept": [{"code": "a"}, {"code": "z"}]}, "az"),
        (where("is-a", "b"), "bc"),
        (where("is-a", "a"), "abcde"),
        (where("descendent-of", "a"), "bcde"),
        (where("is-not-a", "a"), "f"),
        (where("generalizes", "e"), "ade"),
        (where("child-of", "a"), "bd"),
        (where("descendent-leaf", "a"), "ce"),
        (where("in", "a, c"), "ac"),
        (where("not-in", "a,c"), "bdef"),
        (where("=", "c"), "c"),
        (where("=", "d", "parent"), "e"),
        (where("=", "b", "child"), "a"),
        (where("exists", "true", "kind"), "e"),
        (where("exists", "false", "kind"), "abcdf"),
        (where("=", "x", "kind"), "e"),
        (where("=", "true", "notSelectable"), "f"),
        (where("regex", "[a-c]", "code"), "abc"),
        (where("regex", "a|e", "code"), "ae"),
    ],
)
def test_what_an_include_selects(clause, codes):
    terminology = knows(TREE, value_set("urn:v", clause))
    assert terminology.codes("urn:v") == set(codes)
    for code in "abcdefgz":
        expected = "member" if code in codes else "not a member"
        assert told(terminology.validate("urn:v", code, "urn:s")) == expected
        assert told(terminology.validate("urn:v", code)) == expected
        assert told(terminology.validate("urn:v", code, "urn:other")) == "not a member"


@pytest.mark.parametrize(
    "clause",
    [
        where("is-a", "zz"),
        where("=", "false", "notSelectable"),
        where("=", "x", "unheard-of"),
        where("odd", "x"),
        where("regex", "(a+)+b", "code"),
        where("regex", "(a|aa)*", "code"),
        where("regex", "a?" * 40, "code"),
        where("regex", "(?=a)a", "code"),
        where("regex", "[", "code"),
    ],
)
def test_a_filter_that_cannot_be_computed_cannot_tell_and_says_which(clause):
    terminology = knows(TREE, value_set("urn:v", clause))
    answer = terminology.validate("urn:v", "a", "urn:s")
    assert told(answer) == "cannot tell"
    assert clause["filter"][0]["value"] in answer.reason
    assert "urn:s" in answer.reason
    assert told(terminology.validate("urn:v", "no-such-code", "urn:s")) == "not a member"
    assert terminology.expansion("urn:v") is None


def test_what_one_part_decides_is_decided():
    terminology = knows(TREE, value_set("urn:v", where("is-a", "b"), {"system": SCT, "filter": [{}]}))
    assert told(terminology.validate("urn:v", "b", "urn:s")) == "member"
    assert told(terminology.validate("urn:v", "d", "urn:s")) == "not a member"
    assert told(terminology.validate("urn:v", "x", "urn:third")) == "not a member"
    doubtful = terminology.validate("urn:v", "271649006", SCT)
    assert (told(doubtful), doubtful.reason) == ("cannot tell", f"needs SNOMED CT ({SCT})")
    wrong = terminology.validate("urn:v", "271649007", SCT)
    assert (told(wrong), wrong.reason) == ("not a member", "has a wrong check digit")


def test_value_sets_within_an_include_are_intersected_and_includes_united():
    terminology = knows(
        TREE,
        value_set("urn:ab", where("in", "a,b")),
        value_set("urn:bc", where("in", "b,c")),
        value_set("urn:both", {"valueSet": ["urn:ab", "urn:bc"]}),
        value_set("urn:either", {"valueSet": ["urn:ab"]}, {"valueSet": ["urn:bc"]}),
        value_set("urn:is-a-and", {**where("is-a", "b"), "valueSet": ["urn:bc"]}),
        value_set("urn:without", {"valueSet": ["urn:ab"]}, exclude=[{"valueSet": ["urn:bc"]}]),
    )
    assert terminology.codes("urn:both") == {"b"}
    assert terminology.codes("urn:either") == {"a", "b", "c"}
    assert terminology.codes("urn:is-a-and") == {"b", "c"}
    assert terminology.codes("urn:without") == {"a"}


def test_a_value_set_that_is_missing_or_its_own_part_cannot_tell():
    terminology = knows(
        TREE,
        value_set("urn:v", {"valueSet": ["urn:missing"]}, where("=", "a")),
        value_set("urn:one", {"valueSet": ["urn:two"]}, where("=", "a")),
        value_set("urn:two", {"valueSet": ["urn:one"]}),
    )
    assert terminology.validate("urn:v", "b", "urn:s").reason == "the value set urn:missing is not loaded"
    assert told(terminology.validate("urn:v", "a", "urn:s")) == "member"
    assert terminology.validate("urn:v", "b").reason == "the value set urn:missing is not loaded"
    assert terminology.validate("urn:one", "b", "urn:s").reason == "the value set urn:one includes itself"
    assert told(terminology.validate("urn:one", "a", "urn:s")) == "member"


def test_a_deep_or_wide_web_of_value_sets_is_bounded():
    deep = [value_set(f"urn:{n}", {"valueSet": [f"urn:{n + 1}"]}) for n in range(2000)]
    answer = knows(*deep).validate("urn:0", "a", "urn:s")
    assert "nested" in answer.reason
    wide = [
        value_set(f"urn:{n}", {"valueSet": [f"urn:{n + 1}"]}, {"valueSet": [f"urn:{n + 1}"]})
        for n in range(30)
    ]
    terminology = knows(TREE, *wide, value_set("urn:30", {"system": "urn:s"}))
    assert told(terminology.validate("urn:0", "z", "urn:s")) == "not a member"
    assert terminology.codes("urn:0") == set("abcdef")


@pytest.mark.parametrize("content", ["fragment", "example", "not-present"])
def test_a_code_system_that_is_not_whole_refuses_nothing(content):
    terminology = knows(
        {**TREE, "content": content},
        value_set("urn:v", {"system": "urn:s"}),
        value_set("urn:not", where("is-not-a", "a")),
    )
    assert told(terminology.validate("urn:v", "zz", "urn:s")) == "cannot tell"
    assert told(terminology.validate("urn:not", "f", "urn:s")) == "cannot tell"
    assert terminology.code_in_system("urn:s", "zz") is None
    assert terminology.code_in_system("urn:s", "a") is (None if content == "not-present" else True)


@pytest.mark.parametrize(
    ("case_sensitive", "expected"), [(True, "not a member"), (False, "member"), (None, "cannot tell")]
)
def test_case_counts_as_the_code_system_says(case_sensitive, expected):
    resource = {**TREE, "caseSensitive": case_sensitive}
    terminology = knows(
        resource, value_set("urn:v", {"system": "urn:s"}), value_set("urn:w", where("is-a", "b"))
    )
    assert told(terminology.validate("urn:v", "A", "urn:s")) == expected
    assert told(terminology.validate("urn:w", "C", "urn:s")) == expected
    assert told(terminology.in_system("urn:s", "A")) == expected


def test_versions():
    terminology = knows(
        {**TREE, "version": "2.1.0"},
        value_set("urn:v", {"system": "urn:s", "version": "3"}),
        value_set("urn:w", {"system": "urn:s", "version": "2.1"}),
    )
    assert terminology.validate("urn:v", "a", "urn:s").reason == "version 3 of urn:s is not loaded"
    assert told(terminology.validate("urn:w", "a", "urn:s")) == "member"
    assert told(terminology.validate("urn:w", "z", "urn:s")) == "not a member"
    assert told(terminology.validate("urn:w", "z", "urn:s", version="9")) == "cannot tell"


def test_inactive_codes_stay_out_only_where_the_value_set_says_so():
    retired = {"code": "r", "property": [{"code": "status", "valueCode": "retired"}]}
    resource = system("urn:s", "a", retired)
    terminology = knows(
        resource,
        value_set("urn:v", {"system": "urn:s"}, inactive=False),
        value_set("urn:w", {"system": "urn:s"}),
    )
    assert terminology.codes("urn:v") == {"a"}
    assert terminology.codes("urn:w") == {"a", "r"}


def test_a_supplement_adds_properties():
    supplement = {
        "resourceType": "CodeSystem",
        "url": "urn:extra",
        "content": "supplement",
        "supplements": "urn:s",
        "concept": [{"code": "a", "property": [{"code": "colour", "valueString": "red"}]}],
    }
    plain = value_set("urn:v", where("=", "red", "colour"))
    named = {
        **value_set("urn:w", where("=", "red", "colour")),
        "extension": [
            {
                "url": "http://hl7.org/fhir/StructureDefinition/valueset-supplement",
                "valueCanonical": "urn:extra",
            }
        ],
    }
    terminology = knows(TREE, supplement, plain, named)
    assert told(terminology.validate("urn:v", "a", "urn:s")) == "cannot tell"
    assert terminology.codes("urn:w") == {"a"}


def expanded(**more):
    contains = [
        {
            "abstract": True,
            "system": "urn:q",
            "code": "group",
            "contains": [{"system": "urn:q", "code": "one"}],
        }
    ]
    return {"resourceType": "ValueSet", "url": "urn:v", "expansion": {"contains": contains, **more}}


def test_a_stored_expansion_stands_for_a_definition():
    terminology = knows(expanded())
    assert terminology.expansion("urn:v") == {("urn:q", "one")}
    assert told(terminology.validate("urn:v", "group", "urn:q")) == "not a member"


@pytest.mark.parametrize("more", [{"total": 7}, {"offset": 1}, {"parameter": [{"name": "filter"}]}])
def test_a_part_of_an_expansion_refuses_nothing(more):
    terminology = knows(expanded(**more))
    assert told(terminology.validate("urn:v", "one", "urn:q")) == "member"
    assert told(terminology.validate("urn:v", "two", "urn:q")) == "cannot tell"
    assert terminology.expansion("urn:v") is None


def test_a_stored_expansion_helps_a_definition_that_cannot_be_computed():
    whole = {**value_set("urn:v", {"system": "urn:q"}), "expansion": expanded()["expansion"]}
    terminology = knows(whole)
    assert told(terminology.validate("urn:v", "one", "urn:q")) == "member"
    assert told(terminology.validate("urn:v", "two", "urn:q")) == "cannot tell"


def test_codings_and_concepts():
    terminology = knows(TREE, value_set("urn:v", {"system": "urn:s"}))
    good, bad = {"system": "urn:s", "code": "a"}, {"system": "urn:s", "code": "z"}
    assert told(terminology.validate("urn:v", good)) == "member"
    assert (
        terminology.validate("urn:v", {"code": "a"}).reason
        == "has a code without a system, which has no meaning"
    )
    assert terminology.validate("urn:v", {"system": "urn:s"}).reason == "has no code"
    assert told(terminology.validate_concept("urn:v", {"coding": [bad, good]})) == "member"
    assert told(terminology.validate_concept("urn:v", {"coding": [bad]})) == "not a member"
    assert terminology.validate_concept("urn:v", {"text": "words"}).reason == "has no coding"


def test_subsumption():
    terminology = knows(TREE)
    assert terminology.subsumes("urn:s", "a", "c") is True
    assert terminology.subsumes("urn:s", "c", "a") is False
    assert terminology.subsumes("urn:s", "b", "b") is True
    assert terminology.subsumes("urn:s", "b", "zz") is None
    assert terminology.subsumes("urn:none", "a", "b") is None


class Oracle:
    """A server that knows every SNOMED CT question, and keeps what it was asked."""

    def __init__(self, answer) -> None:
        self.answer = answer
        self.asked: list[Question] = []

    def ask(self, questions):
        self.asked += questions
        return [self.answer] * len(questions)


def test_the_server_is_asked_only_what_the_packages_cannot_tell():
    resources = (TREE, value_set("urn:v", {"system": "urn:s"}), value_set("urn:w", {"system": SCT}))
    oracle = Oracle(MEMBER)
    terminology = knows(*resources, remote=oracle)
    assert told(terminology.validate("urn:v", "z", "urn:s")) == "not a member"
    assert oracle.asked == []
    assert told(terminology.validate("urn:w", "271649006")) == "member"
    assert [each.system for each in oracle.asked] == [SCT]
    assert oracle.asked[0].definition["url"] == "urn:w"
    terminology.prepare([Question("urn:w", SCT, "84114007"), Question("urn:v", "urn:s", "a")])
    assert [each.code for each in oracle.asked] == ["271649006", "84114007"]
    unsure = knows(*resources, remote=Oracle(cannot_tell("the server is away")))
    assert unsure.validate("urn:w", "271649006").reason == f"needs SNOMED CT ({SCT}); the server is away"


clauses = st.builds(
    lambda codes: {"system": "urn:s", "concept": [{"code": code} for code in codes]},
    st.lists(st.sampled_from("abcdefgh"), min_size=1),
)


@given(st.lists(clauses, min_size=1), st.lists(clauses))
def test_exclude_takes_away_and_adds_nothing(include, exclude):
    terminology = knows(
        TREE,
        value_set("urn:all", *include),
        value_set("urn:out", *exclude)
        if exclude
        else value_set("urn:out", {"system": "urn:none", "concept": [{"code": "x"}]}),
        value_set("urn:less", *include, exclude=exclude),
    )
    assert terminology.expansion("urn:less") == terminology.expansion("urn:all") - terminology.expansion(
        "urn:out"
    )


@given(st.lists(clauses, min_size=1), st.lists(clauses, min_size=1))
def test_includes_are_a_union(one, other):
    terminology = knows(
        TREE, value_set("urn:1", *one), value_set("urn:2", *other), value_set("urn:3", *one, *other)
    )
    assert terminology.expansion("urn:3") == terminology.expansion("urn:1") | terminology.expansion("urn:2")


words = st.sampled_from(
    ["urn:s", "urn:v", "a", "b", "is-a", "regex", "in", "concept", "code", "(a*)*", "", "true", SCT]
)
NAMES = (
    "include exclude system valueSet concept filter property op value code version inactive contains total"
)
names = st.sampled_from(NAMES.split())
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=5),
    max_leaves=25,
)


@given(anything, anything, anything)
def test_no_shape_of_a_package_upsets_it(compose, expansion, concept):
    strange = {"resourceType": "ValueSet", "url": "urn:v", "compose": compose, "expansion": expansion}
    odd = {"resourceType": "CodeSystem", "url": "urn:s", "content": "complete", "concept": concept}
    terminology = knows(odd, strange)
    members = terminology.expansion("urn:v")
    for coded in ("a", {"system": "urn:s", "code": "a"}, {"system": 1, "code": []}):
        assert told(terminology.validate("urn:v", coded)) in {"member", "not a member", "cannot tell"}
    if members is not None:
        assert all(terminology.validate("urn:v", code, system).is_member for system, code in members)
