"""Narrative: what may stand in it, in words, and the quick test that never says yes where the exact one says no."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.fhir.definitions import r4
from conformance.fhir.documents import read_json, read_xml
from conformance.fhir.validation.xhtml import is_clean_narrative, narrative_links, narrative_problems

QUICK = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
DATA = Path(__file__).resolve().parents[3] / "../shared/data"


def div(inner: str) -> str:
    return f'<div xmlns="http://www.w3.org/1999/xhtml">{inner}</div>'


def told(text: str) -> list[tuple[str, str]]:
    return [(found.severity, found.message_id) for found in narrative_problems(text)]


@pytest.mark.parametrize(
    "text",
    [
        div("a"),
        div("<p>a</p>"),
        div('<p style="color: red" class="x" title="y" lang="en" xml:lang="en">a</p>'),
        div("a &nbsp; &copy; &eacute; &#174; &#xAE; &lt;b&gt; &amp;amp;"),
        div('<a href="http://example.org/a?b=c&amp;d=e">a</a><a name="x">b</a>'),
        div('<a href="mailto:a@b.c">a</a> <a href="Patient/1">b</a>'),
        div('<img src="http://example.org/a.png" alt="x"/>'),
        div('<img src="data:image/png;base64,AAAA" alt="x"/>'),
        div(
            "<table><caption>a</caption><thead><tr><th>a</th></tr></thead><tbody><tr><td>a</td></tr></tbody></table>"
        ),
        div("<table>\n <tr>\n  <td>a<ul><li>b</li></ul></td>\n </tr>\n</table>"),
        div("<ul><li>a<ol><li>b</li></ol></li></ul><dl><dt>a</dt><dd>b</dd></dl>"),
        div("<p>a<b>b<i>c</i></b><br/></p><hr/><pre>d</pre><blockquote>e</blockquote>"),
        div("<!-- comment -->a"),
        '<div xmlns="http://www.w3.org/1999/xhtml" xml:lang="de" lang="de">a</div>',
        '<h:div xmlns:h="http://www.w3.org/1999/xhtml">a</h:div>',
    ],
)
def test_narratives_in_order(text: str):
    assert narrative_problems(text) == ()
    assert is_clean_narrative(text)


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (div("<script>a</script>"), ["xhtml-element"]),
        (div("<form>a</form>"), ["xhtml-element"]),
        (div("<iframe>a</iframe>"), ["xhtml-element"]),
        (div("<style>a</style>"), ["xhtml-element"]),
        (div("<P>a</P>"), ["xhtml-element"]),
        (div('<p onclick="a()">a</p>'), ["xhtml-attribute"]),
        (div('<p href="a">a</p>'), ["xhtml-attribute"]),
        (div('<a href="javascript:a()">a</a>'), ["xhtml-link"]),
        (div('<a href="JavaScript:a()">a</a>'), ["xhtml-link"]),
        (div('<a href="urn:uuid:1">a</a>'), ["xhtml-link"]),
        (div('<a href="">a</a>'), ["xhtml-link"]),
        (div('<a href="http://a b">a</a>'), ["xhtml-link"]),
        (div('<img src="data:image/png;base64,A"/>'), ["xhtml-link"]),
        (div('<img src="data:x"/>'), ["xhtml-link"]),
        (div(""), ["xhtml-empty"]),
        (div(" \n<p> </p>"), ["xhtml-empty"]),
        ("<div>a</div>", ["xhtml-namespace"]),
        ('<p xmlns="http://www.w3.org/1999/xhtml">a</p>', ["xhtml-root"]),
        (div('<p xmlns="urn:x">a</p>'), ["xhtml-namespace"]),
        (div("<p>a"), ["xhtml-syntax"]),
        (div("a & b"), ["xhtml-syntax"]),
        (div("&nonsense;"), ["xhtml-entity"]),
        ("", ["xhtml-syntax"]),
        ("text", ["xhtml-syntax"]),
        (div("a") + div("b"), ["xhtml-syntax"]),
        ('<!DOCTYPE div [<!ENTITY a "b">]>' + div("&a;"), ["xhtml-entity", "xhtml-doctype"]),
        (div("a<?b c?>"), ["xhtml-instruction"]),
        (div("<p><div>a</div></p>"), ["xhtml-structure"]),
        (div("<p><span><ul><li>a</li></ul></span></p>"), ["xhtml-structure"]),
        (div("<a name='x'><a name='y'>a</a></a>"), ["xhtml-structure"]),
        (div("<table>a<tr><td>b</td></tr></table>"), ["xhtml-structure"]),
        (div("<table><td>b</td></table>"), ["xhtml-structure"]),
        (div("<tr><td>b</td></tr>"), ["xhtml-structure"]),
        (div("<li>a</li>"), ["xhtml-structure"]),
        (div("<br>a</br>"), ["xhtml-structure"]),
        (div("\ud800"), ["xhtml-syntax"]),
        (div("<b>" * 3 + "a" + "</b>" * 3), ["xhtml-structure"] * 2),
    ],
)
def test_narratives_that_break_a_rule(text: str, problems: list[str]):
    assert told(text) == [("error", message_id) for message_id in problems]
    assert not is_clean_narrative(text)


@pytest.mark.parametrize(
    ("text", "severity", "message_id"),
    [
        (div('<pre xml:space="preserve">a</pre>'), "information", "xhtml-xml-space"),
        (div('<p id="a">a</p><p id="a">b</p>'), "warning", "xhtml-double-id"),
    ],
)
def test_narratives_that_ask_for_a_word(text: str, severity: str, message_id: str):
    assert told(text) == [(severity, message_id)]
    assert is_clean_narrative(text)


def test_which_invariant_is_broken_and_where():
    first, second = narrative_problems(div("\n<script/><blink/>"))[:2]
    assert (first.rule, first.line, first.column) == ("txt-1", 2, 1)
    assert (second.rule, second.line, second.column) == ("txt-1", 2, 10)
    assert narrative_problems(div(" "))[0].rule == "txt-2"


def test_links_within_the_document_are_for_its_holder_to_resolve():
    text = div('<a href="#a">x</a><a href="#">y</a><img src="#b" alt="z"/><p id="c">d</p><a name="e">f</a>')
    links = narrative_links(text)
    assert (links.links, links.images, links.targets) == (("a",), ("b",), ("c", "e"))
    assert narrative_problems(text) == ()
    assert not is_clean_narrative(text)
    assert not is_clean_narrative(div('<a href="&#35;a">x</a>'))
    assert not is_clean_narrative(div('<img src="#a" alt="x"/>'))
    assert is_clean_narrative(div('<a href="#">x</a>'))


def test_nesting_and_the_number_of_problems_have_an_end():
    assert told(div("<div>" * 10_000))[-1] == ("error", "xhtml-depth")
    assert len(narrative_problems(div("<x/>" * 100_000))) <= 100
    assert not is_clean_narrative(div("<div>" * 10_000))


@pytest.mark.parametrize(
    "hidden",
    [
        '<p title="a>b"><script>x</script></p>',
        '<p title="a"><script>x</script></p>',
        "<p title='a>\"'><script>x</script></p>",
        '<p title="&lt;"><script>x</script></p>',
        '<!-- > --><script>x</script><!-- " -->',
        "<![CDATA[>]]><script>x</script>",
        '<a href="javascript:x">a</a>',
        '<a href="https://a" onclick="x">a</a>',
        "<script>x</script >",
        '<p class="a" class="b">x</p>',
        "a\x01",
        "&#1;",
    ],
)
def test_the_quick_test_overlooks_nothing(hidden: str):
    assert any(found.is_error for found in narrative_problems(div(hidden)))
    assert not is_clean_narrative(div(hidden))


PIECES = [
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<br/>",
    "<script>",
    "</script>",
    '<a href="',
    '"',
    ">",
    "<",
    "http://a",
    "a",
]
PIECES += [
    " ",
    "\n",
    "&amp;",
    "&nbsp;",
    "&",
    "'",
    "<!--",
    "-->",
    '<p title="',
    "/>",
    "<table>",
    "</table>",
    "\x01",
    "]]>",
]


@settings(QUICK, max_examples=400)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join) | st.text())
def test_what_is_quickly_found_clean_has_no_error(inner: str):
    for text in (div(inner), inner):
        problems = narrative_problems(text)
        assert not is_clean_narrative(text) or not any(found.is_error for found in problems)
        assert all(found.words for found in problems)


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared data are not here")
def test_real_narratives():
    """All but one that means to break the rules, and one of a value set that says nothing, are in order."""
    paths = [*(DATA / "fhir-validator-cases/files").rglob("*.*"), *(DATA / "uk-core/examples").glob("*.xml")]
    found: dict[str, list[str]] = {}
    count = 0
    for path in paths:
        data = path.read_bytes()
        document = read_xml(data, r4()) if path.suffix == ".xml" else read_json(data)
        value = document.value
        text = value["text"]["div"] if isinstance(value, dict) and "div" in value.get("text", ()) else None
        if text is None:
            continue
        count += 1
        errors = [each.message_id for each in narrative_problems(text) if each.is_error]
        if errors:
            found[path.name] = errors
    assert count > 200
    assert found == {"pat-security-bad-xhtml.json": ["xhtml-element"], "bb-vs.json": ["xhtml-empty"]}
