"""References: which resource a literal reference names (https://hl7.org/fhir/R4/references.html#literal)."""

import re

_LITERAL = re.compile(
    r"(?:^|/)(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9.-]{1,64})(?:/_history/[A-Za-z0-9.-]{1,64})?$"
)

_PLAIN = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._~-]+")
"""What stands for itself in the path of a URL (RFC 3986 section 2.3), and is no step up or to the same place."""

_VERSIONED = re.compile(r"/_history/(?P<version>[A-Za-z0-9.-]{1,64})$")


def named(reference: object) -> str | None:
    """`Type/id` of the resource that a relative or absolute reference names, whatever its version and server.

    None for what names no resource by its id: a contained resource, a urn:uuid, a conditional reference.
    """
    match = _LITERAL.search(reference) if isinstance(reference, str) else None
    return f"{match['type']}/{match['id']}" if match else None


def named_at(reference: object, base: str) -> str | None:
    """`Type/id` as above, of a resource of the server at this base; None where it is another server's."""
    found = named(reference)
    foreign = (
        isinstance(reference, str) and "://" in reference and not reference.startswith(f"{base}/{found}")
    )
    return None if foreign else found


def plain_id(value: object) -> str | None:
    """The value where it can be asked for as an id; None where a path would lead elsewhere by it, or it is no text."""
    return value if isinstance(value, str) and _PLAIN.fullmatch(value) else None


def id_in(location: object, resource_type: str) -> str | None:
    """The id in a URL of a resource of this type, with or without its version; None where there is none."""
    found = named(location)
    return (
        plain_id(found.split("/")[1]) if found is not None and found.startswith(f"{resource_type}/") else None
    )


def version_in(location: object) -> str | None:
    """The version that a URL of a resource names; None where it names none."""
    match = _VERSIONED.search(location) if isinstance(location, str) else None
    return match["version"] if match else None
