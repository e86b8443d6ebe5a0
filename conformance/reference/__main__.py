"""`python -m conformance.reference`: the reference supplier, for people and for the harness.

It makes its own certificate, client key, records and documents. Once it answers it writes one line of JSON
to standard output: `url`, `ca`, `clientId`, `target`, `profile`, `pid`. Exit codes: 0 stopped, 2 a mistake in the
arguments.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from conformance.errors import closest
from conformance.reference.app import create_app
from conformance.reference.faults.table import FAULT_NAMED, behaviour_of
from conformance.reference.process_serve import PLAIN_HTTP, Listener, ParentWatch, bound, serve
from conformance.reference.process_setup import (
    CLIENT_ID,
    Mistake,
    Options,
    certificates,
    filled_store,
    registered_client,
    world_of_options,
    write_documents,
    write_target,
)
from conformance.reference.settings import Settings

Announce = Callable[[Mapping[str, Any]], None]

_DEFAULT_PROFILE = "nhs-anti-lock-in"
_INTERRUPTED = 130
_OF_THE_PROCESS = frozenset({"die_with_parent", "remove_work"})


def as_json(told: Mapping[str, Any]) -> None:
    """Tell whoever started this, in one line of JSON, that it answers."""
    print(json.dumps(told), flush=True)  # noqa: T201 - the one line that the caller waits for


def main(arguments: Sequence[str] | None = None, announce: Announce = as_json) -> int:
    """Serve until stopped; the exit code. `announce` is told where, once it answers."""
    given = _parser().parse_args(arguments)
    watch = ParentWatch() if given.die_with_parent else None
    options = Options(**{name: value for name, value in vars(given).items() if name not in _OF_THE_PROCESS})
    ours = options.work is None
    work = (options.work or Path(tempfile.mkdtemp(prefix="reference-supplier-"))).resolve()
    try:
        _run(options, work, watch, announce)
    except Mistake as mistake:
        print(f"conformance.reference: {mistake}", file=sys.stderr)  # noqa: T201 - this is a command
        return 2
    except KeyboardInterrupt:
        return _INTERRUPTED
    finally:
        if ours or (given.remove_work and watch and watch.ended):
            shutil.rmtree(work, ignore_errors=True)
    return 0


def _run(options: Options, work: Path, watch: ParentWatch | None, announce: Announce) -> None:
    """Prepare everything in the work folder, and serve."""
    _check(options)
    world = world_of_options(options)
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Mistake(f"cannot make the work folder {work}: {error.strerror}") from error
    access = behaviour_of(options.fault, options.seed).access
    listeners = [Listener(bound(options.port), None if options.http else certificates(work, access))]
    if options.fault == PLAIN_HTTP:
        listeners.append(Listener(bound(0)))
    base_url = f"{listeners[0].origin}{world.base_path}"
    settings = Settings(
        base_url=base_url,
        data_dir=work / "exports",
        clients=(registered_client(options, work),),
        auth="none" if options.auth == "none" else "smart",
        fault=options.fault,
        seed=options.seed,
        token_seconds=options.token_seconds,
        docs_dir=work / "docs",
        world=world.name,
        plain_http_origin=listeners[1].origin if len(listeners) > 1 else None,
    )
    store = filled_store(options, work, base_url)
    write_documents(options, settings, store, work / "docs")
    write_target(options, base_url, work / "target.yaml")

    def ready() -> None:
        told = {
            "url": base_url,
            "ca": None if options.http else str(work / "ca.pem"),
            "clientId": options.client_id,
            "target": str(work / "target.yaml"),
            "profile": next(iter(world.profiles), _DEFAULT_PROFILE),
            "pid": os.getpid(),
        }
        announce(told)

    try:
        serve(create_app(settings, store), listeners, f"{settings.base_path}{world.ready}", ready, watch)
    finally:
        store.close()


def _check(options: Options) -> None:
    """Raise Mistake for options that cannot be followed."""
    if options.fault is not None and options.fault not in FAULT_NAMED:
        raise Mistake(f"there is no fault named {options.fault!r}{closest(options.fault, FAULT_NAMED)}")
    if options.patients < 1:
        raise Mistake(f"--patients is {options.patients}; it has to be 1 or more")
    if options.data is not None and not options.data.is_dir():
        raise Mistake(f"--data: {options.data} is no folder")


def _parser() -> argparse.ArgumentParser:
    honest = Options()
    parser = argparse.ArgumentParser(
        prog="python -m conformance.reference",
        description="The embedded reference supplier: a small FHIR R4 server to try the harness on.",
    )
    add = parser.add_argument
    add("--port", type=int, default=honest.port, help="port on 127.0.0.1; 0 (the default) for a free one")
    add(
        "--http",
        action="store_true",
        help="plain HTTP; the exit plan, which needs https addresses, is then invalid",
    )
    add("--fault", metavar="NAME", help="one named deviation; without it the supplier is honest")
    add(
        "--world",
        metavar="NAME",
        help="a variant with more in it; without it, that of the fault's profile",
    )
    add("--data", type=Path, metavar="FOLDER", help="serve the *.ndjson and *.ndjson.gz files of this folder")
    add("--patients", type=int, default=honest.patients, help="size of the made-up population (%(default)s)")
    add("--seed", type=int, default=honest.seed, help="what is made up, and what a fault hits (%(default)s)")
    add("--work", type=Path, metavar="FOLDER", help="where to keep keys, documents and the target file")
    add("--auth", choices=("smart", "none"), default=honest.auth, help="SMART backend services, or no tokens")
    add(
        "--client-jwks", type=Path, metavar="FILE", help="public keys of the client; without it a key is made"
    )
    add("--client-id", default=CLIENT_ID, help="id of the client (%(default)s)")
    add(
        "--as-of",
        type=date.fromisoformat,
        metavar="DATE",
        help="the day the documents are up to date on (today)",
    )
    add(
        "--token-seconds",
        type=float,
        default=honest.token_seconds,
        help="how long a token is good (%(default)s)",
    )
    add("--die-with-parent", action="store_true", help="end when standard input ends")
    add("--remove-work", action="store_true", help="when it ends with its parent, remove the work folder too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
