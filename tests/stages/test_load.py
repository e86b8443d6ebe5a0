"""Loading profiles: every mistake at once, each at its place; and never anything worse than a list of mistakes."""

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_profiles import READING

from conformance.catalog import built_in
from conformance.errors import ProfileError, UnknownName
from conformance.stages.load import load

GOOD = """\
profile: good
version: 0.1.0
title: Good
parameters:
  limit: {default: 3}
requirements:
  - id: G-1
    level: SHALL
    text: It answers.
    source: https://example.org/#1
    tests:
      - probe: {request: {path: "/Patient/{p.id}"}}
        slots: {p: Patient.id}
        draw: {name: family-name}
        expect: [{status: {code: "${limit}"}}]
"""

TEN = """\
profile: ten
version: 0.1.0
title: Ten mistakes
publisherr: Nobody
extends: [no-such-profile]
parameters:
  limit: {default: 3}
requirements:
  - id: T-1
    level: SHAL
    text: One.
    source: https://example.org/#1
    tests:
      - probe: {request: {path: /metadata}}
        expect: [{statuss: {code: 200}}]
  - id: T-2
    level: SHALL
    text: Two.
    tests:
      - probe: {request: {pathh: /metadata}}
        expect: [{status: {code: [{}]}}]
  - id: T-2
    level: SHALL
    text: Three.
    source: https://example.org/#3
    tests:
      - probe: {request: {path: "/Patient/{p.idd}"}}
        slots: {p: Patient.id}
        expect: [{status: {code: "${limitt}"}}]
"""


class Texts:
    """Profiles that are held in memory."""

    def __init__(self, **texts: str) -> None:
        self.texts = {name.replace("_", "-"): textwrap.dedent(text) for name, text in texts.items()}

    def text(self, name: str, _wanted: object = None) -> tuple[str, str]:
        try:
            return self.texts[name], f"{name}.yaml"
        except KeyError:
            raise UnknownName("profile", name, self.texts) from None


def loaded(text: str, **others: str):
    return load("it", Texts(it=text, **others), built_in())


def mistakes(text: str, **others: str) -> list[str]:
    with pytest.raises(ProfileError) as caught:
        loaded(text, **others)
    return [str(problem) for problem in caught.value.problems]


SHARED = """
    profile: shared
    version: 0.1.0
    title: What several editions share
    parameters:
      edition: {default: one, fixed: true}
    requirements:
      - id: S-1
        level: MAY
        text: Shared.
        source: https://example.org/${edition}/#1
        untested: not here
"""


def test_a_source_names_the_clause_of_the_profile_that_extends():
    other = """
        profile: it
        version: 0.1.0
        title: The second edition
        extends: [shared]
        parameters:
          edition: {default: two, fixed: true, basis: the second edition}
    """
    sources = [loaded(text, shared=SHARED).requirements[0].source for text in (SHARED, other)]
    assert sources == ["https://example.org/one/#1", "https://example.org/two/#1"]


@pytest.mark.parametrize("written", ["${editoin}", "{edition}"])
def test_a_source_with_a_placeholder_that_nothing_fills_is_told(written):
    (told,) = mistakes(SHARED.replace("${edition}", written))
    assert "in a source names no parameter of this profile" in told


def test_a_good_profile_loads_and_says_where_its_requirements_come_from():
    profile = loaded(GOOD)
    assert [(r.id, r.origin) for r in profile.requirements] == [("G-1", "good@0.1.0")]


