"""Requests for an access token, right and wrong in one way each, and what the tokens that were got can do."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.fhir.bundles import matches
from conformance.fhir.references import plain_id
from conformance.fhir.smart import lifetime
from conformance.plugin import Exchange, TokenVariant, Untestable, Wire, probe

SHORTEST_LEEWAY, LONGEST_LEEWAY = 1.0, 120.0
LOOKS = 8
UNSTATED_LIFETIME = 60.0
"""Seconds for which a token is used whose answer does not say for how long it is good."""


@probe("token")
def token(wire: Wire, *, variants: list[TokenVariant]) -> None:
    """Ask for a token with each of these client assertions; the label is `token-` and the variant's name."""
    for variant in variants:
        wire.request_token(variant, label=f"token-{variant}")


@probe("narrow-token")
def narrow_token(wire: Wire, *, resource: str, other: str) -> None:
    """Ask for a token for one type (`token-narrow`), and use it for that type (`within`) and another (`beyond`).

    The tester's own credentials show whether there is anything of the other type to see (`own`). What they show is read
    with the token as well (`beyond-read`), and the other type is asked for beside the first (`beyond-include`).
    """
    bearer = narrow_bearer(wire, resource)
    about = {"resource": other}
    wire.send("GET", f"/{resource}?_count=1", label="within", about={"resource": resource}, headers=bearer)
    wire.send("GET", f"/{other}?_count=1", label="beyond", about=about, headers=bearer)
    own = wire.send("GET", f"/{other}?_count=1", label="own", about=about)
    for found in matches((own.resource("Bundle") if own.ok else None) or {}):
        if identity := plain_id(found.get("id")):
            wire.send("GET", f"/{other}/{identity}", label="beyond-read", about=about, headers=bearer)
    beside = f"/{resource}?_revinclude={other}:subject&_count=20"
    wire.send("GET", beside, label="beyond-include", about=about, headers=bearer)


@probe("narrow-export")
def narrow_export(wire: Wire, *, resource: str, other: str) -> None:
    """Ask for a token for one type (`token-narrow`), and kick off an export of another (`kick-off-beyond`).

    An export that begins all the same is cancelled.
    """
    bearer = narrow_bearer(wire, resource)
    answer = wire.send(
        "GET",
        f"/$export?_type={other}",
        label="kick-off-beyond",
        about={"resource": other},
        headers={"Prefer": "respond-async", **bearer},
    )
    status = answer.header("content-location")
    if answer.ok and status:
        wire.send("DELETE", status, label="clean-up")


@probe("token-in-url")
def token_in_url(wire: Wire, *, resource: str) -> None:
    """Use a good token as it should be (`in-header`), and as a parameter of the URL (`in-url`)."""
    bearer = _bearer(wire.request_token("good", label="token-good"))
    plain = bearer["Authorization"].removeprefix("Bearer ")
    wire.send("GET", f"/{resource}?_count=1", label="in-header", headers=bearer)
    address = f"/{resource}?_count=1&access_token={plain}"
    wire.send("GET", address, label="in-url", credentials="none")


@probe("token-expiry")
def token_expiry(wire: Wire, *, resource: str, most_wait: int = 330) -> None:
    """Use a token when it is fresh (`fresh`), and after its time is over (`late`).

    A server may grant a leeway for clocks that differ (RFC 7519 section 4.1.4): while it still opens, the token is
    tried again for as long as it was good, two minutes at most. A token that is good for longer than `most_wait`
    seconds is not waited for.
    """
    answer = wire.request_token("good", label="token-good")
    bearer, seconds = _bearer(answer), lifetime(answer.json_or_none())
    if seconds is None:
        raise Untestable("the token does not say for how long it is good (expires_in)")
    if seconds > most_wait:
        raise Untestable(
            f"the token is good for {seconds:g} s, longer than the {most_wait} s that are waited"
        )
    wire.note("lifetime", seconds)
    wire.send("GET", f"/{resource}?_count=1", label="fresh", headers=bearer)
    leeway = min(max(seconds, SHORTEST_LEEWAY), LONGEST_LEEWAY)
    _pause(wire, seconds + SHORTEST_LEEWAY)
    waited = seconds + SHORTEST_LEEWAY
    for look in range(LOOKS):
        late = wire.send("GET", f"/{resource}?_count=1", label="late", headers=bearer)
        wire.note("waited", waited)
        if not late.ok or look == LOOKS - 1:
            return
        _pause(wire, leeway / (LOOKS - 1))
        waited += leeway / (LOOKS - 1)


def _pause(wire: Wire, seconds: float) -> None:
    while seconds > 0:
        wire.pause(min(seconds, 300))
        seconds -= 300


class NarrowBearer(Mapping[str, str]):
    """The header with a token for reading one type, asked for anew when half of its time is up.

    A job may take longer than a token lives.
    """

    def __init__(self, wire: Wire, resource: str) -> None:
        self._wire = wire
        self._resource = resource
        self._ask()

    def __getitem__(self, name: str) -> str:
        if time.monotonic() >= self._renew_at:
            self._ask()
        return self._header[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._header)

    def __len__(self) -> int:
        return len(self._header)

    def _ask(self) -> None:
        answer = _narrow_token(self._wire, self._resource)
        self._header = _bearer(answer)
        self._renew_at = time.monotonic() + (lifetime(answer.json_or_none()) or UNSTATED_LIFETIME) / 2


def narrow_bearer(wire: Wire, resource: str) -> dict[str, str]:
    """The header with a token for reading one type, to be used at once."""
    return _bearer(_narrow_token(wire, resource))


def _narrow_token(wire: Wire, resource: str) -> Exchange:
    """The answer to asking for a token for one type, in the words of SMART 2 and else of SMART 1."""
    answer: Exchange | None = None
    for words in ("rs", "read"):
        scope = f"system/{resource}.{words}"
        answer = wire.request_token("good", label="token-narrow", scope=scope)
        wire.note("asked", scope)
        if answer.ok:
            break
    assert answer is not None, "there are two ways to ask"
    return answer


def _bearer(answer: Exchange) -> dict[str, str]:
    """The header that carries the token of this answer. Raises Untestable where there is none."""
    told: Any = answer.json_or_none() if answer.ok else None
    given = told.get("access_token") if isinstance(told, dict) else None
    if not isinstance(given, str) or not given:
        raise Untestable(f"{answer} answered {answer.status} and no token")
    return {"Authorization": f"Bearer {given}"}
