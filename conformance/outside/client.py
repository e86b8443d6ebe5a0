"""The client of one run: joins the parts of the network to one target, and gives each step its wire."""

import datetime as dt
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from conformance.errors import TargetFileError
from conformance.model.target import Target
from conformance.outside import network, tls
from conformance.outside.auth import access
from conformance.outside.bodies import BodyStore
from conformance.outside.calls import Answer, Call
from conformance.outside.connections import Connections
from conformance.outside.handshakes import Handshakes
from conformance.outside.in_process import TransportWay
from conformance.outside.line import AGENT, Line, Statistics, longest
from conformance.outside.origins import Origins, Resolver, resolve
from conformance.outside.redact import Redactor
from conformance.outside.secrets import Secrets
from conformance.outside.shared_answers import SharedAnswers
from conformance.outside.turns import Turn, at_once
from conformance.outside.wire import Journal, Parts, StepWire
from conformance.plugin import Credentials


def utc_now() -> dt.datetime:
    """The instant, in UTC."""
    return dt.datetime.now(dt.UTC)


def no_journal(_event: str, _reference: str) -> None:
    """For runs that create nothing."""


class Client:
    """One target on the network. A context manager: leaving it closes the connections.

    `folder` is the target file's, to which its paths are relative. `transport` leads to the target where that is an
    application in this process. Whoever sets `stop` ends every wait and request soon; `turn` lets requests through in
    their turn. Making one sends nothing, and raises TargetFileError and KeyFileError.
    """

    def __init__(  # noqa: PLR0913 - the client joins this many parts
        self,
        target: Target,
        folder: Path,
        *,
        bodies: BodyStore,
        redactor: Redactor,
        secrets: Secrets,
        run_tag: str,
        workers: int = 1,
        clock: Callable[[], dt.datetime] = utc_now,
        journal: Journal = no_journal,
        resolver: Resolver = resolve,
        tell: Callable[[str], None] = lambda _: None,
        transport: httpx.BaseTransport | None = None,
        stop: threading.Event | None = None,
        turn: Turn = at_once,
    ) -> None:
        self._run_tag = run_tag
        self._stop = stop or threading.Event()
        origins = Origins(target, resolver)
        deadline = network.Clock()
        size = max(target.limits.concurrency, workers)
        proxy = _proxy(target, folder, secrets)

        def over(settings: ssl.SSLContext) -> Connections:
            return network.connections(
                settings,
                origins,
                size=size,
                patience=longest(target.limits),
                proxy=proxy,
                stop=self._stop,
                clock=deadline,
            )

        def trusting() -> ssl.SSLContext:
            return tls.context(target.tls, folder, secrets)

        own = TransportWay(transport) if transport else over(trusting())
        anonymous = target.tls.model_copy(update={"client_certificate": "", "client_key": ""})
        apart = transport or target.tls.client_certificate
        foreign = over(tls.context(anonymous, folder, secrets)) if apart else own
        self._line = Line(
            own,
            foreign,
            target.limits,
            origins,
            bodies=bodies,
            redactor=redactor,
            clock=clock,
            stop=self._stop,
            deadline=deadline,
            turn=turn,
            agent=target.user_agent or AGENT,
        )
        way_in = access(target, folder, origins=origins, line=self._line, redactor=redactor, secrets=secrets)
        self._answers = SharedAnswers()
        self.elsewhere = {
            one.endpoint: Client(
                target.as_target(one),
                folder,
                bodies=bodies,
                redactor=redactor,
                secrets=secrets,
                run_tag=run_tag,
                clock=clock,
                journal=_named_by(one.endpoint, journal),
                resolver=resolver,
                tell=tell,
                stop=self._stop,
                turn=turn,
            )
            for one in target.destinations
        }
        self._parts = Parts(
            target,
            folder,
            self._line,
            way_in,
            redactor,
            bodies,
            journal,
            self._answers,
            Handshakes(target, origins, trusting),
            tell,
            tuple(client.parts for client in self.elsewhere.values()),
        )

    @property
    def parts(self) -> Parts:
        """What its wires share."""
        return self._parts

    def wire(self, step_id: str) -> StepWire:
        """The wire for one step."""
        return StepWire(step_id, f"{self._run_tag}-{step_id}", self._parts)

    def ask(self, call: Call, whose: Credentials) -> Answer:
        """The answer to a call that is not recorded. Raises TargetError, Interrupted."""
        return self._parts.access.send(call, whose)[1]

    def now(self) -> dt.datetime:
        """The instant, by the clock of the run."""
        return self._line.now()

    def wait(self, seconds: float) -> None:
        """Wait. Raises Interrupted once the run is stopped."""
        self._line.wait(seconds)

    @property
    def statistics(self) -> Statistics:
        """What was asked of the target so far."""
        return self._line.statistics

    @property
    def saved(self) -> int:
        """How many requests were not sent, since another step had asked the same."""
        return self._answers.saved

    def stop(self) -> None:
        """End every wait and request soon, in all threads, with Interrupted; nothing is sent from now on."""
        self._stop.set()
        for client in self.elsewhere.values():
            client.stop()

    def close(self) -> None:
        """Close the connections."""
        self._line.close()
        for client in self.elsewhere.values():
            client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _named_by(endpoint: str, journal: Journal) -> Journal:
    """A journal of another server: what was created there is named by its whole URL."""
    return lambda event, reference: journal(event, f"{endpoint}/{reference}")


def _proxy(target: Target, folder: Path, secrets: Secrets) -> str:
    if target.proxy.startswith(("env:", "file:")):
        return secrets.load(target.proxy, folder)
    if "@" in target.proxy:
        raise TargetFileError(
            "proxy holds a user name or password",
            hint="Secrets never stand in a target file: write proxy: env:PROXY_URL and set that variable.",
        )
    return target.proxy
