"""The token endpoint: where it is, what it is asked, and the token that it gives, kept until it runs out."""

import base64
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote_plus, urlencode

import httpx

from conformance.errors import TargetError
from conformance.fhir.smart import lifetime
from conformance.model.base import NotJson, strict_json
from conformance.model.target import BackendServices, ClientCredentials
from conformance.outside.assertion import ClientKey, assertion
from conformance.outside.calls import Answer, Call
from conformance.outside.line import Line
from conformance.outside.origins import Origins
from conformance.outside.redact import Redactor
from conformance.outside.secrets import Secrets

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SMART_CONFIGURATION = "/.well-known/smart-configuration"
FORM = "application/x-www-form-urlencoded"
EARLY = 30
"""Seconds before its end at which a token is renewed; also how long a refusal is remembered."""
UNSTATED_LIFETIME = 300.0
OK, UNAUTHORISED = 200, 401


class TokenEndpoint:
    """The token endpoint of the target file, or else the one that the target declares."""

    def __init__(self, given: str, base: str, *, origins: Origins, line: Line, redactor: Redactor) -> None:
        self._given = given
        self._base = base
        self._origins = origins
        self._line = line
        self._redactor = redactor
        self._found = ""
        self._lock = threading.Lock()

    def url(self) -> str:
        """Where tokens are asked for. Raises TargetError where that is unknown or may not get credentials."""
        with self._lock:
            if not self._found:
                url = self._given or self._discovered()
                decision = self._origins.decide(url)
                if not decision.credentials:
                    raise TargetError(
                        f"no credentials are sent to the token endpoint {plain(url)}: {decision.reason}",
                        hint="If it is the supplier's, list its origin in the target file under origins.",
                    )
                self._found = url
            return self._found

    def _discovered(self) -> str:
        where = self._base + SMART_CONFIGURATION
        headers = (("Accept", "application/json"),)
        answer = self._line.ask(Call("GET", httpx.URL(where), headers, raw=True))
        url = _object(answer).get("token_endpoint") if answer.status == OK else None
        if not isinstance(url, str) or not url:
            seen = answer.failure or f"it answered {answer.status}"
            raise TargetError(
                f"the target names no token_endpoint at {where} ({seen})",
                hint="Give auth.tokenUrl in the target file.",
            )
        return url

    def call(self, form: Mapping[str, str], headers: tuple[tuple[str, str], ...] = ()) -> Call:
        """A request for a token."""
        usual = (("Accept", "application/json"), ("Content-Type", FORM))
        content = urlencode({name: value for name, value in form.items() if value}).encode()
        return Call("POST", httpx.URL(self.url()), (*usual, *headers), content, raw=True)

    def token(self, call: Call) -> tuple[str, float]:
        """An access token and for how many seconds it is good. Raises TargetError as the server said."""
        answer = self._line.ask(call)
        where = f"the token endpoint {plain(str(call.url))}"
        if answer.failure:
            raise TargetError(f"no token from {where}: {self._redactor.text(answer.failure)}")
        said = _object(answer)
        if answer.status != OK:
            words = [said[name] for name in ("error", "error_description") if isinstance(said.get(name), str)]
            told = plain(self._redactor.text(": ".join(words)))
            raise TargetError(
                f"{where} refused the credentials: answered {answer.status} {told}".rstrip(),
                hint="Compare clientId, key or secret, and scope with what is registered there.",
            )
        token = said.get("access_token")
        if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
            raise TargetError(f"{where} answered 200 without a usable access_token")
        return token, lifetime(said) or UNSTATED_LIFETIME


class BackendGrant:
    """Asks for tokens as SMART Backend Services does (SMART App Launch 2.2)."""

    def __init__(self, auth: BackendServices, key: ClientKey, endpoint: TokenEndpoint, line: Line) -> None:
        self.auth = auth
        self.key = key
        self.endpoint = endpoint
        self._line = line

    @property
    def audience(self) -> str:
        """What honest assertions name as their audience."""
        return self.auth.audience or self.endpoint.url()

    def call(self, changed: Mapping[str, str] | None = None) -> Call:
        """A good request for a token, but for these parameters; one that is empty is left out."""
        form = {
            "grant_type": "client_credentials",
            "scope": self.auth.scope,
            "client_assertion_type": ASSERTION_TYPE,
        } | dict(changed or {})
        if "client_assertion" not in form:
            form["client_assertion"] = assertion(
                self.key, self.auth.client_id, self.audience, self._line.now()
            )
        return self.endpoint.call(form)


class SecretGrant:
    """Asks for tokens with a client secret (RFC 6749 section 4.4)."""

    def __init__(
        self, auth: ClientCredentials, secret: str, endpoint: TokenEndpoint, secrets: Secrets
    ) -> None:
        self._auth = auth
        self._secret = secret
        self._endpoint = endpoint
        pair = f"{quote_plus(auth.client_id)}:{quote_plus(secret)}"  # RFC 6749 section 2.3.1
        self._basic = base64.b64encode(pair.encode()).decode()
        secrets.add(self._basic, auth.client_secret)

    def call(self) -> Call:
        """A request for a token."""
        form = {"grant_type": "client_credentials", "scope": self._auth.scope}
        if self._auth.style == "basic":
            return self._endpoint.call(form, (("Authorization", f"Basic {self._basic}"),))
        return self._endpoint.call(form | {"client_id": self._auth.client_id, "client_secret": self._secret})


class TokenCache:
    """One token for all threads, renewed before it runs out, and once where it was not accepted."""

    def __init__(self, endpoint: TokenEndpoint, call: Callable[[], Call], secrets: Secrets) -> None:
        self._endpoint = endpoint
        self._call = call
        self._secrets = secrets
        self._lock = threading.Lock()
        self._token = ""
        self._renew_at = 0.0
        self._forced_at = float("-inf")
        self._refusal: tuple[float, TargetError] | None = None

    def headers(self) -> dict[str, str]:
        """The credentials. Raises TargetError where the target gives no token."""
        with self._lock:
            if not self._token or time.monotonic() >= self._renew_at:
                self._fetch()
            return {"Authorization": f"Bearer {self._token}"}

    def renewed(self, refused: Mapping[str, str]) -> bool:
        """Whether, after a 401 to these credentials, there are others to try."""
        with self._lock:
            if refused.get("Authorization") != f"Bearer {self._token}":
                return True  # another thread got a new one meanwhile
            if time.monotonic() - self._forced_at < EARLY:
                return False  # a fresh token was refused too: it is not its age
            self._forced_at = time.monotonic()
            self._fetch()
            return True

    def _fetch(self) -> None:
        if self._refusal and time.monotonic() - self._refusal[0] < EARLY:
            raise self._refusal[1]
        try:
            token, lifetime = self._endpoint.token(self._call())
        except TargetError as error:
            self._refusal = (time.monotonic(), error)
            raise
        self._secrets.add(token, "the access token")
        self._token = token
        self._renew_at = time.monotonic() + max(lifetime - EARLY, lifetime / 2)


def _object(answer: Answer) -> dict[str, Any]:
    try:
        value = strict_json(answer.raw)
    except NotJson:
        return {}
    return value if isinstance(value, dict) else {}


def plain(text: str) -> str:
    """What a server said, fit for a message: on one line, without control characters, not too long."""
    return "".join(character if character.isprintable() else " " for character in text)[:300]
