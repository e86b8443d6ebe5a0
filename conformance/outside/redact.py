"""Redaction: what may not be written down is replaced by a keyed tag, at the wire.

A tag is the first 12 hexadecimal digits of HMAC-SHA-256 under a key that is thrown away when the run is
closed: within the run equal values stay comparable and nothing can be guessed from them. In URLs a tag is
written `redacted-…`, which is also a valid FHIR id; everywhere else `[redacted:…]`. The originals stay in
memory, so that a probe can follow a URL which it only knows redacted.

Two layers: secrets are replaced in everything, as soon as it arrives. Ids of people are replaced in what is
published (`published`, `private`, `url`, `sentence`), where the data is not synthetic: the judge, in memory,
has to see them.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from conformance.model.evidence import Exchange, StepEvidence
from conformance.model.target import DataClass
from conformance.outside import keep_lists as keep
from conformance.outside.secrets import Secrets

_TAG = re.compile(r"\[redacted:([0-9a-f]{12})\]|redacted-([0-9a-f]{12})")
_TAGGED = re.compile(r"(?:\[redacted:[0-9a-f]{12}\]|redacted-[0-9a-f]{12})\Z")
_TYPE = re.compile(r"[A-Z][A-Za-z]+\Z")
_WORD = re.compile(r"[$_.]?[A-Za-z][A-Za-z_-]*(?:\.[a-z]{2,6})?\Z|[a-zA-Z]{0,2}\d{1,2}\Z")
_LINK = re.compile(r"<([^>]*)>")
_REL = re.compile(r'\s*;\s*rel="?([a-z-]{1,20})"?')
_VERSION = re.compile(r'(?:W/)?"\d{1,6}"|bytes(?: [0-9*/-]+|=[0-9-]+)')
_CHALLENGE = re.compile(r"(?:^|,)\s*([A-Za-z][A-Za-z0-9-]*)(?=\s+[^\s=,]|\s*(?:,|$))")
_ERROR = re.compile(r'(?<![\w"-])(?i:error)\s*=\s*(?:"([a-z_]{1,40})"|([a-z_]{1,40})(?=\s*(?:,|$)))')
"""In quotes or, as any parameter of a challenge may stand (RFC 9110 section 11.2), without."""
_REALM = re.compile(r'realm="([^"]*)"', re.IGNORECASE)
_PLAIN = re.compile(r"(?:[a-z$_][A-Za-z_$-]*|[A-Z][A-Za-z]+(?:\.[A-Za-z.]+)?|[a-z]+/[a-z+-]+|\d{1,4})\Z")
_QUOTED = re.compile(r"'([^'\n]+)'|\"([^\"\n]+)\"|“([^”\n]+)”")
_ADDRESS = re.compile(r"(?<![\w/])(?:https?:/)?/\S+")
_REFERENCE = re.compile(r"\b([A-Z][A-Za-z]+)/(?!redacted-)([A-Za-z0-9.-]{1,64})")
_DIGITS = re.compile(r"(\[redacted:[0-9a-f]{12}\]|redacted-[0-9a-f]{12})|\d(?:[ -]?\d){8,}")
"""Long numbers; and tags, which may hold one by chance, and are left as they are."""
_LONG = 10**8
"""Numbers from here on may be somebody's."""
_HOLD = 8192
"""A pre-signed URL's secret is found across chunks of a body if it is no longer than this."""


