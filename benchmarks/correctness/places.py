"""FHIRPath locations, compared without indices and type casts."""

import re

_INDEX = re.compile(r"\[\d+\]|\.ofType\(\w+\)")


def bare(expression: str) -> str:
    """`Patient.name[0].given[1]` as `Patient.name.given`."""
    return _INDEX.sub("", expression)
