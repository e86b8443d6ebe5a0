"""The door to a Dask.distributed cluster: functions carried out by its workers, results fetched when they are there.

A worker that is lost takes nothing with it: what it had done is done again by another (https://distributed.dask.org).
"""

import importlib
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from conformance.errors import HarnessError, UsageError

__all__ = ["Cluster", "ClusterAddress"]

SCHEME = "dask://"
RETRIES = 3
CONNECT_SECONDS = 10


@dataclass(frozen=True)
class ClusterAddress:
    """A scheduler: `dask://host:port`, and the files of the certificates by which both sides know each other.

    Without `insecure` the connection is TLS, as the scheduler's own documentation sets it up.
    """

    address: str
    insecure: bool = False
    ca: str = ""
    certificate: str = ""
    key: str = ""

    @property
    def place(self) -> str:
        """The address as the library writes it. Raises UsageError."""
        host = self.address.removeprefix(SCHEME)
        if not self.address.startswith(SCHEME) or not host or "/" in host:
            raise UsageError(
                f"there is no engine {self.address}",
                hint="It is `local`, or dask://HOST:PORT of a scheduler.",
            )
        if not self.insecure and not (self.ca and self.certificate and self.key):
            raise UsageError(
                "a cluster is spoken to over TLS, which needs --cluster-ca, --cluster-cert and --cluster-key",
                hint="On a network that nobody else is on: --insecure-cluster.",
            )
        return f"{'tcp' if self.insecure else 'tls'}://{host}"


class Cluster:
    """A connection to a scheduler. A context manager: leaving it lets go of all that was handed over.

    Raises UsageError where the library is not installed, no scheduler answers, or it is not trusted.
    """

    def __init__(self, address: ClusterAddress) -> None:
        try:
            distributed: Any = importlib.import_module("distributed")
        except ImportError as error:
            raise UsageError(
                "a cluster needs the library dask.distributed",
                hint="Install it beside the harness: pip install 'conformance-harness[cluster]'",
            ) from error
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # what is lost is told once, by us
        self._killed = distributed.KilledWorker
        self._lost = (CancelledError, distributed.comm.CommClosedError)
        self._as_completed = distributed.as_completed
        security = None
        if not address.insecure:
            security = distributed.Security(
                tls_ca_file=address.ca,
                tls_client_cert=address.certificate,
                tls_client_key=address.key,
                require_encryption=True,
            )
        try:
            self._client: Any = distributed.Client(
                address.place, security=security, timeout=CONNECT_SECONDS, set_as_default=False
            )
        except (OSError, TimeoutError, TypeError, ValueError) as error:
            raise UsageError(
                f"no scheduler answers at {address.place}: {str(error)[:200]}",
                hint="Is it there, does it speak TLS with these certificates? Without TLS: --insecure-cluster.",
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    @property
    def workers(self) -> int:
        """How many workers there are now."""
        return len(self._client.scheduler_info()["workers"])

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Hand over a call, whose arguments may be what other calls will give; gives a stand-in for its result."""
        return self._client.submit(function, *arguments, retries=RETRIES, pure=False)

    def result(self, future: Any) -> Any:
        """The result of a call, when it is there.

        Raises HarnessError where workers keep dying over it, and where the scheduler is lost.
        """
        try:
            return future.result()
        except self._killed as error:
            raise HarnessError(
                "workers of the cluster died over the same task several times",
                hint="They may be short of memory: give each more, or fewer threads.",
            ) from error
        except self._lost as error:
            raise HarnessError(
                "the connection to the scheduler was lost",
                hint="Is it still there? On a cluster nothing is kept: call the command again.",
            ) from error

    def as_done(self, futures: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        """The number and the result of each call, in the order in which they are done."""
        numbers = {future.key: number for number, future in enumerate(futures)}
        with self._client.as_current():
            arriving = self._as_completed(futures)
        for future in arriving:
            yield numbers[future.key], self.result(future)
