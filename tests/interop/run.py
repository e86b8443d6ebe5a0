"""Test one FHIR server that others wrote, and compare with what is known of it.

```sh
python tests/interop/run.py hapi                         # install, start, load, run its profiles, compare, stop
python tests/interop/run.py hapi --serve                 # install, start, load, and stay until Ctrl-C
python tests/interop/run.py hapi --profile exit-core --out /tmp/hapi
```

Exit codes: 0 as expected, 1 otherwise, 4 if the server cannot be had here.
"""

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

from interop_runs import PATIENTS, differences, expected, finished_run, load, outcomes
from interop_servers import SERVERS, NotToBeHad, Server, started

_A_WHILE = 3600


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("server", choices=sorted(SERVERS))
    parser.add_argument(
        "--profile", action="append", help="a profile to run; without it all whose findings are known"
    )
    parser.add_argument("--patients", type=int, default=PATIENTS, help="size of the population (%(default)s)")
    parser.add_argument(
        "--port", type=int, default=0, help="a port on 127.0.0.1; 0 (the default) for a free one"
    )
    parser.add_argument("--out", type=Path, help="where to leave the runs; without it a temporary folder")
    parser.add_argument("--serve", action="store_true", help="only start and load it, until interrupted")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    server = SERVERS[given.server]
    out = given.out or Path(tempfile.mkdtemp(prefix=f"interop-run-{server.name}-"))
    try:
        with started(server, given.port) as running:
            number = load(running, given.patients)
            print(f"{server.product} {server.version} at {running.url} with {number} resources", flush=True)
            if given.serve:
                while True:
                    time.sleep(_A_WHILE)
            told = [
                _told(server, finished_run(running, out / profile, profile), profile)
                for profile in given.profile or server.profiles
            ]
    except NotToBeHad as reason:
        print(reason, file=sys.stderr)
        return 4
    except KeyboardInterrupt:
        return 0
    return max(told)


def _told(server: Server, run: Path, profile: str) -> int:
    if not (run / "report.json").is_file():
        print(f"The run in {run} did not come to a report.", file=sys.stderr)
        return 1
    seen = outcomes(run)
    for outcome in ("pass", "fail", "inconclusive", "untested", "inapplicable"):
        which = sorted(requirement for requirement, (what, _) in seen.items() if what == outcome)
        print(f"{outcome:13}{len(which):4}  {'' if outcome == 'pass' else ' '.join(which)}")
    unlike = list(differences(seen, expected(server, profile)))
    for difference in unlike:
        print(f"\n{difference}")
    print(f"\nThe run is in {run}. {len(unlike)} outcomes are not as expected.")
    return 1 if unlike else 0


if __name__ == "__main__":
    sys.exit(main())
