"""Reference suppliers in a thread of this process: over TLS and with tokens like any, but ready at once.

One listener serves them one after the other, so that a population that was made once can be copied for each.
"""

import asyncio
import itertools
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import uvicorn

from conformance.reference.app import create_app
from conformance.reference.faults.table import FAULTS
from conformance.reference.process_serve import PLAIN_HTTP, Listener, bound
from conformance.reference.process_setup import (
    Options,
    certificates,
    filled_store,
    registered_client,
    write_documents,
    write_target,
)
from conformance.reference.records.store import Store
from conformance.reference.settings import Settings
from conformance.reference.worlds.table import PLAIN, World

NEED_A_LISTENER_OF_THEIR_OWN = frozenset(
    {PLAIN_HTTP, *(fault.name for fault in FAULTS if fault.where == "listener")}
)
"""The faults that one listener for all suppliers cannot show: they need a process (`reference.process.start`)."""


@dataclass
class Suppliers:
    """Serves one supplier at a time at the same address."""

    folder: Path
    options: Options
    _app: Any = None
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self._listener = Listener(bound(0), certificates(self.folder))
        self._client = registered_client(self.options, self.folder)
        self._populations: dict[str, Path] = {}
        pem = str(self.folder / "server.pem")
        config = uvicorn.Config(
            self._switch,
            interface="asgi3",
            log_level="warning",
            access_log=False,
            server_header=False,
            date_header=False,
            lifespan="off",
            ssl_certfile=pem,
            ssl_keyfile=pem,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        self._loop.run_until_complete(self._server.serve(sockets=[self._listener.socket]))

    async def _switch(self, scope: Any, receive: Any, send: Any) -> None:
        await self._app(scope, receive, send)

    @contextmanager
    def serving(
        self,
        world: World = PLAIN,
        *,
        around: Callable[[Any], Any] = lambda app: app,
        settings: Mapping[str, Any] = MappingProxyType({}),
        **options: Any,
    ) -> Iterator[Path]:
        """A supplier with other options, and perhaps other settings, than its like; its target file.

        `around` is given the application and makes another of it, which is served in its place.
        """
        chosen = replace(self.options, world=world.name, **options)
        base = f"{self._listener.origin}{world.base_path}"
        work = self.folder / f"supplier-{next(self._numbers)}"
        work.mkdir()
        for name in ("ca.pem", "client-key.pem"):
            shutil.copy(self.folder / name, work)
        told = Settings(
            base_url=base,
            data_dir=work / "exports",
            clients=(self._client,),
            fault=chosen.fault,
            seed=chosen.seed,
            token_seconds=chosen.token_seconds,
            docs_dir=work / "docs",
            world=world.name,
            **settings,
        )
        store = self._copy(chosen, work, base)
        write_documents(chosen, told, store, work / "docs")
        write_target(chosen, base, work / "target.yaml")
        app = create_app(told, store)
        lifespan = app.router.lifespan_context(app)
        self._in_loop(lifespan.__aenter__())
        self._app = around(app)
        try:
            yield work / "target.yaml"
        finally:
            self._in_loop(lifespan.__aexit__(None, None, None))
            store.close()
            shutil.rmtree(work)

    def stop(self) -> None:
        """End the listener."""
        self._server.should_exit = True
        self._thread.join(10)
        self._loop.close()
        self._listener.socket.close()

    def _in_loop(self, step: Any) -> None:
        asyncio.run_coroutine_threadsafe(step, self._loop).result(30)

    def _copy(self, options: Options, work: Path, base: str) -> Store:
        """The store with the population, which is made once for each world, size and seed."""
        wanted = f"{options.world}-{options.patients}-{options.seed}"
        if wanted not in self._populations:
            made = filled_store(options, self.folder, base)
            path = self.folder / f"population-{wanted}.sqlite"
            made.select("VACUUM INTO ?", (str(path),))
            made.close()
            self._populations[wanted] = path
        path = work / "records.sqlite"
        shutil.copy(self._populations[wanted], path)
        return Store(path, base_url=base)
