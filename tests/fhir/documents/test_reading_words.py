"""In which words, and at which place, a reader tells what is wrong with a text."""

import pytest
from wholesome import wholesome

from conformance.fhir.definitions import r4
from conformance.fhir.documents import MAX_DEPTH, Document, read_json, read_xml

FHIR = 'xmlns="http://hl7.org/fhir"'


def read(text: str | bytes) -> Document:
    return wholesome(read_xml(text.encode() if isinstance(text, str) else text, r4()))


def patient(inner: str) -> str:
    return f"<Patient {FHIR}>{inner}</Patient>"


@pytest.mark.parametrize(("start", "step"), [("[", "0"), ('{"a":', "a")])
def test_what_ends_the_reading_is_told_at_its_outer_places(start: str, step: str):
    for depth, told_of in ((3, 2), (11, 10), (40, 10)):
        (problem,) = wholesome(read_json((start * depth + '"').encode())).problems
        assert (problem.message_id, problem.pointer) == ("json-end", f"/{step}" * told_of)
        assert problem.column == len(start) * depth + 1


def test_a_comment_deep_within_is_told_at_its_whole_place():
    depth = MAX_DEPTH
    (problem,) = wholesome(read_json(("[" * depth + "1 // x\n" + "]" * depth).encode())).problems
    assert (problem.message_id, problem.pointer) == ("json-comment", "/0" * (depth - 1))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"a":[1,\n', "The text ends within the array of line 1; it was cut off."),
        (b'{\n"a":\n{', "The text ends within the object of line 3; it was cut off."),
        (b'{"a" "b"}', "After the name 'a' a colon must stand, not '\"b\"'."),
        (b'{"a" ', "After the name 'a' a colon must stand, not the end."),
        (b'{"a":1]', "']' stands where '}' must close the object that begins on line 1."),
        (b'{"a":1,[2]}', "Unexpected '[': a name in double quotes must stand here."),
    ],
)
def test_the_words_for_what_ends_the_reading(data: bytes, words: str):
    assert wholesome(read_json(data)).problems[-1].words == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (patient('<id use="x" value="a"/>'), "There is no attribute 'use' on Patient.id."),
        (
            f'<Patient {FHIR} xmlns:xsi="urn:x" xsi:nil="true"/>',
            "There is no attribute 'xsi:nil' on Patient.",
        ),
        (patient("<wrong/>"), "There is no element <wrong> in Patient."),
        (
            '<Patient xmlns="urn:x"/>',
            "<Patient> is in the namespace 'urn:x'; a resource says xmlns=\"http://hl7.org/fhir\".",
        ),
        ("<Patient/>", '<Patient> is in no namespace; a resource says xmlns="http://hl7.org/fhir".'),
        (
            patient('<gender value="male"/><active value="true"/>'),
            "<active> must stand before <gender>: elements have a fixed order.",
        ),
        (
            patient("<contained><Group/><Group/></contained>"),
            "<contained> holds one resource; <Group> is one more.",
        ),
        (
            b'<?xml version="1.0" encoding="nonsense"?><a/>',
            "The encoding that the document declares is not known; save it as UTF-8.",
        ),
    ],
)
def test_the_words_for_a_problem_of_xml(text: str | bytes, words: str):
    assert [problem.words for problem in read(text).problems][-1] == words


@pytest.mark.parametrize(
    ("inner", "line", "column"),
    [
        ('<id value="a"/>x', 1, 53),
        ("\n  <wrong/>", 2, 3),
        ('\n  <id value="a" use="b"/>', 2, 3),
        ('\n<id value="a"/>\n  text\n', 3, 3),
    ],
)
def test_where_a_problem_is_told(inner: str, line: int, column: int):
    (problem,) = read(patient(inner)).problems
    assert (problem.line, problem.column) == (line, column)
