"""What FHIR lets a narrative contain: elements, attributes, which element may stand in which, and links.

Source: FHIR R4 narrative, https://hl7.org/fhir/R4/narrative.html; HTML 4.0 chapters 7 to 11 and 15; XHTML 1.0
"""

import re
from typing import Final

__all__ = [
    "ATTRIBUTES",
    "ELEMENTS",
    "EMPTY",
    "INLINE",
    "NOT_IN_ITSELF",
    "ONLY",
    "PARENTS",
    "link_fault",
]


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


ELEMENTS: Final = _names(
    "p br div h1 h2 h3 h4 h5 h6 a span b em i strong small big tt dfn q var abbr acronym cite blockquote hr "
    "address bdo kbd sub sup ul ol li dl dt dd pre table caption colgroup col thead tr tfoot tbody th td code "
    "samp img map area"
)

_ANYWHERE = _names(
    "title style class id lang xml:lang xml:space dir accesskey tabindex span width align valign char charoff abbr "
    "axis headers scope rowspan colspan"
)
_OF_ELEMENT = {
    "a": "charset type name href hreflang rel rev shape coords",
    "area": "shape coords href nohref alt",
    "blockquote": "cite",
    "img": "src alt longdesc height width usemap ismap border",
    "map": "name",
    "pre": "space",
    "q": "cite",
    "table": "summary width border frame rules cellspacing cellpadding",
    "td": "nowrap",
}
ATTRIBUTES: Final = {name: _ANYWHERE | _names(_OF_ELEMENT.get(name, "")) for name in ELEMENTS}

NOT_IN_ITSELF: Final = _names(
    "a b em i strong small big sub sup code tt dfn q var abbr acronym cite bdo kbd samp"
)
_BLOCKS = _names("div pre table ul ol")
_TEXT_BLOCKS = _names("h1 h2 h3 h4 h5 h6 pre address span caption dd dt")
INLINE: Final = {
    **dict.fromkeys(NOT_IN_ITSELF | _TEXT_BLOCKS, _BLOCKS),
    "p": _BLOCKS | {"blockquote", "p"},
}
"""Elements of running text, and the blocks that may not stand anywhere within each."""

EMPTY: Final = frozenset({"br", "img", "hr", "area"})

ONLY: Final = {
    "table": frozenset({"tbody", "tr", "caption", "thead", "tfoot", "col", "colgroup"}),
    "tr": frozenset({"td", "th"}),
    "tbody": frozenset({"tr"}),
    "thead": frozenset({"tr"}),
    "tfoot": frozenset({"tr"}),
    "ul": frozenset({"li"}),
    "ol": frozenset({"li"}),
    "dl": frozenset({"dd", "dt"}),
    "map": frozenset({"area"}),
}
"""Elements that hold certain others only, and no text of their own."""

_TABLE_PART = frozenset({"table"})
PARENTS: Final = {
    "tr": frozenset({"table", "thead", "tfoot", "tbody"}),
    "tbody": _TABLE_PART,
    "thead": _TABLE_PART,
    "tfoot": _TABLE_PART,
    "caption": _TABLE_PART,
    "colgroup": _TABLE_PART,
    "col": frozenset({"colgroup", "table"}),
    "th": frozenset({"tr"}),
    "td": frozenset({"tr"}),
    "li": frozenset({"ul", "ol"}),
    "dd": frozenset({"dl"}),
    "dt": frozenset({"dl"}),
}
"""Elements that stand within certain others only."""

_URL = re.compile(r"[\w;?:@&=+$.,/%~#\[\]!'()*|-]+")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]*={0,2}\s*")
_ACTIVE = {"javascript", "vbscript"}
_NO_LINKS = {"urn", "cid"}


def link_fault(target: str, *, is_link: bool) -> str:
    """What is wrong with the target of a link or an image; empty where nothing is."""
    if not target.strip():
        return "it is empty"
    match = _SCHEME.match(target.strip())
    scheme = match[1].lower() if match else ""
    if scheme in _ACTIVE:
        return f"{scheme}: is active content, which a narrative must not have"
    if is_link and scheme in _NO_LINKS:
        return f"{scheme}: names something, but is no link that can be followed"
    if scheme == "data":
        return _data_fault(target)
    if _URL.fullmatch(target) is None:
        return "it has characters that no URL may have"
    return ""


def _data_fault(target: str) -> str:
    head, comma, body = target.partition(",")
    if not comma or not body:
        return "a data: URL has its data after a comma"
    if "," in body:
        return "the data of a data: URL must have no comma"
    if head.endswith(";base64") and (_BASE64.fullmatch(body) is None or len("".join(body.split())) % 4):
        return "the data is no base64"
    return ""