def test_ten_kinds_of_mistakes_are_told_at_once_with_places_and_the_closest_names():
    told = mistakes(TEN)
    assert told[:6] == [
        "it.yaml:4:1: unknown member 'publisherr'; did you mean 'publisher'?",
        "it.yaml:5:11: there is no profile named 'no-such-profile'",
        "it.yaml:10:5: 'SHAL' is none of SHALL, SHALL NOT, SHOULD, SHOULD NOT, MAY; did you mean 'SHALL'?",
        "it.yaml:15:18: there is no check named 'statuss'; did you mean 'status'?",
        "it.yaml:16:5: the member 'source' is missing",
        "it.yaml:20:17: probe 'request' needs the argument 'path'",
    ]
    assert told[6] == "it.yaml:20:27: probe 'request' takes no argument 'pathh'; did you mean 'path'?"
    assert (
        told[7] == "it.yaml:21:28: check 'status', argument 'code': must be a valid integer or a valid string"
    )
    assert told[8:] == [
        "it.yaml:22:5: the requirement id 'T-2' is given twice: the first time in line 16",
        "it.yaml:27:27: {p.idd} names no slot or drawn value that can be used here; did you mean 'p.id'?",
        "it.yaml:29:28: ${limitt} names no parameter of this profile; did you mean 'limit'?",
    ]


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        ("draw: {name: family-name}", "draw: {name: familyname}", "14:16", "no generator named 'familyname'"),
        (
            "draw: {name: family-name}",
            "draw: {name: {family-name: {most: '${limit}'}}}",
            "14:37",
            "cannot stand",
        ),
        ("slots: {p", "when: [{declares: {resource: '{p}'}}]\n        slots: {p", "13:28", "names no slot"),
        ("level: SHALL", "level: SHALL\n    phase: later", "9:5", "none of tender, contract, exit"),
        ("title: Good", "title: [Good]", "3:1", "title: must be a valid string"),
        ("version: 0.1.0", "version: 1", "2:1", "version: must be a valid string"),
        ("profile: good\n", "profile: good\nprofile: good\n", "2:1", "the key 'profile' stands twice"),
        ("{default: 3}", "&a {default: 3}\n  other: *a", "6:10", "the alias *a is not accepted"),
        ("{default: 3}", "{default: !!python/name:os.system x}", "5:20", "the tag tag:yaml.org,2002:python"),
        ("{default: 3}", "{default: .inf}", "5:20", "no number that can be written down"),
        ("{default: 3}", "{default: 99999999999999999999}", "5:20", "too large a number"),
        ("title: Good", "title: Good\n  bad: x", "4:6", "is no YAML"),
        ("title: Good", 'title: "\\ud800"', "3:11", "is no YAML"),
        (
            "requirements:",
            "subVerdicts: [{id: s, title: S, requirements: [H-*]}]\nrequirements:",
            "6:48",
            "'H-*' matches no automated requirement",
        ),
        ("    tests:", "    untested: never\n    tests:", "7:5", "either `tests` or, as `untested`"),
    ],
)
def test_each_mistake_is_told_in_words_at_its_place(old, new, place, said):
    assert old in GOOD
    (told,) = mistakes(GOOD.replace(old, new, 1))
    assert told.startswith(f"it.yaml:{place}: ")
    assert said in told


@pytest.mark.parametrize("text", ["", "- a list", "just words", "profile", "null", "42"])
def test_what_is_no_profile_is_refused_in_one_sentence(text):
    (told,) = mistakes(text)
    assert "holds no profile" in told


def test_an_unknown_profile_is_told_with_the_closest_name():
    with pytest.raises(UnknownName, match="did you mean 'it'"):
        load("itt", Texts(it=GOOD), built_in())


BASE = GOOD.replace("profile: good", "profile: base").replace("G-1", "B-1")


def test_a_profile_takes_over_requirements_and_parameters_and_may_set_others():
    text = GOOD.replace("version: 0.1.0\n", "version: 0.1.0\nextends: [base]\n", 1).replace(
        "{default: 3}", "{default: 4, basis: house rules}"
    )
    profile = loaded(text, base=BASE)
    assert [(r.id, r.origin) for r in profile.requirements] == [("B-1", "base@0.1.0"), ("G-1", "good@0.1.0")]
    assert profile.parameters["limit"].default == 4


