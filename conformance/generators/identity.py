"""Names that no server knows: of resources, types and parameters. Each begins with what says whose they are."""

from typing import Any

from conformance.plugin import generator

LETTERS = "abcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"


@generator("unknown-id")
def unknown_id(*, least: int = 16, most: int = 40) -> Any:
    """A valid FHIR id that no resource has, beginning with `htest-` (https://hl7.org/fhir/R4/datatypes.html#id)."""
    from hypothesis import strategies as st  # noqa: PLC0415 - needed when a suite is planned only

    return st.text(LETTERS + DIGITS + "-.", min_size=least, max_size=most).map(lambda text: f"htest-{text}")


@generator("unknown-type")
def unknown_type() -> Any:
    """A name of the form of a resource type that is none: `Htest…`."""
    from hypothesis import strategies as st  # noqa: PLC0415 - needed when a suite is planned only

    return st.text(LETTERS, min_size=4, max_size=12).map(lambda text: f"Htest{text.capitalize()}")


@generator("unknown-parameter")
def unknown_parameter() -> Any:
    """The name of a search parameter that there is not: `htest-…`."""
    from hypothesis import strategies as st  # noqa: PLC0415 - needed when a suite is planned only

    return st.text(LETTERS, min_size=6, max_size=16).map(lambda text: f"htest-{text}")
