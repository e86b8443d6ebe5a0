"""Content negotiation: which of two formats a client would rather have.

See RFC 9110, section 12.5.1, and https://hl7.org/fhir/R4/http.html#mime-type.
"""

from dataclasses import dataclass

JSON_FORMATS = frozenset({"json", "application/json", "application/fhir+json", "text/json"})
XML_FORMATS = frozenset({"xml", "application/xml", "application/fhir+xml", "text/xml"})
GENERIC_JSON = frozenset({"application/json", "text/json"})
_FHIR_VERSION = "4.0"


@dataclass(frozen=True)
class Range:
    """One media range of an Accept header: its name in lower case, its weight, the version of FHIR it asks for."""

    name: str
    weight: float
    version: str

    def covers(self, name: str) -> bool:
        """Whether a media type is within the range."""
        return self.name in {name, "*/*"} or (
            self.name.endswith("/*") and name.startswith(self.name.removesuffix("*"))
        )


def read(accept: str, *, any_version: bool = False, with_version: bool = True) -> list[Range]:
    """The ranges of an Accept header, without those that ask for another version of FHIR.

    `any_version` keeps those too; without `with_version`, a range that names any version is left out.
    """
    ranges = []
    for part in accept.split(","):
        name, *options = (piece.strip().lower() for piece in part.split(";"))
        given = dict(option.split("=", 1) for option in options if "=" in option)
        version = given.get("fhirversion", _FHIR_VERSION)
        if not name or ("fhirversion" in given and not with_version):
            continue
        if any_version or version == _FHIR_VERSION:
            ranges.append(Range(name, _weight(given.get("q", "1")), version))
    return ranges


def weight_of(names: frozenset[str], ranges: list[Range]) -> float:
    """How much a client would like one of these media types: by the most specific range that covers one."""
    return max((_weight_of(name, ranges) for name in names if "/" in name), default=0.0)


def _weight_of(name: str, ranges: list[Range]) -> float:
    covering = [each for each in ranges if each.covers(name)]
    if not covering:
        return 0.0
    return min(covering, key=lambda each: (each.name == "*/*", each.name.endswith("/*"))).weight


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 1.0