def test_the_parameters_of_a_base_can_be_used():
    text = GOOD.replace("parameters:\n  limit: {default: 3}\n", "extends: [base]\n")
    assert loaded(text, base=BASE).parameters["limit"].default == 3


@pytest.mark.parametrize(
    ("extends", "said"),
    [
        ("[{profile: base, version: 9.9.9}]", "asks for base 9.9.9, but 0.1.0 is what there is"),
        ("[it]", "extends 'it', which in turn extends this profile"),
        ("[bse]", "there is no profile named 'bse'; did you mean 'base'?"),
    ],
)
def test_what_cannot_be_extended_is_told_where_it_is_asked_for(extends, said):
    (told,) = mistakes(GOOD.replace("title: Good", f"title: Good\nextends: {extends}"), base=BASE)
    assert told.startswith("it.yaml:4:11: ")
    assert said in told


def test_a_circle_by_way_of_others_ends():
    one = GOOD.replace("title: Good", "title: Good\nextends: [two]").replace("G-1", "A-1")
    two = GOOD.replace("title: Good", "title: Good\nextends: [it]").replace("profile: good", "profile: two")
    (told,) = mistakes(one, two=two)
    assert told.startswith("two.yaml:4:11: ")
    assert "circle" in told


def test_what_comes_by_two_ways_is_one_requirement_and_its_mistakes_are_told_once():
    left = "profile: left\nversion: 0.1.0\ntitle: L\nextends: [base]\n"
    top = "profile: top\nversion: 0.1.0\ntitle: T\nextends: [left, right]\n"
    right = left.replace("left", "right")
    assert [r.id for r in loaded(top, left=left, right=right, base=BASE).requirements] == ["B-1"]
    bad = BASE.replace("status", "statuss")
    assert mistakes(top, left=left, right=right, base=bad) == [
        "base.yaml:15:18: there is no check named 'statuss'; did you mean 'status'?"
    ]


def test_two_bases_may_not_mean_different_things_by_one_id():
    other = BASE.replace("profile: base", "profile: other").replace("It answers", "It does not")
    top = "profile: top\nversion: 0.1.0\ntitle: T\nextends: [base, other]\n"
    (told,) = mistakes(top, base=BASE, other=other)
    assert "'B-1' is one thing in base@0.1.0, another in other@0.1.0" in told


def test_a_base_may_not_be_redefined():
    (told,) = mistakes(
        GOOD.replace("G-1", "B-1").replace("title: Good", "title: Good\nextends: [base]"), base=BASE
    )
    assert "is given twice: already in base@0.1.0" in told


def survives(text: str) -> None:
    try:
        profile = loaded(text)
    except ProfileError as error:
        told = [problem.message for problem in error.problems]
        if not all(told) or not told:
            raise AssertionError("a mistake without words") from error
    else:
        assert profile.canonical()


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_no_text_gives_more_than_a_list_of_mistakes(text):
    survives(text)


@st.composite
def mutated(draw) -> str:
    """The small profile with some lines dropped, doubled, moved or changed."""
    lines = READING.splitlines()
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        line = lines[at]
        other = draw(st.sampled_from(lines))
        cut = draw(st.integers(0, len(line)))
        junk = draw(
            st.sampled_from(
                ["", "{", "}", "[", ": ", "&a ", "*a", "!!x ", "null", "- ", "\t", "1e400", "'", "{x}"]
            )
        )
        lines[at] = draw(
            st.sampled_from([other, line[:cut] + junk + line[cut:], line[:cut], f"{line}\n{other}"])
        )
    return "\n".join(lines)


@given(mutated())
@settings(max_examples=200, deadline=None)
def test_no_mutation_of_a_profile_gives_more_than_a_list_of_mistakes(text):
    survives(text)


def test_deep_nesting_and_size_are_limited():
    assert any("nested too deeply" in told for told in mistakes("a: " + "[" * 80 + "]" * 80))
    assert mistakes("[" * 20_000)
    assert "is larger than" in mistakes("x" * (8 * 2**20 + 1))[0]
