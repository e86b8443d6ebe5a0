"""What the reference supplier needs before it answers: certificate, keys, records, documents, target file."""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import trustme
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from conformance.errors import closest
from conformance.reference.behaviour.formats import AccessBehaviour
from conformance.reference.behaviour.whole import HONEST
from conformance.reference.dossier.attestation import write_private
from conformance.reference.dossier.writing import write_dossier
from conformance.reference.faults.table import FAULT_NAMED
from conformance.reference.population.making import PATIENTS, SEED
from conformance.reference.records.loading import lines
from conformance.reference.records.parameters import SUPPORTED_TYPES
from conformance.reference.records.store import Store
from conformance.reference.settings import PRODUCT_NAME, PRODUCT_VERSION, SUPPLIER, Client, Settings
from conformance.reference.worlds.table import WORLDS, World, world_for

CLIENT_ID = "conformance-harness"
CLIENT_SCOPES = ("system/*.cruds",)

IDENTIFIER_BASE = "https://harbour-epr.example"
"""Where the product's own identifier systems live: no server is there, and no port comes into it."""

JOB_SECONDS = 20
"""An export of the made-up population takes a second; a tester need not wait longer for one that never ends."""

Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

_HOSTS = ("127.0.0.1", "localhost")
_COORDINATE_BYTES = 48
_SIZES = """
SELECT v.type, count(*), sum(length(v.text) + 1) FROM current c JOIN versions v ON v.pk = c.pk
WHERE c.deleted = 0 GROUP BY v.type ORDER BY v.type
"""


@dataclass(frozen=True)
class Options:
    """How a reference supplier is to be started; as it stands, the honest demo supplier on a free port.

    Without a `world`, it is that of the fault's profile.
    """

    port: int = 0
    http: bool = False
    fault: str | None = None
    world: str | None = None
    data: Path | None = None
    patients: int = PATIENTS
    seed: int = SEED
    work: Path | None = None
    auth: str = "smart"
    client_jwks: Path | None = None
    client_id: str = CLIENT_ID
    as_of: date | None = None
    token_seconds: float = 60

    def arguments(self) -> list[str]:
        """These options as arguments of `python -m conformance.reference`."""
        valued = {
            "--port": self.port,
            "--fault": self.fault,
            "--world": self.world,
            "--data": self.data,
            "--patients": self.patients,
            "--seed": self.seed,
            "--work": self.work,
            "--auth": self.auth,
            "--client-jwks": self.client_jwks,
            "--client-id": self.client_id,
            "--as-of": self.as_of,
            "--token-seconds": self.token_seconds,
        }
        given = [text for name, value in valued.items() if value is not None for text in (name, str(value))]
        return [*given, "--http"] if self.http else given


@dataclass(frozen=True)
class Certificates:
    """A certificate authority made for this run, and the server's certificate with its key.

    `old_tls` is for a server that still speaks versions of TLS before 1.2.
    """

    authority: Path
    server: Path
    old_tls: bool = False


class Mistake(Exception):
    """Something in the options that whoever gave them can mend."""


def certificates(work: Path, access: AccessBehaviour = HONEST.access) -> Certificates:
    """Make a certificate for this machine's own address; the key of its authority is never written."""
    authority = trustme.CA()
    ends = datetime.now(UTC) + timedelta(days=access.certificate_days)
    server = authority.issue_cert(*_HOSTS, not_after=ends)
    made = Certificates(work / "ca.pem", work / "server.pem", old_tls=access.old_tls)
    made.authority.write_bytes(authority.cert_pem.bytes())
    write_private(made.server, server.private_key_and_cert_chain_pem.bytes())
    return made


def registered_client(options: Options, work: Path) -> Client:
    """The client that may ask for tokens: with the keys it was given, or with one made here (ES384).

    Raises Mistake if the file of keys cannot be read as a JWKS.
    """
    if options.client_jwks is None:
        return Client(options.client_id, {"keys": [_new_key(work / "client-key.pem")]}, CLIENT_SCOPES)
    try:
        jwks = json.loads(options.client_jwks.read_bytes())
    except (OSError, ValueError) as error:
        raise Mistake(f"cannot read the client's keys from {options.client_jwks}: {error}") from error
    if not isinstance(jwks, dict) or not isinstance(jwks.get("keys"), list) or not jwks["keys"]:
        raise Mistake(f"{options.client_jwks} is no JWKS: it needs a member 'keys' with at least one key")
    return Client(options.client_id, jwks, CLIENT_SCOPES)


def world_of_options(options: Options) -> World:
    """The world that is asked for, or that of the fault. Raises Mistake if there is none of that name."""
    if options.world is not None and options.world not in WORLDS:
        raise Mistake(f"there is no world named {options.world!r}{closest(options.world, WORLDS)}")
    return world_for(options.world, options.fault)


