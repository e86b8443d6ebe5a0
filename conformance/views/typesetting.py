"""Documents by the typesetter typst: built for PDF/A-3a and PDF/UA-1, with a record attached.

It refuses to write what breaks these standards as far as it checks them; nobody certifies the result. All content
enters a template as data, where no markup is read in it.
"""

import json
import re
from functools import cache
from importlib.resources import files

from conformance.model.base import Json
from conformance.views.text import clean

_NO_GLYPH = re.compile(
    "[^\n\x20-\x7e\xa0-\xac\xae-\u017f\u0391-\u03a1\u03a3-\u03c9\u0400-\u045f\u2010-\u2015\u2018-\u201e\u2020-\u2022\u2026\u20ac\u2122\u2190-\u2193\u2212\u2260\u2264\u2265]"
)
"""All but the characters that the fonts within the typesetter have: a missing one would break the standard."""


def typeset(template: str, content: Json, name: str, attached: bytes, time: int) -> bytes:
    """The document's bytes; `attached` is the UTF-8 record that goes with it, `time` what it states, in seconds."""
    import typst  # noqa: PLC0415 - an extra, and large

    made: bytes = typst.compile(
        _template(template),
        sys_inputs={
            "data": json.dumps(content),
            "attached": attached.decode(),
            "attachedName": name,
        },
        ignore_system_fonts=True,
        pdf_standards=["a-3a", "ua-1"],
        timestamp=time,
    )
    return made


def shown(value: str) -> str:
    """The clean text with a number in place of each character that the document's fonts do not have."""
    return _NO_GLYPH.sub(lambda found: f"[U+{ord(found[0]):04X}]", clean(value).replace("\t", " "))


def fit_to_show(value: Json) -> Json:
    """The same data, with every text in it as it can be shown."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, dict):
        return {name: fit_to_show(member) for name, member in value.items()}
    return [fit_to_show(member) for member in value] if isinstance(value, list | tuple) else value


@cache
def _template(name: str) -> bytes:
    """What all templates share, and the template itself."""
    folder = files("conformance.views") / "templates"
    return (folder / "common.typ").read_bytes() + b"\n" + (folder / name).read_bytes()
