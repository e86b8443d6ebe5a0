"""The target: the system under test, as the person who runs the test describes it (SUT and IXIT).

Secrets are never values here, only references: `env:NAME` or a file's path.
"""

from enum import StrEnum
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from conformance.model.base import Noun
from conformance.model.profile import Phase


class DataClass(StrEnum):
    """What kind of people the target's data is about; absent means `live`."""

    SYNTHETIC = "synthetic"
    PSEUDONYMISED = "pseudonymised"
    LIVE = "live"


class Environment(StrEnum):
    """Which installation of the product is tested."""

    SANDBOX = "sandbox"
    STAGING = "staging"
    PRODUCTION = "production"


def fhir_base(value: str) -> str:
    """A FHIR base URL without a slash at its end. Raises ValueError where it is none."""
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an http or https URL, as in https://fhir.example.org/r4")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must hold no user, password, query or fragment")
    return value.rstrip("/")


class NoAuth(Noun):
    """The target asks for no credentials."""

    kind: Literal["none"] = "none"


class StaticBearer(Noun):
    """A bearer token got elsewhere (RFC 6750)."""

    kind: Literal["bearer"]
    token: str = Field(description="env:NAME or file:PATH")


class StaticHeaders(Noun):
    """An API key or other headers that go with every request."""

    kind: Literal["headers"]
    headers: dict[str, str] = Field(description="header name to env:NAME or file:PATH", min_length=1)


class ClientCredentials(Noun):
    """OAuth 2.0 client credentials with a client secret (RFC 6749 section 4.4)."""

    kind: Literal["client-credentials"]
    token_url: str = ""
    client_id: str
    client_secret: str = Field(description="env:NAME or file:PATH")
    scope: str = ""
    style: Literal["basic", "body"] = "basic"


class BackendServices(Noun):
    """SMART Backend Services: client credentials with private_key_jwt (SMART App Launch 2.2, Backend Services)."""

    kind: Literal["smart-backend-services"]
    token_url: str = ""
    client_id: str
    key_file: str = Field(description="PEM or JWK file, or env:NAME")
    key_id: str = ""
    algorithm: Literal["RS384", "ES384", "RS512"] = "ES384"
    scope: str = "system/*.rs"
    audience: str = ""


Auth = Annotated[
    NoAuth | StaticBearer | StaticHeaders | ClientCredentials | BackendServices, Field(discriminator="kind")
]


class Tls(Noun):
    """A private certification authority and a client certificate (mutual TLS); paths of PEM files."""

    ca: str = ""
    client_certificate: str = ""
    client_key: str = ""
    client_key_password: str = Field(default="", description="env:NAME or file:PATH")


class Limits(Noun):
    """How politely to ask. Times in seconds, sizes in bytes."""

    concurrency: int = Field(default=8, ge=1, le=64)
    requests_per_second: float = Field(default=0, ge=0, description="0: no limit")
    connect_timeout: float = Field(default=10, gt=0)
    read_timeout: float = Field(default=60, gt=0)
    retries: int = Field(default=3, ge=0, le=10)
    max_body: int = Field(default=64 * 2**20, gt=0)
    max_file: int = Field(default=64 * 2**30, gt=0)
    job_timeout: float = Field(default=24 * 3600, gt=0)


class Permissions(Noun):
    """What the tester may do to the target."""

    write: bool = False


class AttestationFile(Noun):
    """A signed attestation and the public key of the person who signed it."""

    file: str
    key: str


class Documents(Noun):
    """The supplier's declarations: paths, relative to the target file."""

    exit_plan: str = ""
    attestations: tuple[AttestationFile, ...] = ()
    canaries: str = Field(
        default="", description="records that were entered by hand, as NDJSON, JSON or YAML"
    )
    interface: str = Field(default="", description="the declaration of an API that is not FHIR")


