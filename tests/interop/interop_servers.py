"""FHIR servers that others wrote: how each is installed from its package registry, started and stopped.

An installation is kept in `~/.cache/conformance-interop` (or the folder that `INTEROP_HOME` names) and used again. A
server's data lives in a folder of its own, which goes when the server is stopped. All of them listen on 127.0.0.1 only.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from interop_access import Access, Place, open_to_all, sekmet_with_smart

HERE = Path(__file__).resolve().parent
_INSTALL_SECONDS = 5400
_START_SECONDS = 900
_ANSWER_SECONDS = 60
_STOP_SECONDS = 20
_TAIL_LINES = 15


class NotToBeHad(Exception):
    """A server cannot be installed or started here. The message says why."""


@dataclass(frozen=True)
class Server:
    """One server: whose it is, which programs it needs, how it is installed, got into and started.

    `profiles` are those whose findings are known; an export that leaves its files among the resources comes last.
    """

    name: str
    supplier: str
    product: str
    version: str
    needs: tuple[str, ...]
    sources: tuple[str, ...]
    steps: tuple[tuple[str, ...], ...]
    command: Callable[[Place], list[str]]
    environment: Callable[[Place], Mapping[str, str]] = field(default=lambda _: {})
    build_environment: Mapping[str, str] = field(default_factory=dict)
    access: Callable[[Place], Access] = open_to_all
    profiles: tuple[str, ...] = ("fhir-r4-base",)
    path: str = "/fhir"

    @property
    def home(self) -> Path:
        """Where it is installed."""
        root = os.environ.get("INTEROP_HOME")
        return (Path(root) if root else Path.home() / ".cache" / "conformance-interop") / self.name

    def install(self) -> None:
        """Bring the installation up to date with its sources. Raises NotToBeHad."""
        missing = [program for program in self.needs if shutil.which(program) is None]
        if missing:
            raise NotToBeHad(f"{self.product} needs {' and '.join(missing)}")
        self.home.mkdir(parents=True, exist_ok=True)
        for source in self.sources:
            origin = HERE / self.name / source
            copy = shutil.copytree if origin.is_dir() else shutil.copy2
            shutil.rmtree(self.home / source, ignore_errors=True)
            copy(origin, self.home / source)
        for step in self.steps:
            self._carry_out(step)

    def _carry_out(self, step: tuple[str, ...]) -> None:
        log = self.home / "install.log"
        with log.open("wb") as file:
            done = subprocess.run(
                [word.replace("{home}", str(self.home)) for word in step],
                cwd=self.home,
                env=os.environ | self.build_environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                timeout=_INSTALL_SECONDS,
                check=False,
            )
        if done.returncode:
            raise NotToBeHad(f"{self.product}: {step[0]} answered {done.returncode}: {_tail(log)}")


@dataclass(frozen=True)
class Running:
    """A server that answers: which, at which base URL, and how to get in."""

    server: Server
    url: str
    access: Access


@contextmanager
def started(server: Server, port: int = 0) -> Iterator[Running]:
    """This server, installed where it was not, empty of data. Raises NotToBeHad."""
    server.install()
    data = Path(tempfile.mkdtemp(prefix=f"interop-{server.name}-"))
    place = Place(server.home, data, port or _free_port())
    log = data / "server.log"
    try:
        access = server.access(place)
        url = f"{access.scheme}://127.0.0.1:{place.port}{server.path}"
        with log.open("wb") as file:
            process = subprocess.Popen(
                server.command(place),
                cwd=data,
                env=os.environ | server.environment(place),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        try:
            _await(process, access, f"{url}/metadata", log)
            yield Running(server, url, access)
        finally:
            _end(process)
    finally:
        shutil.rmtree(data, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def _await(process: "subprocess.Popen[bytes]", access: Access, url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise NotToBeHad(f"the server ended by itself ({process.returncode}): {_tail(log)}")
        try:
            with access.opened(urllib.request.Request(url), _ANSWER_SECONDS) as answer:
                if answer.status == 200:
                    return
        except OSError:  # URLError is one
            time.sleep(1)
    raise NotToBeHad(f"{url} did not answer within {_START_SECONDS} seconds: {_tail(log)}")


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _tail(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    return "\n".join(line[:300] for line in lines[-_TAIL_LINES:])


HAPI = Server(
    name="hapi",
    supplier="HAPI FHIR",
    product="HAPI FHIR JPA server",
    version="8.8.0",
    needs=("java", "mvn"),
    sources=("pom.xml", "src"),
    steps=(
        (
            "mvn",
            "-q",
            "-B",
            "compile",
            "dependency:copy-dependencies",
            "-DincludeScope=runtime",
            "-DoutputDirectory=target/lib",
        ),
    ),
    command=lambda place: [
        "java",
        "-Xmx2g",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        f"-Djava.io.tmpdir={place.data}",
        *(f"-Dinterop.{name}={value}" for name, value in _hapi_settings().items()),
        "-cp",
        f"{place.installed}/target/classes:{place.installed}/target/lib/*",
        "interop.Server",
        str(place.port),
    ],
    profiles=("fhir-r4-base", "bulk-data-export"),
)
"""HAPI's JPA server with the settings of HAPI's own starter project, kept in memory."""


def _hapi_settings() -> dict[str, str]:
    """Settings that differ from the starter's, from the environment: `INTEROP_HAPI=reuse=0,missing=true`."""
    given = os.environ.get("INTEROP_HAPI", "")
    return dict(setting.split("=", 1) for setting in given.split(",") if "=" in setting)


