"""Whether a request is one that an operation's description allows: so that nobody need believe who made it up.

Sources: OpenAPI 3.1.1 sections 4.8.12 (parameters, their styles) and 4.8.13 (request body). Only what can be told
from the request itself is held against the description: parameters in the usual style, and JSON bodies.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from conformance.model.base import NotJson, strict_json
from conformance.openapi.description import Description, Json, Operation, Parameter, Unresolved, taken_apart
from conformance.openapi.schemas import Problem, Undecidable, problems

_WRONG_KIND = "is not of type"
UNKNOWN = ("redacted-", "[redacted:")
"""So begins what was replaced before it was recorded."""


_RULES = frozenset(
    ["enum", "const", "pattern", "format", "minLength", "maxLength", "not", "allOf", "anyOf", "oneOf", "if"]
)
"""What a schema of texts can refuse a text by."""


@dataclass(frozen=True)
class Sent:
    """A request to an operation: its path below the base, its query in order, names of headers in lower case, body."""

    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: frozenset[str] = field(default_factory=frozenset)
    media_type: str = ""
    body: bytes = b""


@dataclass(frozen=True)
class Wrong:
    """One way in which a request departs from the description, in which part of it, and which rule it breaks."""

    place: str
    said: str
    rule: str = ""


def departures(operation: Operation, sent: Sent) -> list[Wrong]:
    """How a request departs from what the operation takes; none where it is a right one.

    Raises Undecidable and Unresolved where nobody can tell.
    """
    return [*_of_parameters(operation, sent), *_of_body(operation, sent)]


def can_be_wrong(operation: Operation) -> bool:
    """Whether anything that an operation takes can depart from its description; where nobody can tell, it can."""
    try:
        return bool(operation.body) or any(
            _can_be_wrong(operation.whole, one) for one in operation.parameters
        )
    except Unresolved:
        return True


def _can_be_wrong(description: Description, one: Parameter) -> bool:
    if one.place == "cookie" or (one.place == "header" and not one.required):
        return False
    if one.place != "path" and one.required:
        return True
    schema = description.resolved(one.schema)
    kinds = schema.get("type", [])
    takes_text = not kinds or "string" in (kinds if isinstance(kinds, list) else [kinds])
    return one.plain and (not takes_text or bool(_RULES & set(schema)))


def _of_parameters(operation: Operation, sent: Sent) -> Iterator[Wrong]:
    in_path = taken_apart(operation.path, sent.path)
    if in_path is None:
        raise Undecidable(f"{sent.path} is no address of {operation.name}")
    known = {one.name for one in operation.parameters if one.place == "query"}
    if operation.has_unknown_parameters and any(name not in known for name, _ in sent.query):
        raise Undecidable("some of its parameters are described in another document")
    for one in operation.parameters:
        if one.place == "path":
            texts = [in_path[one.name]] if one.name in in_path else []
        elif one.place == "query":
            texts = [value for name, value in sent.query if name == one.name]
        elif one.place == "header" and one.required and one.name.lower() not in sent.headers:
            yield Wrong("header", f"the required header {one.name} is missing")
            continue
        else:
            continue
        if not texts and one.required and one.plain:
            yield Wrong(one.place, f"the required parameter {one.name} is missing")
        elif texts and one.plain and (said := _text_problem(operation.whole, one, texts)):
            yield Wrong(one.place, f"the parameter {one.name}: {said}", f"{one.name} {said.rule}")


def _text_problem(description: Description, one: Parameter, texts: list[str]) -> Problem | None:
    """Why none of the ways to read these texts fits the parameter's schema; None where one does."""
    if any(text.startswith(UNKNOWN) for text in texts):
        return None
    found: Problem | None = None
    for value in _readings(texts, one):
        wrong = problems(description, one.schema, value, "request")
        if not wrong:
            return None
        if found is None or (_WRONG_KIND in found and _WRONG_KIND not in wrong[0]):
            found = wrong[0]  # of a number read as text, and of a text read as a number, the other says more
    return found


def _readings(texts: list[str], one: Parameter) -> Iterator[Json]:
    """All that these texts of an address may stand for, the likeliest first."""
    scalars = [list(_scalars(text)) for text in texts]
    if len(texts) == 1:
        yield from scalars[0]
        yield [scalars[0][0]]
        pieces = [next(_scalars(piece)) for piece in texts[0].split(",")]
        if one.place == "path" or one.value.get("explode") is False:
            yield pieces
    yield list(texts)
    yield [each[0] for each in scalars]


def _scalars(text: str) -> Iterator[Json]:
    try:
        value = strict_json(text)
    except NotJson:
        value = text
    if not isinstance(value, str | list | dict):
        yield value
    yield text


def _of_body(operation: Operation, sent: Sent) -> Iterator[Wrong]:
    taken = operation.body
    content = taken.get("content")
    if not isinstance(content, dict) or not content:
        return
    if not sent.body:
        if taken.get("required") is True:
            yield Wrong("body", "the required body is missing")
        return
    stated = media_of(content, sent.media_type)
    if stated is None:
        yield Wrong("body", f"the media type {sent.media_type or 'none'} is not taken")
        return
    if not is_json(sent.media_type):
        raise Undecidable(f"a body of {sent.media_type} cannot be held against a schema")
    try:
        value = strict_json(sent.body)
    except NotJson as error:
        yield Wrong("body", f"it is no JSON: {error}")
        return
    for said in problems(operation.whole, stated.get("schema", {}), value, "request"):
        yield Wrong("body", said, said.rule)


def media_of(content: Json, media_type: str) -> dict[str, Json] | None:
    """What is described for a media type: by itself, or by a range that holds it; None where nothing is."""
    known = (
        {str(name).partition(";")[0].strip().lower(): value for name, value in content.items()}
        if isinstance(content, dict)
        else {}
    )
    kind = media_type.partition("/")[0]
    for name in (media_type, f"{kind}/*", "*/*"):
        if name in known:
            return known[name] if isinstance(known[name], dict) else {}
    return None


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON (RFC 6839)."""
    return media_type == "application/json" or media_type.endswith("+json")
