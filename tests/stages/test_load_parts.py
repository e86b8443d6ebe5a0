"""Parts with a result of their own come along with the requirements that a profile takes over."""

import re

import pytest
from test_load import loaded, mistakes

BASE = """
    profile: base
    version: 0.4.0
    title: All there is
    subVerdicts:
      - {id: reading, title: Reading, restsOn: [automated, documented], requirements: ["R-*", S-1]}
      - {id: promises, title: Promises, restsOn: [documented], requirements: ["S-*"]}
    requirements:
      - {id: R-1, level: SHALL, text: First., source: s1, untested: x}
      - {id: R-2, level: SHALL, text: Second., source: s2, untested: x}
      - {id: S-1, level: SHALL, method: documented, text: Third., source: s3, untested: x}
      - {id: S-2, level: SHALL, text: Fourth., source: s4, untested: x}
"""
OTHER = re.sub("([RS])-", r"O\1-", BASE.replace("profile: base", "profile: other"))
MINE = """
    profile: it
    version: 0.1.0
    title: Mine
    extends: [%s]
    %s
"""


def parts(extends="base", more="", **others):
    made = loaded(MINE % (extends, more), **({"base": BASE} | others))
    return {part.id: part.requirements for part in made.sub_verdicts}


def test_the_parts_of_a_base_are_taken_over():
    assert loaded(MINE % ("base", ""), base=BASE).sub_verdicts == loaded(BASE).sub_verdicts
    middle = MINE.replace("profile: it", "profile: middle") % ("base", "")
    assert parts("middle", middle=middle) == parts() == {"reading": ("R-*", "S-1"), "promises": ("S-*",)}


@pytest.mark.parametrize(
    ("choice", "left"),
    [
        ("only: [R-1, S-2]", {"reading": ("R-*",)}),  # S-2 is tested: no promise is left
        ("without: ['R-*']", {"reading": ("S-1",), "promises": ("S-*",)}),
        ("only: [S-2]", {}),
    ],
)
def test_a_part_covers_what_is_left_of_its_requirements_and_goes_where_none_is(choice, left):
    assert parts(f"{{profile: base, {choice}}}") == left


def test_a_part_is_stated_anew_by_its_id_and_others_are_added():
    anew = "subVerdicts: [{id: reading, title: First, requirements: [R-1]}, {id: own, title: O, requirements: [R-2]}]"
    assert parts(more=anew) == {"promises": ("S-*",), "reading": ("R-1",), "own": ("R-2",)}


def test_a_part_that_comes_by_two_ways_covers_what_it_covers_by_either():
    both = "{profile: base, only: [R-1]}, {profile: base, only: [S-1]}"
    assert parts(both) == {"reading": ("R-*", "S-1"), "promises": ("S-*",)}
    assert parts("base, other", other=OTHER)["promises"] == ("S-*", "OS-*")


@pytest.mark.parametrize(
    ("was", "now"), [("title: Promises", "title: Pledges"), ("restsOn: [documented]", "restsOn: [automated]")]
)
def test_what_two_bases_mean_differently_is_for_the_profile_to_settle(was, now):
    other = OTHER.replace(was, now)
    (one,) = mistakes(MINE % ("base, other", ""), base=BASE, other=other)
    assert "the part 'promises' is another in other@0.4.0 than in what is named before: state it here" in one
    anew = "subVerdicts: [{id: promises, title: Both, restsOn: [documented], requirements: [S-1]}]"
    assert parts("base, other", anew, other=other)["promises"] == ("S-1",)
