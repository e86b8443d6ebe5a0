"""Credentials: the tester's own, none, or such as nobody issued, and where they may go."""

import secrets as randomness
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from conformance.model.target import BackendServices, ClientCredentials, StaticBearer, StaticHeaders, Target
from conformance.outside.assertion import client_key
from conformance.outside.calls import Answer, Call
from conformance.outside.line import Line
from conformance.outside.origins import Origins
from conformance.outside.redact import Redactor
from conformance.outside.secrets import Secrets
from conformance.outside.tokens import UNAUTHORISED, BackendGrant, SecretGrant, TokenCache, TokenEndpoint
from conformance.plugin import Credentials

_LETTING_IN = frozenset({"authorization", "proxy-authorization", "cookie"})


class Provider(Protocol):
    """Gives the tester's own credentials."""

    def headers(self) -> dict[str, str]:
        """The headers that let the tester in. Raises TargetError."""

    def renewed(self, refused: Mapping[str, str]) -> bool:
        """Whether, after a 401 to these, there are other credentials to try."""


class FixedCredentials:
    """Credentials that were given and do not change: none, a bearer token, an API key."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = dict(headers)

    def headers(self) -> dict[str, str]:
        """The headers that were given."""
        return self._headers

    def renewed(self, _refused: Mapping[str, str]) -> bool:
        """They cannot be renewed."""
        return False


class Access:
    """Sends calls with the credentials that a probe asks for, as far as the policy lets them go there.

    `grant` is there where the target is asked for tokens with client assertions.
    """

    def __init__(
        self,
        provider: Provider,
        origins: Origins,
        line: Line,
        *,
        names: frozenset[str],
        grant: BackendGrant | None,
    ) -> None:
        self._provider = provider
        self._origins = origins
        self._line = line
        self._names = names
        self._letting_in = _LETTING_IN | {name.lower() for name in names}
        self.grant = grant

    def send(self, call: Call, whose: Credentials) -> tuple[Call, Answer, Credentials]:
        """The call as sent, its answer, whose credentials went. Raises TargetError, Interrupted."""
        decision = self._origins.decide(call.url)
        if not decision.allowed:
            return call, self._line.ask(call), "none"
        if not decision.credentials:
            call = replace(call, headers=tuple(pair for pair in call.headers if not self._lets_in(pair[0])))
        if any(self._lets_in(name) for name, _ in call.headers):
            return call, self._line.ask(call), "bad"  # the probe's own: not the tester's
        if whose == "bad":
            values = {name: randomness.token_urlsafe(32) for name in self._names}
            sent = replace(call, headers=_with(call, values))
            return sent, self._line.ask(sent), "bad"
        headers = self._provider.headers() if whose == "own" and decision.credentials else {}
        if not headers:
            return call, self._line.ask(call), "none"
        return self._as_oneself(call, headers)

    def _as_oneself(self, call: Call, headers: dict[str, str]) -> tuple[Call, Answer, Credentials]:
        sent = self._as_own(call, headers)
        answer = self._line.ask(sent)
        if answer.status == UNAUTHORISED and self._provider.renewed(headers):
            sent = self._as_own(call, self._provider.headers())
            again = self._line.ask(sent)
            answer = replace(again, attempts=answer.attempts + again.attempts)
        return sent, answer, "own"

    def _as_own(self, call: Call, headers: Mapping[str, str]) -> Call:
        """The call with the tester's credentials, able to get others: what takes hours outlives a token."""

        def renewed(refused: bool) -> Call | None:  # noqa: FBT001 - a callback's one argument
            if refused and not self._provider.renewed(headers):
                return None
            return self._as_own(call, self._provider.headers())

        return replace(call, headers=_with(call, headers), renewed=renewed)

    def _lets_in(self, name: str) -> bool:
        return name.lower() in self._letting_in


def _with(call: Call, headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    values = {
        name: f"Bearer {value}" if name == "Authorization" and " " not in value else value
        for name, value in headers.items()
    }
    return (*call.headers, *values.items())


def access(
    target: Target, folder: Path, *, origins: Origins, line: Line, redactor: Redactor, secrets: Secrets
) -> Access:
    """The access that the target file describes. Raises TargetFileError, KeyFileError; sends nothing yet."""
    auth = target.auth
    names = frozenset({"Authorization"})
    grant: BackendGrant | None = None
    provider: Provider = FixedCredentials({})
    endpoint: Callable[[str], TokenEndpoint] = lambda url: TokenEndpoint(  # noqa: E731 - two places need it
        url, target.endpoint, origins=origins, line=line, redactor=redactor
    )
    if isinstance(auth, StaticBearer):
        provider = FixedCredentials({"Authorization": f"Bearer {secrets.load(auth.token, folder)}"})
    elif isinstance(auth, StaticHeaders):
        provider = FixedCredentials(
            {name: secrets.load(value, folder) for name, value in auth.headers.items()}
        )
        names = frozenset(auth.headers)
    elif isinstance(auth, ClientCredentials):
        place = endpoint(auth.token_url)
        secret = SecretGrant(auth, secrets.load(auth.client_secret, folder), place, secrets)
        provider = TokenCache(place, secret.call, secrets)
    elif isinstance(auth, BackendServices):
        place = endpoint(auth.token_url)
        grant = BackendGrant(auth, client_key(auth, folder, secrets), place, line)
        provider = TokenCache(place, grant.call, secrets)
    return Access(provider, origins, line, names=names, grant=grant)
