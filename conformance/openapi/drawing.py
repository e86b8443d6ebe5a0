"""Requests made up from an operation's description: as it shows them, drawn right, and drawn wrong, by Schemathesis.

The same description, number and releases of the libraries give the same requests. They are no more than proposals:
whether one is right or wrong is told by `requests.departures`, from the request itself.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from weakref import WeakKeyDictionary

from conformance.openapi.description import Operation, Unresolved
from conformance.openapi.examples import Drawn, Kind, is_right
from conformance.openapi.requests import Sent, Wrong, departures
from conformance.openapi.schemas import Undecidable

DRAWN = 12
MOST_COVERING = 150
GENERATION = {"allow-x00": False, "allow-extra-parameters": False, "with-security-parameters": False}
LONGEST_ADDRESS = 1_500
NOWHERE = "http://drawn.invalid"
DRAWING = threading.Lock()
"""Drawing is quick and holds much state: one at a time."""
_OWN = frozenset(
    {"user-agent", "accept-encoding", "accept", "connection", "x-schemathesis-testcaseid", "content-length"}
)


@dataclass(frozen=True)
class _Cases:
    """What Schemathesis proposes for an operation: its own cases, not yet requests to a path."""

    valid: list[Any]
    invalid: list[Any]


_KEPT: WeakKeyDictionary[Operation, dict[int, _Cases]] = WeakKeyDictionary()
"""The cases drawn for operations that are still held, by seed. `DRAWING` guards them too."""


class NotInstalled(Exception):
    """Schemathesis is not there."""


@cache
def drawn_by() -> str:
    """The libraries that draw, with their releases. Raises NotInstalled."""
    try:
        import schemathesis  # noqa: F401, PLC0415 - an extra, and slow to load
    except ImportError:
        raise NotInstalled from None
    return ", ".join(
        f"{name} {version(name)}"
        for name in ("schemathesis", "hypothesis", "hypothesis-jsonschema")
        if _has(name)
    )


def draw(operation: Operation, path: str, seed: int, most_valid: int, most_invalid: int) -> list[Drawn]:
    """Requests to an operation at one concrete path: right ones, then wrong ones of as many kinds as there are.

    Raises NotInstalled, and Undecidable where the description defeats whoever draws.
    """
    drawn_by()
    with DRAWING:
        cases = _cases(operation, seed)
        valid = [
            each for each in _made_of(cases.valid, operation, path, "valid") if is_right(operation, each)
        ]
        wrong = list(_distinct(operation, _made_of(cases.invalid, operation, path, "invalid")))
    return [*_unlike(valid)[:most_valid], *wrong[:most_invalid]]


def _cases(operation: Operation, seed: int) -> _Cases:
    """What is drawn for an operation, whatever the path: once for each seed, for as long as the operation is held."""
    kept = _KEPT.setdefault(operation, {})
    if seed not in kept:
        try:
            schema = _alone(operation)
        except Exception as error:  # noqa: BLE001 - what the library raises is its own matter, and many
            raise _undrawable(error) from None
        valid = _drawn(schema, seed, "valid")
        kept[seed] = _Cases(valid, [*_covering(schema, operation), *_drawn(schema, seed, "invalid")])
    return kept[seed]


def _alone(operation: Operation) -> Any:
    """The operation as Schemathesis sees it: with what it refers to, without others and without its ways in."""
    from schemathesis import openapi  # noqa: PLC0415 - an extra
    from schemathesis.config import SchemathesisConfig  # noqa: PLC0415

    left_out = {"security", "callbacks", "servers"}
    own = {name: each for name, each in operation.value.items() if name not in left_out}
    item = {"parameters": operation.item.get("parameters", []), operation.method.lower(): own}
    whole = operation.whole.value
    raw = {
        "openapi": whole["openapi"],
        "info": {"title": "one operation", "version": "1"},
        "paths": {operation.path: item},
        "components": _needed(item, whole.get("components")),
    }
    config = SchemathesisConfig.from_dict({"generation": GENERATION})
    return openapi.from_dict(_inward(raw), config=config)[operation.path][operation.method]


def _needed(value: Any, components: Any) -> dict[str, dict[str, Any]]:
    """The components to which something refers, and those to which these refer, and so on."""
    found: dict[str, dict[str, Any]] = {}
    waiting = [value]
    while waiting:
        each = waiting.pop()
        waiting += each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
        reference = each.get("$ref") if isinstance(each, dict) else None
        if not isinstance(reference, str) or not reference.startswith("#/components/"):
            continue
        kind, _, rest = reference.removeprefix("#/components/").partition("/")
        name = unquote(rest.partition("/")[0]).replace("~1", "/").replace("~0", "~")
        held = components.get(kind) if isinstance(components, dict) else None
        if isinstance(held, dict) and name in held and name not in found.setdefault(kind, {}):
            found[kind][name] = held[name]
            waiting.append(held[name])
    return found


def _inward(value: Any) -> Any:
    """A copy in which nothing refers to another document, so that nobody goes and fetches it."""
    if isinstance(value, dict):
        return {} if _leads_out(value) else {name: _inward(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_inward(each) for each in value if not _leads_out(each)]
    return value


def _leads_out(value: Any) -> bool:
    reference = value.get("$ref") if isinstance(value, dict) else None
    return isinstance(reference, str) and not reference.startswith("#")


def _drawn(schema: Any, seed: int, kind: Kind) -> list[Any]:
    import hypothesis  # noqa: PLC0415 - half a second that only drawing pays for
    from schemathesis import GenerationMode  # noqa: PLC0415 - an extra

    mode = GenerationMode.POSITIVE if kind == "valid" else GenerationMode.NEGATIVE
    found: list[Any] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=DRAWN,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(schema.as_strategy(generation_mode=mode))
    def collect(case: Any) -> None:
        found.append(case)

    try:
        collect()
    except Exception as error:  # noqa: BLE001 - what the library raises is its own matter, and many
        if _is_unsatisfiable(error):
            return found
        raise _undrawable(error) from None
    return found


def _covering(schema: Any, operation: Operation) -> list[Any]:
    """Cases that break one rule of the description each, rule by rule."""
    from schemathesis import GenerationMode  # noqa: PLC0415 - an extra

    configured = schema.schema.config.generation_for(operation=schema)
    cases = schema.schema.iter_coverage_cases(
        schema, generation_modes=[GenerationMode.NEGATIVE], generation_config=configured
    )
    try:
        return [case for case in islice(cases, MOST_COVERING) if case.method.upper() == operation.method]
    except Exception as error:  # noqa: BLE001 - as above
        raise _undrawable(error) from None


def _made_of(cases: list[Any], operation: Operation, path: str, kind: Kind) -> list[Drawn]:
    """The cases that HTTP can carry, as requests."""
    try:
        made = [_made(case, operation, path, kind) for case in cases]
    except Exception as error:  # noqa: BLE001 - as above
        raise _undrawable(error) from None
    return [each for each in made if each is not None]


def _undrawable(error: Exception) -> Undecidable:
    said = f"{type(error).__name__}: {str(error)[:200]}"
    return Undecidable(f"no request could be drawn from it ({said})")


def _is_unsatisfiable(error: Exception) -> bool:
    from hypothesis.errors import Unsatisfiable  # noqa: PLC0415

    return isinstance(error, Unsatisfiable)


def _made(case: Any, operation: Operation, path: str, kind: Kind) -> Drawn | None:
    """A case as a request: with the known path in place of a drawn one, unless that is what is wrong with it."""
    import requests  # noqa: PLC0415 - comes with Schemathesis

    said = str(getattr(case.meta.phase.data, "description", "")) if case.meta else ""
    try:
        prepared = requests.Request(**case.as_transport_kwargs(base_url=NOWHERE)).prepare()
    except (ValueError, TypeError, requests.RequestException):
        return None  # nothing that HTTP can carry
    parts = urlsplit(str(prepared.url))
    query = tuple(parse_qsl(parts.query, keep_blank_values=True))
    own = parts.path if kind == "invalid" and _about_the_path(case) else path
    headers = {name: str(value) for name, value in prepared.headers.items() if name.lower() not in _OWN}
    body = prepared.body or b""
    content = body.encode() if isinstance(body, str) else bytes(body)
    media_type = headers.pop("Content-Type", "").partition(";")[0].strip().lower() if content else ""
    names = frozenset(name.lower() for name in headers)
    declared = {one.name.lower() for one in operation.parameters if one.place == "header"}
    sent = Sent(own, query, names & declared, media_type, content)
    kept = {name: value for name, value in headers.items() if name.lower() in declared}
    url = own + (f"?{parts.query}" if parts.query else "")
    return Drawn(kind, said, sent, url, kept, parts.path, case) if len(url) <= LONGEST_ADDRESS else None


def _about_the_path(case: Any) -> bool:
    if case.meta is None:
        return False
    told = case.meta.phase.data
    places = [each.parameter_location for each in getattr(told, "mutations", ())] or [told.parameter_location]
    return all(place is not None and place.value == "path" for place in places)


def _distinct(operation: Operation, proposed: list[Drawn]) -> Iterator[Drawn]:
    """Those that are certainly wrong, one for each rule that they break; those that break one rule come first."""
    certain: list[tuple[list[Wrong], Drawn]] = []
    for each in proposed:
        try:
            wrong = departures(operation, each.sent)
        except (Undecidable, Unresolved):
            continue
        if wrong:
            certain.append((wrong, each))
    seen: set[tuple[str, str]] = set()
    for wrong, each in sorted(
        certain, key=lambda pair: (len(pair[0]), len(pair[1].url) + len(pair[1].sent.body))
    ):
        broken = {(one.place, one.rule) for one in wrong}
        if not broken <= seen:
            seen |= broken
            yield replace(each, said="; ".join(f"{one.place}: {one.said}" for one in wrong))


def _unlike(drawn: list[Drawn]) -> list[Drawn]:
    return list({(each.url, each.sent.body): each for each in drawn}.values())


def _has(name: str) -> bool:
    from importlib.metadata import PackageNotFoundError  # noqa: PLC0415

    try:
        return bool(version(name))
    except PackageNotFoundError:
        return False