class Destination(Noun):
    """Another server, into which an export is loaded to see whether it can be taken over there.

    It has to be a test server of the tester's own (`testServer: true`) that may be written to: what is exported goes
    there, for as long as the comparison takes.
    """

    name: str = Field(min_length=1, max_length=80)
    endpoint: str
    test_server: bool = False
    tls: Tls = Field(default_factory=Tls)
    proxy: str = ""
    auth: Auth = Field(default_factory=NoAuth)
    permissions: Permissions = Field(default_factory=Permissions)
    limits: Limits = Field(default_factory=Limits)

    @field_validator("endpoint")
    @classmethod
    def _is_http(cls, value: str) -> str:
        return fhir_base(value)

    @model_validator(mode="after")
    def _is_to_be_written_to(self) -> "Destination":
        if not self.test_server or not self.permissions.write:
            raise ValueError(
                "a destination takes all that is exported: it needs testServer: true, which says that it is a test"
                " server of your own, and permissions: {write: true}"
            )
        return self


class Target(Noun):
    """The system under test, how to reach it, what it is called, and what may be done to it."""

    target: str = "target"
    supplier: str = ""
    product: str = ""
    version: str = ""
    environment: Environment = Environment.SANDBOX
    data_class: DataClass = DataClass.LIVE
    phase: Phase = Phase.TENDER
    endpoint: str
    description: str = Field(
        default="", description="where the OpenAPI description is, below the endpoint or as a URL"
    )
    embedded: bool = False
    user_agent: str = Field(
        default="",
        max_length=200,
        pattern=r"^[\x21-\x7e]?([\x20-\x7e]*[\x21-\x7e])?$",
        description="what the harness calls itself in requests, in place of conformance-harness/VERSION",
    )
    tls: Tls = Field(default_factory=Tls)
    proxy: str = ""
    auth: Auth = Field(default_factory=NoAuth)
    permissions: Permissions = Field(default_factory=Permissions)
    production_override: str = Field(default="", description="who permits writing to production")
    documents: Documents = Field(default_factory=Documents)
    destinations: tuple[Destination, ...] = ()
    origins: tuple[str, ...] = ()
    limits: Limits = Field(default_factory=Limits)

    @field_validator("endpoint")
    @classmethod
    def _is_http(cls, value: str) -> str:
        return fhir_base(value)

    @model_validator(mode="after")
    def _goes_elsewhere(self) -> "Target":
        bases = [self.endpoint, *(one.endpoint for one in self.destinations)]
        if len({*bases}) != len(bases):
            raise ValueError("each of destinations must be a server of its own, and none of them the target")
        return self

    @model_validator(mode="after")
    def _writes_to_production_by_name_only(self) -> "Target":
        production = self.environment is Environment.PRODUCTION
        if production and self.permissions.write and not self.production_override:
            raise ValueError(
                "permissions.write on environment production needs productionOverride: the name of who permits it"
            )
        return self

    def as_target(self, destination: Destination) -> "Target":
        """A destination as what a client is made for: with the target's kind of data, and its own everything else."""
        return Target(
            target=destination.name,
            endpoint=destination.endpoint,
            data_class=self.data_class,
            tls=destination.tls,
            proxy=destination.proxy,
            auth=destination.auth,
            permissions=destination.permissions,
            limits=destination.limits,
        )

    def card(self) -> "TargetCard":
        """What may be published of the target: everything but how to log in."""
        return TargetCard(
            supplier=self.supplier,
            product=self.product,
            version=self.version,
            environment=self.environment,
            data_class=self.data_class,
            phase=self.phase,
            endpoint=self.endpoint,
            description=self.description,
            embedded=self.embedded,
            user_agent=self.user_agent,
            may_write=self.permissions.write,
            auth=self.auth.kind,
            production_override=self.production_override,
            canaries_entered=bool(self.documents.canaries),
        )


class Observed(Noun):
    """What the tester saw of who answered: SHA-256 of CapabilityStatement and TLS key (its DER SPKI).

    The first is that of discovery. Empty where there was none: a document needs no server, and plain HTTP no key.
    """

    capability_statement: str = ""
    tls_key: str = ""


class TargetCard(Noun):
    """The published part of a target: it goes into the suite and the report."""

    supplier: str = ""
    product: str = ""
    version: str = ""
    environment: Environment = Environment.SANDBOX
    data_class: DataClass = DataClass.LIVE
    phase: Phase = Phase.TENDER
    endpoint: str
    description: str = ""
    embedded: bool = False
    user_agent: str = ""
    may_write: bool = False
    auth: str = "none"
    production_override: str = ""
    canaries_entered: bool = False
