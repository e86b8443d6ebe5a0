"""A node against what a definition asks besides the element table (`additions`).

Sources: as there; for narrative https://hl7.org/fhir/R4/narrative.html, where a section's language stands in its
`lang` attribute and its source in its class (boilerplate, generated or original).
"""

from xml.etree.ElementTree import Element as Xml
from xml.etree.ElementTree import ParseError, fromstring

from conformance.fhir.definitions.table import Binding
from conformance.fhir.validation.additions import Additions
from conformance.fhir.validation.bindings import judge_binding
from conformance.fhir.validation.judge import Judge
from conformance.fhir.validation.messages import shown
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.xhtml import narrative_problems

__all__ = ["judge_added"]

XHTML = "{http://www.w3.org/1999/xhtml}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
SOURCES = frozenset({"boilerplate", "generated", "original"})


def judge_added(judge: Judge, node: Node, added: Additions, url: str) -> None:
    """Tells where a node falls short of what is asked besides the table."""
    value = node.value
    if added.min_length and isinstance(value, str) and len(value) < added.min_length:
        judge.tell(node, "value-too-short", structure=url, found=len(value), least=added.min_length)
    if value is None and added.must_have_value:
        judge.tell(node, "value-missing", structure=url, element=node.element.path)
    if value is None and added.alternatives and not _alternative(node, added.alternatives):
        words = ", ".join(added.alternatives)
        judge.tell(node, "value-alternative-missing", structure=url, element=node.element.path, allowed=words)
    for binding in added.bindings:
        judge_binding(judge, node, binding, url)
    if added.widest:
        judge_binding(judge, node, Binding("required", added.widest), url, widest=True)
    if added.languages or added.sources:
        _judge_narrative(judge, node, added, url)


def _alternative(node: Node, allowed: tuple[str, ...]) -> bool:
    return any(
        isinstance(extension.value, dict) and extension.value.get("url") in allowed
        for extension in node.groups.get("extension", ())
    )


def _judge_narrative(judge: Judge, node: Node, added: Additions, url: str) -> None:
    div = _div(node)
    if div is None:
        return
    if added.languages:
        _judge_languages(judge, node, added.languages, div, url)
    if added.sources:
        for child in _texts(div):
            judge.tell(node, "narrative-source-missing", structure=url, found=shown(child))


def _div(node: Node) -> Xml | None:
    """The narrative's root; None where it is absent or not in order, which is told elsewhere."""
    texts = [child.value for child in node.groups.get("div", ()) if isinstance(child.value, str)]
    if not texts or any(found.is_error for found in narrative_problems(texts[0])):
        return None
    try:
        return fromstring(texts[0])  # noqa: S314 - narrative_problems refuses any document type
    except ParseError:
        return None


def _judge_languages(judge: Judge, node: Node, control: str, div: Xml, url: str) -> None:
    sections = [child.get("lang") or child.get(XML_LANG) or "" for child in div if child.tag == f"{XHTML}div"]
    languages = [language for language in sections if language]
    if control == "_no":
        if languages:
            judge.tell(node, "narrative-language-prohibited", structure=url, found=", ".join(languages))
        return
    if not languages:
        judge.tell(node, "narrative-language-missing", structure=url, expected="a language")
        return
    wanted = _resource_language(node) if control == "_resource" else "" if control == "_yes" else control
    if wanted and wanted not in languages:
        judge.tell(node, "narrative-language-missing", structure=url, expected=wanted)


def _resource_language(node: Node) -> str:
    language = node.resource.value.get("language")
    return language if isinstance(language, str) else ""


def _texts(div: Xml) -> list[str]:
    """The texts below a narrative's root that no class says the source of."""
    found = [div.text] if div.text and div.text.strip() else []
    for child in div:
        if not SOURCES & set((child.get("class") or "").split()):
            text = "".join(child.itertext()).strip()
            if text:
                found.append(text)
        if child.tail and child.tail.strip():
            found.append(child.tail)
    return [" ".join(text.split()) for text in found]