def filled_store(options: Options, work: Path, base_url: str) -> Store:
    """The store with the records: the files of a folder, or the made-up population.

    Raises Mistake if the folder holds no NDJSON, or something in it is no resource.
    """
    if options.data is None:
        store = Store(base_url=base_url)
        world = world_of_options(options)
        made = world.population(options.seed, options.patients, IDENTIFIER_BASE)
        store.load(world.placed(resource, base_url) for resource in made)
        return store
    files = sorted(
        path
        for path in options.data.glob("*")
        if path.name.endswith((".ndjson", ".ndjson.gz")) and path.is_file()
    )
    if not files:
        raise Mistake(f"the folder {options.data} holds no file named *.ndjson or *.ndjson.gz")
    for old in work.glob("records.sqlite*"):
        old.unlink()
    store = Store(work / "records.sqlite", base_url=base_url)
    try:
        store.load(lines(files))
    except (OSError, ValueError, EOFError) as error:
        store.close()
        raise Mistake(f"the records in {options.data} cannot be loaded: {error}") from error
    return store


def write_documents(options: Options, settings: Settings, store: Store, folder: Path) -> None:
    """Write the supplier's documents: about what the store holds, and what it could but does not."""
    held = {name: (count, size) for name, count, size in store.select(_SIZES, ())}
    offered = dict.fromkeys((*SUPPORTED_TYPES, *WORLDS[settings.world].types), (0, 0)) | held
    write_dossier(
        folder,
        base_url=settings.base_url,
        product_version=settings.product_version,
        as_of=options.as_of or datetime.now(UTC).date(),
        types={name: count for name, (count, _) in offered.items()},
        sizes={name: size for name, (_, size) in offered.items()},
        fault=options.fault,
        seed=options.seed,
    )


def write_target(options: Options, base_url: str, path: Path) -> None:
    """Write the target file with which the harness can test this supplier."""
    text = yaml.dump(dict(_target(options, base_url)), Dumper=Dumper, sort_keys=False)
    path.write_text(text, encoding="utf-8")


def _target(options: Options, base_url: str) -> Iterator[tuple[str, Any]]:
    yield "target", "harbour-epr"
    yield "supplier", SUPPLIER
    yield "product", PRODUCT_NAME
    yield "version", PRODUCT_VERSION
    yield "environment", "sandbox"
    yield "dataClass", "synthetic"
    fault = FAULT_NAMED.get(options.fault or "")
    if fault is not None and fault.phase != "tender":
        yield "phase", fault.phase
    yield "endpoint", base_url
    yield "embedded", True
    if not options.http:
        yield "tls", {"ca": "ca.pem"}
    yield "auth", _auth(options, base_url)
    yield "permissions", {"write": True}
    if options.data is None:
        yield "limits", {"jobTimeout": JOB_SECONDS}
    attestation = {"file": "docs/attestation.dsse.json", "key": "docs/supplier-key.pub.pem"}
    yield "documents", {"exitPlan": "docs/exit-plan.json", "attestations": [attestation]}
    yield "origins", []
    yield from world_of_options(options).target.items()


def _auth(options: Options, base_url: str) -> Mapping[str, str]:
    """How to get in. Whoever brought keys of their own adds `keyFile` and `algorithm` to the target file."""
    if options.auth == "none":
        return {"kind": "none"}
    token_url = Settings(base_url).token_url
    known = {"kind": "smart-backend-services", "tokenUrl": token_url, "clientId": options.client_id}
    if options.client_jwks is None:
        known |= {"keyFile": "client-key.pem", "algorithm": "ES384"}
    return {**known, "scope": " ".join(CLIENT_SCOPES)}


def _new_key(path: Path) -> dict[str, str]:
    """Make a P-384 key, write its private half, and return the public one as a JWK (RFC 7517, RFC 7518)."""
    private = ec.generate_private_key(ec.SECP384R1())
    write_private(
        path,
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )
    point = private.public_key().public_numbers()
    required = {
        "crv": "P-384",
        "kty": "EC",
        "x": _base64url(point.x.to_bytes(_COORDINATE_BYTES)),
        "y": _base64url(point.y.to_bytes(_COORDINATE_BYTES)),
    }
    # RFC 7638: the thumbprint is over the required members alone, sorted, without spaces.
    thumbprint = hashlib.sha256(json.dumps(required, sort_keys=True, separators=(",", ":")).encode())
    return {**required, "kid": _base64url(thumbprint.digest()), "use": "sig", "alg": "ES384"}


def _base64url(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode("ascii")
