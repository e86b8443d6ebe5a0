"""FHIRPath locations of two validators brought into one form, so that they can be compared."""

import re

_COMMENT = re.compile(r"/\*.*?\*/")
_CAST = re.compile(r"\.ofType\(\w+\)|\.as\(\w+\)")
_XPATH = re.compile(r"/(?:\w+:)?(\w+)")


def location(expression: str) -> str:
    """`Bundle.entry[0].resource/*Patient/1*/.value.ofType(string)` as `Bundle.entry[0].resource.value`.

    The reference validator adds comments that name resources, and gives the place of XML syntax errors as XPath.
    """
    if expression.startswith("/"):
        return ".".join(_XPATH.findall(expression))
    return _CAST.sub("", _COMMENT.sub("", expression)).rstrip(".")