_DEFINITIONS = "ca.uhn.hapi.fhir:hapi-fhir-validation-resources-r4"
_PARAMETERS = "org/hl7/fhir/r4/model/sp/search-parameters.json"

HELIOS = Server(
    name="helios",
    supplier="Helios Software",
    product="Helios FHIR Server",
    version="0.2.7",
    needs=("cargo", "mvn", "unzip"),
    sources=(),
    steps=(
        ("mvn", "-q", "-B", "dependency:copy", f"-Dartifact={_DEFINITIONS}:8.8.0", "-DoutputDirectory=."),
        ("unzip", "-q", "-o", "-j", "hapi-fhir-validation-resources-r4-8.8.0.jar", _PARAMETERS, "-d", "data"),
        ("mv", "data/search-parameters.json", "data/search-parameters-r4.json"),
        (
            "cargo",
            "install",
            "helios-hfs",
            "--version",
            "0.2.7",
            "--locked",
            "--debug",
            "--no-default-features",
            "--features",
            "R4,sqlite",
            "--root",
            "{home}",
        ),
    ),
    build_environment={"CARGO_PROFILE_DEV_DEBUG": "0", "CARGO_INCREMENTAL": "0"},
    command=lambda place: [
        str(place.installed / "bin" / "hfs"),
        "--port",
        str(place.port),
        "--host",
        "127.0.0.1",
    ],
    environment=lambda place: {
        "HFS_BASE_URL": f"http://127.0.0.1:{place.port}",
        "HFS_DATABASE_URL": str(place.data / "fhir.db"),
        "HFS_DATA_DIR": str(place.installed / "data"),
        "HFS_LOG_LEVEL": "warn",
        "HFS_NL_SEARCH_ENABLED": "false",
        "HFS_UI_ENABLED": "false",
    },
    path="",
)
"""Helios FHIR Server on SQLite, built without optimisation: building it takes long enough as it is.

Its crate lacks the standard's search parameters, which it reads from its data folder; they come from HAPI's artifact.
"""

MEDPLUM = Server(
    name="medplum",
    supplier="Medplum",
    product="Medplum FHIR router with its in-memory repository",
    version="5.2.13",
    needs=("node", "npm"),
    sources=("package.json", "server.mjs"),
    steps=(("npm", "install", "--no-audit", "--no-fund", "--loglevel=error"),),
    command=lambda place: [
        "node",
        "--experimental-websocket",  # node 20 has it only so; later ones always
        str(place.installed / "server.mjs"),
        str(place.port),
    ],
)
"""The routing, storing and searching that Medplum's own tests run on; HTTP and the declaration are ours."""

SEKMET = Server(
    name="sekmet",
    supplier="SEKMET",
    product="SEKMET FHIR R4 Tester",
    version="0.1.1",
    needs=("python3",),
    sources=(),
    steps=(
        ("python3", "-m", "venv", "venv"),
        ("{home}/venv/bin/pip", "install", "-q", "sekmet-fhir==0.1.1"),
    ),
    command=lambda place: [
        str(place.installed / "venv" / "bin" / "sekmet"),
        "serve",
        "--config",
        str(place.data / "settings.yaml"),
    ],
    access=sekmet_with_smart,
    profiles=("fhir-r4-base", "smart-backend-services", "bulk-data-export"),
)
"""A small hospital system on SQLite with a `$export` and a token server of its own, over TLS."""

SERVERS = {server.name: server for server in (HAPI, HELIOS, MEDPLUM, SEKMET)}
"""All servers, by the name that the command line and the expected findings use."""
