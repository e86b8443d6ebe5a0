"""One layout for every profile: comments kept, nothing said otherwise, and stable."""

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whole_runs import command

from conformance.errors import HarnessError, ProfileError
from conformance.model.marked_yaml import read_yaml
from conformance.outside.places import shipped
from conformance.session.authoring.layout import laid_out

UNTIDY = """\
# The rules of our house.


title:   House rules   # for all
version: 0.1.0
profile: house
requirements:
# the first
- text: A patient can be read.
  id: H-1
  level: SHALL
  source: "s 1"
  tests:
  - expect: [{status: {code: 200}}]
    probe: {request: {path: '/Patient/{p.id}'}}
    slots:
      p: Patient.id



# the second
- {id: H-2, level: MAY, text: 'Yes: 0750', source: s 2, untested: nobody can}
- id: H-3
  # why it is weak
  text: >-
    Folded
    text.
  level: SHOULD
  source: s 3
  untested: not yet
parameters:
  page: {default: 5}
"""
TIDY = """\
# The rules of our house.

title: House rules # for all
version: 0.1.0
profile: house

requirements:
  # the first
  - text: A patient can be read.
    id: H-1
    level: SHALL
    source: "s 1"
    tests:
      - expect: [{status: {code: 200}}]
        probe: {request: {path: '/Patient/{p.id}'}}
        slots:
          p: Patient.id

  # the second
  - {id: H-2, level: MAY, text: 'Yes: 0750', source: s 2, untested: nobody can}

  - id: H-3
    # why it is weak
    text: >-
      Folded
      text.
    level: SHOULD
    source: s 3
    untested: not yet

parameters:
  page: {default: 5}
"""


def test_a_profile_is_laid_out_with_its_comments():
    made = laid_out(UNTIDY, "house.yaml")
    assert made == TIDY
    assert laid_out(made, "house.yaml") == made


def test_members_without_comments_among_them_are_put_in_order():
    made = laid_out("title: T\nrequirements:\n- {level: MAY, id: A}\nversion: 0.1.0\nprofile: p\n", "p.yaml")
    assert made == "profile: p\nversion: 0.1.0\ntitle: T\n\nrequirements:\n  - {id: A, level: MAY}\n"


SMALL = [path for path in shipped("profiles").glob("*.yaml") if path.stat().st_size < 12_000]  # for speed


@pytest.mark.parametrize("path", sorted(SMALL), ids=lambda path: path.stem)
def test_shipped_files_keep_their_meaning_and_the_layout_is_stable(path):
    text = path.read_text("utf-8")
    made = laid_out(text, str(path))
    assert read_yaml(made, "x").value == read_yaml(text, "x").value
    assert laid_out(made, str(path)) == made


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(texts, values, min_size=1, max_size=5), st.booleans())
def test_whatever_a_mapping_says_it_says_afterwards_or_it_is_refused(document, flow):
    import yaml

    text = yaml.safe_dump(document, default_flow_style=flow, allow_unicode=True)
    if read_yaml(text, "x").problems:
        return
    try:
        made = laid_out(text, "x")
    except HarnessError:
        return
    assert read_yaml(made, "x").value == read_yaml(text, "x").value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &x 1\nb: *x\n", "the alias *x is not accepted"),
        ("a: 1\na: 2\n", "the key 'a' stands twice"),
        ("- 1\n", "holds no profile"),
        ("", "holds no profile"),
        ("a: [\n", "is no YAML"),
        ("a: !!python/name:os.system x\n", "is not accepted"),
    ],
)
def test_what_is_no_profile_is_refused_with_its_place(text, said):
    with pytest.raises(ProfileError, match=r"x\.yaml") as caught:
        laid_out(text, "x.yaml")
    assert said in str(caught.value)


def test_files_are_laid_out_in_place_all_or_none(tmp_path, capsys):
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.write_text(UNTIDY)
    one.chmod(0o640)
    two.write_text("a: [\n")
    assert command("profiles", "fmt", one, two) == 2
    assert one.read_text() == UNTIDY
    assert command("profiles", "fmt", one, "--check") == 1
    assert one.read_text() == UNTIDY
    assert command("profiles", "fmt", one) == 0
    assert one.read_text() == TIDY
    assert one.stat().st_mode & 0o777 == 0o640
    assert command("profiles", "fmt", one, "--check") == 0
    assert command("profiles", "fmt", tmp_path / "none.yaml") == 2
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".yaml"] == []


def test_a_comment_that_would_be_lost_keeps_the_file_as_it_is():
    text = textwrap.dedent("""\
        profile: p
        requirements:
          - {id: A, # what a name
             level: MAY}
        """)
    with pytest.raises(HarnessError, match="left as it is"):
        laid_out(text, "x.yaml")
