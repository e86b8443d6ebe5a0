"""The honest supplier in a thread of this process, over TLS and with tokens, behind the proxy."""

import asyncio
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import uvicorn
import yaml

from benchmarks.assurance.lie import Lie
from benchmarks.assurance.proxy import LyingProxy
from conformance.reference.app import create_app
from conformance.reference.dossier import DOCUMENT_FAULTS
from conformance.reference.process_serve import Listener, bound
from conformance.reference.process_setup import (
    Options,
    certificates,
    filled_store,
    registered_client,
    write_documents,
    write_target,
)
from conformance.reference.settings import Settings
from conformance.reference.store import Store

JOB_SECONDS = 120
"""How long a tester waits for an export: a busy machine must not look like a deviation."""


def _be_patient(target: Path) -> None:
    described = yaml.safe_load(target.read_text(encoding="utf-8"))
    described["limits"] = {**described.get("limits", {}), "jobTimeout": JOB_SECONDS}
    target.write_text(yaml.safe_dump(described, sort_keys=False), encoding="utf-8")


class Supplier:
    """One listener, at which one population after the other is served, each time as it was at the start."""

    def __init__(self, folder: Path, patients: int) -> None:
        self.folder = folder
        self.options = Options(patients=patients)
        self._app: Any = None
        self._number = 0
        self._loop = asyncio.new_event_loop()
        self._listener = Listener(bound(0), certificates(folder))
        self._base = f"{self._listener.origin}/fhir"
        self._client = registered_client(self.options, folder)
        pem = str(folder / "server.pem")
        config = uvicorn.Config(
            self._switch,
            interface="asgi3",
            log_level="error",
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
    def behind(
        self,
        lie: Lie | None,
        *,
        patients: int = 0,
        seed: int | None = None,
        token_seconds: float = 60,
        fault: str | None = None,
    ) -> Iterator[tuple[Path, LyingProxy]]:
        """The target file of a fresh supplier, honest but for a named fault, and the proxy before it."""
        self._number += 1
        options = replace(
            self.options,
            patients=patients or self.options.patients,
            seed=self.options.seed if seed is None else seed,
            fault=fault,
        )
        work = self.folder / f"supplier-{self._number}"
        work.mkdir()
        for name in ("ca.pem", "client-key.pem"):
            shutil.copy(self.folder / name, work)
        settings = Settings(
            base_url=self._base,
            data_dir=work / "exports",
            clients=(self._client,),
            fault=None if fault in DOCUMENT_FAULTS else fault,
            seed=options.seed,
            token_seconds=token_seconds,
            docs_dir=work / "docs",
        )
        store = self._store(options, work)
        write_documents(options, settings, store, work / "docs")
        write_target(options, self._base, work / "target.yaml")
        _be_patient(work / "target.yaml")
        app = create_app(settings, store)
        life = app.router.lifespan_context(app)
        self._in_loop(life.__aenter__())
        self._app = proxy = LyingProxy(app, "/fhir", lie)
        try:
            yield work / "target.yaml", proxy
        finally:
            self._in_loop(life.__aexit__(None, None, None))
            store.close()
            shutil.rmtree(work)

    def stop(self) -> None:
        """End the listener."""
        self._server.should_exit = True
        self._thread.join(10)
        self._loop.close()
        self._listener.socket.close()

    def _in_loop(self, step: Any) -> None:
        asyncio.run_coroutine_threadsafe(step, self._loop).result(60)

    def _store(self, options: Options, work: Path) -> Store:
        """A store with the population, which is made once for each size and seed."""
        kept = self.folder / f"population-{options.patients}-{options.seed}.sqlite"
        if not kept.exists():
            made = filled_store(options, self.folder, self._base)
            made.select("VACUUM INTO ?", (str(kept),))
            made.close()
        path = work / "records.sqlite"
        shutil.copy(kept, path)
        return Store(path, base_url=self._base)
