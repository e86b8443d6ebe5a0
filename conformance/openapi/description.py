"""A description of an API: its operations, what they take and give, and where they are."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from conformance.openapi.reading import Unreadable, read

Json = Any
METHODS = ("get", "head", "options", "post", "put", "patch", "delete", "trace")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
VERSION = re.compile(r"3\.([01])\.\d+(-.+)?")
MOST_HOPS = 40
PARAMETER = re.compile(r"\{([^{}]+)\}")


class Unresolved(ValueError):
    """A reference leads nowhere, out of the document, or round in a circle."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of an operation; `schema` is empty where it is described by a media type."""

    name: str
    place: str
    required: bool
    schema: Json
    value: Mapping[str, Json]

    @property
    def plain(self) -> bool:
        """Whether it is one value in the usual form, so that what stands in an address can be held against it."""
        return bool(self.schema) and "style" not in self.value and "content" not in self.value


@dataclass(frozen=True, eq=False)
class Operation:
    """One method at one path. `name` is how it is told: `GET /messages/{messageId}`."""

    method: str
    path: str
    value: Mapping[str, Json]
    item: Mapping[str, Json]
    whole: "Description"

    @property
    def name(self) -> str:
        """The method and the path, as the description writes it."""
        return f"{self.method} {self.path}"

    @property
    def key(self) -> str:
        """The name without what a key may not hold."""
        return f"{self.method.lower()}{re.sub(r'[^A-Za-z0-9_.-]+', '.', self.path).rstrip('.')}"

    @property
    def safe(self) -> bool:
        """Whether it changes nothing (RFC 9110 section 9.2.1)."""
        return self.method in SAFE

    @property
    def deprecated(self) -> bool:
        """Whether the description says that it is going away."""
        return self.value.get("deprecated") is True

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Those of the operation and those of its path that it does not state anew, as far as they are described."""
        found: dict[tuple[str, str], Parameter] = {}
        for listed in (self.item.get("parameters"), self.value.get("parameters")):
            for each in listed if isinstance(listed, list) else ():
                try:
                    one = self.whole.resolved(each)
                except Unresolved:
                    continue
                name, place = str(one.get("name", "")), str(one.get("in", ""))
                required = one.get("required") is True or place == "path"
                found[name, place] = Parameter(name, place, required, one.get("schema", {}), one)
        return tuple(found.values())

    @cached_property
    def has_unknown_parameters(self) -> bool:
        """Whether it takes parameters that are described elsewhere, or nowhere."""
        listed = (self.item.get("parameters"), self.value.get("parameters"))
        return any(self.whole.is_lost(each) for some in listed if isinstance(some, list) for each in some)

    @property
    def body(self) -> Mapping[str, Json]:
        """The request body that it takes; empty where it takes none. Raises Unresolved."""
        return self.whole.resolved(self.value.get("requestBody", {}))

    @property
    def security(self) -> list[Mapping[str, Json]]:
        """The ways in, each a set of schemes; empty where it is open to anybody."""
        stated = self.value.get("security", self.whole.value.get("security", []))
        ways: list[Mapping[str, Json]] = []
        if isinstance(stated, list):
            ways = [way for way in stated if isinstance(way, dict)]
        return [] if {} in ways else ways

    def response(self, status: int) -> Mapping[str, Json] | None:
        """What is described for a status: by itself, by its class, or by default. Raises Unresolved."""
        responses = self.value.get("responses")
        for key in (str(status), f"{status // 100}XX", f"{status // 100}xx", "default"):
            if isinstance(responses, dict) and key in responses:
                return self.whole.resolved(responses[key])
        return None

    @property
    def statuses(self) -> list[str]:
        """The statuses that are described, as they are written."""
        responses = self.value.get("responses")
        return (
            [str(key) for key in responses if not str(key).startswith("x-")]
            if isinstance(responses, dict)
            else []
        )


@dataclass(frozen=True, eq=False)
class Description:
    """A whole document, read."""

    value: Mapping[str, Json]

    @property
    def minor(self) -> int:
        """The x of OpenAPI 3.x; it is known to be 0 or 1."""
        match = VERSION.fullmatch(str(self.value.get("openapi", "")))
        assert match, "only such descriptions are made"
        return int(match[1])

    @property
    def info(self) -> Mapping[str, Json]:
        """Title, version and the like."""
        info = self.value.get("info")
        return info if isinstance(info, dict) else {}

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """All operations, in the order of path and method; those of a path that cannot be resolved are left out."""
        return tuple(sorted(self._operations(), key=lambda each: (each.path, each.method)))

    def _operations(self) -> Iterator[Operation]:
        paths = self.value.get("paths")
        for path, item in (paths if isinstance(paths, dict) else {}).items():
            try:
                resolved = self.resolved(item)
            except Unresolved:
                continue
            for method in METHODS:
                if path.startswith("/") and isinstance(resolved.get(method), dict):
                    yield Operation(method.upper(), path, resolved[method], resolved, self)

    def operation(self, name: str) -> Operation | None:
        """The operation of that name."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, Operation]:
        return {each.name: each for each in self.operations}

    def at(self, pointer: str) -> Json:
        """What a reference within the document leads to (RFC 6901). Raises Unresolved."""
        if not pointer.startswith("#"):
            raise Unresolved(f"it refers to {pointer!r}, which is another document: that is not fetched")
        found: Json = self.value
        for part in unquote(pointer[1:]).split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            if isinstance(found, dict) and name in found:
                found = found[name]
            elif isinstance(found, list) and name.isascii() and name.isdecimal() and int(name) < len(found):
                found = found[int(name)]
            else:
                raise Unresolved(f"it refers to {pointer!r}, which is not there")
        return found

    def resolved(self, value: Json) -> Mapping[str, Json]:
        """An object, or the one that it refers to. Raises Unresolved."""
        for _ in range(MOST_HOPS):
            if not isinstance(value, dict):
                return {}
            reference = value.get("$ref")
            if not isinstance(reference, str):
                return value
            value = self.at(reference)
        raise Unresolved("a reference leads round in a circle")

    def is_lost(self, value: Json) -> bool:
        """Whether something is a reference that leads nowhere here."""
        try:
            self.resolved(value)
        except Unresolved:
            return True
        return False

    def servers(self, own_address: str) -> list[str]:
        """The addresses that it names as its servers, made absolute by its own."""
        listed = self.value.get("servers")
        found = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
        urls = [_filled(each) for each in found] or ["/"]
        return [urljoin(own_address, url).rstrip("/") for url in urls]

    def base(self, own_address: str, endpoint: str) -> str:
        """Where its paths begin: the server it names at the endpoint or below it, else the endpoint."""
        servers = self.servers(own_address)
        below = (s for s in servers if origin(s) == origin(endpoint) and s.startswith(f"{endpoint}/"))
        return endpoint if endpoint in servers else next(below, endpoint)

    def described(self, path: str) -> list[Operation]:
        """The operations at a concrete path, below the base; those without parameters before others."""
        exact = [each for each in self.operations if each.path == path]
        return exact or [each for each in self.operations if pattern(each.path).fullmatch(path)]