class Redactor:
    """Replaces what may not be written. Deterministic for one key; safe for use by many threads.

    In FHIR's paths a plain word is a name of FHIR's. Elsewhere it may be somebody's id: then without `words`.
    """

    def __init__(
        self, key: bytes, secrets: Secrets, data_class: DataClass, base: str, *, words: bool = True
    ) -> None:
        self._key = key
        self._secrets = secrets
        self._people = data_class is not DataClass.SYNTHETIC
        self._base = urlsplit(base)
        self._words = words
        self._originals: dict[str, str] = {}

    def tag(self, value: str) -> str:
        """The tag of a value, for text."""
        return f"[redacted:{self._digest(value)}]"

    def _url_tag(self, value: str) -> str:
        return value if _TAGGED.match(value) else f"redacted-{self._digest(value)}"

    def _digest(self, value: str) -> str:
        data = value.encode("utf-8", "surrogatepass")
        digest = hmac.new(self._key, data, hashlib.sha256).hexdigest()[:12]
        self._originals[digest] = value
        return digest

    def reveal(self, text: str) -> str:
        """The text with every tag of this process replaced by what it stands for: for the wire only."""
        if "redacted" not in text:
            return text
        return _TAG.sub(lambda match: self._originals.get(match[1] or match[2], match[0]), text)

    def text(self, text: str) -> str:
        """The text without secrets."""
        data = text.encode("utf-8", "surrogatepass")
        clean = self._secrets.replaced(data, self.tag)
        return text if clean is data else clean.decode("utf-8", "surrogatepass")

    def url(self, url: str, *, people: bool | None = None) -> str:
        """The URL without secrets and, where the data is not synthetic, without ids and searched values."""
        people = self._people if people is None else people
        rest, hash_mark, fragment = url.partition("#")
        rest, question, query = rest.partition("?")
        scheme, slashes, place = rest.rpartition("://")
        authority, slash, path = place.partition("/") if slashes else ("", "", rest)
        user, at, host = authority.rpartition("@")
        user = self._url_tag(user) if user else ""
        path = self._path(path) if people else path
        last = rest.rstrip("/").rpartition("/")[2]
        searched = bool(_TYPE.match(last)) or last.startswith(("_search", "$"))
        query = self._parameters(query, people=people, search=searched)
        fragment = self._url_tag(fragment) if fragment else ""
        joined = f"{scheme}{slashes}{user}{at}{host}{slash}{path}{question}{query}{hash_mark}{fragment}"
        data = joined.encode("utf-8", "surrogatepass")
        clean = self._secrets.replaced(data, self._url_tag)
        return clean.decode("utf-8", "surrogatepass")

    def _path(self, path: str) -> str:
        segments = path.split("/")
        base = self._base.path.split("/")[0 if path.startswith("/") else 1 :]
        previous, kept = "", []
        for index, segment in enumerate(segments):
            own = index < len(base) and segments[: index + 1] == base[: index + 1]
            after_type = bool(_TYPE.match(previous)) and not segment.startswith(("$", "_"))
            plain = not segment or (self._words and bool(_WORD.match(segment)) and not after_type)
            kept.append(segment if own or plain else self._url_tag(segment))
            previous = "" if own else segment
        return "/".join(kept)

    def form(self, text: str) -> str:
        """A form body (`a=b&c=d`), redacted as a query is; `code` is a secret where it is a grant."""
        return self._parameters(text, people=self._people, search="grant_type=" not in text)

    def _parameters(self, query: str, *, people: bool, search: bool) -> str:
        if not query:
            return query
        pairs = [pair.partition("=") for pair in query.split("&")]
        return "&".join(
            name + equals + self._parameter(name, value, people=people, search=search)
            for name, equals, value in pairs
        )

    def _parameter(self, name: str, value: str, *, people: bool, search: bool) -> str:
        secret = keep.SECRET_PARAMETERS.fullmatch(name) or (name.lower() == "code" and not search)
        private = people and name.partition(":")[0] not in keep.PUBLIC_PARAMETERS
        return self._url_tag(value) if value and (secret or private) else value

    def headers(self, pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """Headers of a request or an answer by keep-list; all other values are tags."""
        return tuple((name, self._header(name.lower(), value)) for name, value in pairs)

    def _header(self, name: str, value: str) -> str:
        if name in keep.URL_HEADERS:
            return self.url(value, people=False)
        if name == "link":
            return self.text(_LINK.sub(lambda match: f"<{self.url(match[1], people=False)}>", value))
        if name == "www-authenticate":
            return self.text(_challenges(value))
        if name in keep.HEADERS or name.startswith(keep.HEADER_PREFIXES):
            return self.text(value)
        return self.tag(value)

    def body(self, data: bytes, media_type: str) -> bytes:
        """A whole body without secrets; tokens that it issues are registered as secrets."""
        return b"".join(self.stream([data], media_type))

    def stream(self, chunks: Iterable[bytes], media_type: str, *, file: bool = False) -> Iterator[bytes]:
        """A body in chunks, without secrets. Files keep what only looks like a secret."""
        if media_type == "application/x-www-form-urlencoded":
            yield self.form(b"".join(chunks).decode("utf-8", "replace")).encode()
            return
        replace = self._secrets_only if file else self._looked_through
        held = b""
        hold = max(self._secrets.longest - 1, 0) if file else max(self._secrets.longest, _HOLD)
        for chunk in chunks:
            held += chunk
            if len(held) > hold:
                held = replace(held, False)
                cut = max(0, len(held) - hold)
                yield held[:cut]
                held = held[cut:]
        if held:
            yield replace(held, True)

    def _secrets_only(self, data: bytes, _end: bool) -> bytes:  # noqa: FBT001 - called by position above
        return self._secrets.replaced(data, self.tag)

    def _looked_through(self, data: bytes, end: bool) -> bytes:  # noqa: FBT001 - called by position above
        if b"_token" in data:
            data = keep.TOKENS_IN_BODY.sub(self._issued, data)
        if b"?" in data:
            for secrets in keep.SECRETS_IN_BODY:
                data = secrets.sub(partial(self._signed, end=end), data)
        return self._secrets.replaced(data, self.tag)

    def _issued(self, match: re.Match[bytes]) -> bytes:
        if match["value"].startswith(b"[redacted:"):
            return match[0]
        try:
            value = str(json.loads(b'"' + match["value"] + b'"'))
        except ValueError:
            value = match["value"].decode("utf-8", "replace")
        self._secrets.add(value, "a token that the target issued")
        return match["name"] + b'"' + self.tag(value).encode() + b'"'

    def _signed(self, match: re.Match[bytes], *, end: bool) -> bytes:
        if match.end() == len(match.string) and not end:
            return match[0]  # it may go on in the next chunk
        value = match["value"].replace(b"\\/", b"/").decode("utf-8", "replace")
        return match["name"] + self._url_tag(value).encode()

    def sentence(self, text: str) -> str:
        """A finding without quoted values, ids and long numbers, where the data is not synthetic."""
        text = self.text(text)
        if not self._people:
            return text
        text = _ADDRESS.sub(self._address, text)
        text = _QUOTED.sub(self._quoted, text)
        text = _REFERENCE.sub(lambda match: f"{match[1]}/{self._url_tag(match[2])}", text)
        return _DIGITS.sub(lambda match: match[1] or self.tag(match[0]), text)

    def _address(self, match: re.Match[str]) -> str:
        url = match[0].rstrip(".,;:)'\"")
        return self.url(url) + match[0][len(url) :]

    def _quoted(self, match: re.Match[str]) -> str:
        value = match[1] or match[2] or match[3]
        tagged = value if _TAGGED.match(value) else self.tag(value)
        return f"{match[0][0]}{tagged}{match[0][-1]}"

    def strings(self, value: Any) -> Any:
        """Plain JSON data without secrets, in its names too."""
        if isinstance(value, dict):
            return {self.text(str(name)): self.strings(member) for name, member in value.items()}
        if isinstance(value, list):
            return [self.strings(each) for each in value]
        return self.text(value) if isinstance(value, str) else value

    def published(self, evidence: StepEvidence) -> StepEvidence:
        """The evidence as it may be written: where the data is not synthetic, without ids and values."""
        if not self._people:
            return evidence
        return evidence.model_copy(
            update={
                "exchanges": tuple(self._published(exchange) for exchange in evidence.exchanges),
                "notes": self.private(evidence.notes),
                "untestable": self.sentence(evidence.untestable),
                "crash": self.sentence(evidence.crash),
            }
        )

    def _published(self, exchange: Exchange) -> Exchange:
        request_headers = dict(self._without_people(exchange.request_headers.items()))
        update = {
            "url": self.url(exchange.url),
            "about": self.private(exchange.about),
            "request_headers": request_headers,
            "headers": self._without_people(exchange.headers),
            "failure": self.sentence(exchange.failure),
        }
        return exchange.model_copy(update=update)

    def _without_people(self, pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        return tuple((name, self._published_header(name.lower(), value)) for name, value in pairs)

    def _published_header(self, name: str, value: str) -> str:
        if name in keep.URL_HEADERS:
            return self.url(value)
        if name == "link":
            relations = [
                (self.url(match[1]), _REL.search(value, match.end())) for match in _LINK.finditer(value)
            ]
            return ", ".join(f"<{url}>" + (f'; rel="{rel[1]}"' if rel else "") for url, rel in relations)
        if name == "www-authenticate":
            return ", ".join(match[1] for match in _CHALLENGE.finditer(value))
        if (
            name in keep.SPOKEN_HEADERS
            and value
            and not _VERSION.fullmatch(value)
            and not _TAGGED.match(value)
        ):
            return self.tag(value)
        return self.form(value) if name == "if-none-exist" else value

    def private(self, value: Any) -> Any:
        """Plain JSON data (arguments, bound values, notes) without what may be about a person; names stay."""
        return self._private(value, public=False) if self._people else value

    def _private(self, value: Any, *, public: bool) -> Any:
        if isinstance(value, dict):
            return {
                name: self._private(each, public=name in keep.PUBLIC_ABOUT) for name, each in value.items()
            }
        if isinstance(value, list | tuple):
            return [self._private(each, public=public) for each in value]
        if isinstance(value, int) and abs(value) >= _LONG:
            return self.tag(str(value))
        if (
            not isinstance(value, str)
            or not value
            or _TAGGED.match(value)
            or (public and _PLAIN.match(value))
        ):
            return value
        if value.startswith("/") or "://" in value:
            return self.url(value)
        return self.sentence(value) if _REFERENCE.fullmatch(value) else self.tag(value)


def _challenges(value: str) -> str:
    """The schemes of a WWW-Authenticate header (RFC 9110 section 11.6.1), their realms and error codes, no more."""
    starts = list(_CHALLENGE.finditer(value))
    parts = []
    for match, following in zip(starts, [*starts[1:], None], strict=True):
        end = following.start() if following else len(value)
        realm, error = _REALM.search(value, match.end(), end), _ERROR.search(value, match.end(), end)
        told = [f'realm="{realm[1]}"'] if realm else []
        told += [f'error="{error[1] or error[2]}"'] if error else []
        parts.append(f"{match[1]} {', '.join(told)}".rstrip())
    return ", ".join(parts)
