"""What the supplier is told when it is started."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

PRODUCT_NAME = "Harbour EPR"
PRODUCT_VERSION = "7.4.1"
SUPPLIER = "Harbour Health Systems Ltd"


@dataclass(frozen=True)
class Client:
    """A registered client: its id, its public keys (a JWKS) and the scopes it may be granted."""

    client_id: str
    jwks: Mapping[str, Any]
    scopes: tuple[str, ...] = ("system/*.rs",)


@dataclass(frozen=True)
class Settings:
    """Where the supplier is, who may use it, and which fault it has, if any.

    `base_url` is the FHIR base, without a slash at its end; `/token` and `/docs` stand at the root of its origin.
    `static_tokens` maps bearer tokens that never expire to their scopes; those that are issued are good for
    `token_seconds`. `plain_http_origin` is a second listener
    without TLS at which the same application answers. `bulk_edition` is the edition of the Bulk Data guide that exports
    follow. `world` names the variant of the supplier (see `worlds`). Without `data_dir`, export files live in a
    temporary folder.
    """

    base_url: str
    data_dir: Path | None = None
    product_name: str = PRODUCT_NAME
    product_version: str = PRODUCT_VERSION
    supplier: str = SUPPLIER
    clients: tuple[Client, ...] = ()
    auth: Literal["smart", "none"] = "smart"
    static_tokens: Mapping[str, str] = field(default_factory=dict)
    token_seconds: float = 60
    fault: str | None = None
    seed: int = 0
    docs_dir: Path | None = None
    job_delay: float = 0.2
    job_lifetime: float = 3600.0
    polls_a_second: int = 10
    file_limit: int = 10_000
    plain_http_origin: str | None = None
    bulk_edition: Literal["STU3", "STU4-ballot"] = "STU3"
    world: str = "plain"

    @property
    def base_path(self) -> str:
        """The path of the FHIR base, empty if it stands at the root."""
        return urlsplit(self.base_url).path.rstrip("/")

    @property
    def origin(self) -> str:
        """Scheme, host and port of the supplier."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def token_url(self) -> str:
        """The token endpoint, which is also the audience that assertions must name."""
        return f"{self.origin}/token"
