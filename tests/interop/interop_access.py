"""How a server is to be got into: over http by anyone, or over TLS with a token of SMART Backend Services."""

import secrets
import ssl
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import yaml

from conformance.reference.process_setup import Options, certificates, registered_client

_TOKEN_SECONDS = 60


@dataclass(frozen=True)
class Place:
    """Where a server is to run: its installation, the folder for its data, its port."""

    installed: Path
    data: Path
    port: int


@dataclass(frozen=True)
class Access:
    """What a target file says of getting in, and how the population is written beside the tested road.

    `authority` is the certificate to trust, where the server speaks TLS.
    """

    target: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    authority: Path | None = None

    @property
    def scheme(self) -> str:
        """`https` where there is a certificate to trust, else `http`."""
        return "http" if self.authority is None else "https"

    def opened(self, request: urllib.request.Request, seconds: float) -> HTTPResponse:
        """The answer to a request. Raises what urlopen does."""
        for name, value in self.headers.items():
            request.add_header(name, value)
        trusted = ssl.create_default_context(cafile=str(self.authority)) if self.authority else None
        answer: HTTPResponse = urllib.request.urlopen(request, timeout=seconds, context=trusted)
        return answer


def open_to_all(_: Place) -> Access:
    """Plain http, and no credentials."""
    return Access()


def sekmet_with_smart(place: Place) -> Access:
    """Write SEKMET's settings: TLS, and one client of SMART Backend Services with a key made here.

    Nobody answers to what is written (its simulator would), and tokens are good for a minute, so that one that has
    expired can be tried. The population is written with a token of the settings' own.
    """
    certificate = certificates(place.data)
    client = registered_client(Options(), place.data)
    token = secrets.token_urlsafe(32)
    root = f"https://127.0.0.1:{place.port}"
    settings = {
        "base_url": f"{root}/fhir",
        "host": "127.0.0.1",
        "port": place.port,
        "tls_certfile": str(certificate.server),
        "tls_keyfile": str(certificate.server),
        "simulator": {"enabled": False},
        "server_auth": {
            "types": ["smart", "bearer"],
            "tokens": [token],
            "token_lifetime": _TOKEN_SECONDS,
            "smart_clients": [
                {"client_id": client.client_id, "jwks": client.jwks, "scopes": " ".join(client.scopes)}
            ],
        },
    }
    (place.data / "settings.yaml").write_text(yaml.safe_dump(settings))
    auth = {
        "kind": "smart-backend-services",
        "clientId": client.client_id,
        "keyFile": str(place.data / "client-key.pem"),
        "algorithm": "ES384",
        "scope": " ".join(client.scopes),
    }
    return Access(
        {"tls": {"ca": str(certificate.authority)}, "auth": auth},
        {"Authorization": f"Bearer {token}"},
        certificate.authority,
    )
