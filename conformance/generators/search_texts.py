"""Texts that are awkward to search for: every script, what separates and escapes, white space, great length."""

from typing import Any
from urllib.parse import quote

from conformance.fhir.search.criteria import SEPARATORS, escaped
from conformance.generators.people import SCRIPTS
from conformance.plugin import generator

AWKWARD = f"{SEPARATORS}%&+#'\"<>;:/?=*()[]{{}}_- "
LONG = 1200


@generator("odd-text")
def odd_text(*, most: int = 40) -> Any:
    """A text for a search, escaped as FHIR asks and percent-encoded: ready to stand behind `name=` in a URL.

    Letters of one script, characters that separate, escape or mean something elsewhere, white space, or much of it.
    """
    from hypothesis import strategies as st  # noqa: PLC0415 - needed when a suite is planned only

    letters = st.sampled_from(SCRIPTS).flatmap(lambda script: st.text(script, min_size=1, max_size=most))
    awkward = st.text(AWKWARD, min_size=1, max_size=most)
    unicode = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=most)
    mixed = st.tuples(letters, awkward, letters).map("".join)
    spaced = letters.map(lambda text: f"  {text}\t {text}  ")
    long = letters.map(lambda text: text * (LONG // len(text)))
    return st.one_of(mixed, awkward, unicode, spaced, long).map(lambda text: quote(escaped(text), safe=""))
