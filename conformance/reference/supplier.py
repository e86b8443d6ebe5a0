"""The running supplier: its settings, its store, its behaviour and what it remembers between requests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from conformance.reference.access.assertions import UsedIds
from conformance.reference.access.log import AccessLog
from conformance.reference.access.tokens import Grant, TokenRegister, authorise
from conformance.reference.behaviour.export import unchanged
from conformance.reference.behaviour.whole import Behaviour
from conformance.reference.export.jobs import Jobs
from conformance.reference.forms.outcomes import RequestError
from conformance.reference.records.store import Store
from conformance.reference.search.pages import Pages
from conformance.reference.settings import Settings

Json = dict[str, Any]


@dataclass(frozen=True)
class Rules:
    """What may be written, and what follows from it: the business of a product, beyond what FHIR asks.

    `before` is given a resource that is about to be kept and what it replaces, if anything; it gives back what is
    kept, or refuses by raising RequestError. `after` is given the same once it is kept, and may write more.
    """

    before: Callable[["Supplier", Json, Json | None], Json] = lambda _supplier, resource, _replaced: resource
    after: Callable[["Supplier", Json, Json | None], None] = lambda _supplier, _resource, _replaced: None


@dataclass(frozen=True)
class Supplier:
    """Everything that a handler of requests needs."""

    settings: Settings
    store: Store
    behaviour: Behaviour
    types: frozenset[str]
    tokens: TokenRegister
    used_ids: UsedIds
    pages: Pages
    jobs: Jobs
    log: AccessLog
    rules: Rules = field(default_factory=Rules)
    declares: Callable[[Json], Json] = unchanged

    def authorise(self, request: Request) -> Grant:
        """What the request may do; refuses (401) one without a valid token."""
        required = self.settings.auth == "smart"
        try:
            return authorise(request, self.tokens, self.behaviour.access, required=required)
        except RequestError:
            if not self.behaviour.access.hides_existence and self._is_unknown(request):
                raise RequestError(404, "not-found", "There is no such resource") from None
            raise

    def _is_unknown(self, request: Request) -> bool:
        place = request.path_params
        return "id" in place and self.store.get(place.get("type", "Patient"), place["id"]) is None

    def require_type(self, resource_type: str, interaction: str = "") -> None:
        """Refuse (404) a type that this server does not hold, or (501) what it does not do with it."""
        if resource_type not in self.types:
            raise RequestError(
                404, "not-supported", f"This server has no resources of type {resource_type!r}"
            )

        if self.behaviour.life.reading.failing_interaction == (resource_type, interaction):
            raise RequestError(501, "not-supported", f"{interaction} is not implemented for {resource_type}")

    def address(self, resource_type: str, identifier: str) -> str:
        """The absolute address of a resource."""
        return f"{self.settings.base_url}/{resource_type}/{identifier}"