def origin(url: str) -> tuple[str, str]:
    """Scheme and authority; empty where it is no URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc


@lru_cache(maxsize=4096)
def pattern(path: str) -> re.Pattern[str]:
    """A regular expression for the concrete paths of a template, a group for each parameter."""
    parts = re.split(r"(\{[^{}]+\})", path)
    return re.compile("".join("([^/]+)" if part.startswith("{") else re.escape(part) for part in parts))


def taken_apart(template: str, path: str) -> dict[str, str] | None:
    """The values of a template's parameters in a concrete path; None where it is none of its."""
    match = pattern(template).fullmatch(path)
    if match is None:
        return None
    return {
        name: unquote(value) for name, value in zip(PARAMETER.findall(template), match.groups(), strict=True)
    }


def described_by(data: bytes) -> Description:
    """The description in these bytes. Raises Unreadable with what it is instead."""
    return _read_once(data)


@lru_cache(maxsize=4)
def _read_once(data: bytes) -> Description:
    value = read(data)
    if "swagger" in value:
        raise Unreadable(f"it is Swagger {value['swagger']}, which came before OpenAPI 3: convert it")
    stated = value.get("openapi")
    if not isinstance(stated, str):
        raise Unreadable("it states no `openapi` version, so it is no OpenAPI description")
    if not VERSION.fullmatch(stated):
        raise Unreadable(f"it states OpenAPI {stated!r}; 3.0 and 3.1 can be judged")
    return Description(value)


def _filled(server: Mapping[str, Json]) -> str:
    """The address of a server, its variables at their defaults."""
    variables = server.get("variables")
    known = variables if isinstance(variables, dict) else {}

    def default(match: re.Match[str]) -> str:
        variable = known.get(match[1])
        return str(variable.get("default", "")) if isinstance(variable, dict) else ""

    return PARAMETER.sub(default, str(server.get("url", "/")))
