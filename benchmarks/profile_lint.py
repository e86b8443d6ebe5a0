"""How long `conformance profiles lint` takes for a profile of many requirements, process and all.

`python -m benchmarks.profile_lint [--requirements 500] [--times 5]` prints the best and the median wall time, the least
time of the processor, the load of the machine, and the most memory. The aim: 500 requirements in less than a second.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

HEAD = "profile: big\nversion: 0.1.0\ntitle: Many requirements\nrequirements:\n"
ONE = """\
  - id: BIG-{n:06}
    level: SHALL
    text: Statement number {n} holds of reads.
    source: https://example.org/spec#clause-{n}
    when: [{{declares: {{resource: Patient, interaction: read}}}}]
    tests:
      - probe: {{request: {{path: "/Patient/{{p.id}}"}}}}
        slots: {{p: Patient.id}}
        expect: [{{status: {{code: 200}}}}, {{resource: {{type: Patient, id: "{{p.id}}"}}}}]
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requirements", type=int, default=500)
    parser.add_argument("--times", type=int, default=5)
    wish = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "big.yaml"
        file.write_text(HEAD + "".join(ONE.format(n=n) for n in range(wish.requirements)))
        took, busy, memory = [], [], 0
        for _ in range(wish.times):
            began = time.perf_counter()
            child = os.posix_spawn(
                sys.executable,
                [
                    sys.executable,
                    "-c",
                    "from conformance.cli.main import main; main()",
                    "profiles",
                    "lint",
                    str(file),
                ],
                os.environ,
            )
            _, status, usage = os.wait4(child, 0)
            took.append(time.perf_counter() - began)
            busy.append(usage.ru_utime + usage.ru_stime)
            memory = max(memory, usage.ru_maxrss)
            if status:
                return 1
    print(
        f"{wish.requirements} requirements: best {min(took):.2f} s, median {statistics.median(took):.2f} s, "
        f"processor {min(busy):.2f} s, load {os.getloadavg()[0]:.1f}, {memory / 1024:.0f} MB"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
