"""How long it takes to search what is about to be written for secrets.

`python benchmarks/leak_gate.py` prints the seconds for 100 MB and twenty secrets: the least, median and most of nine.
"""

import base64
import os
import statistics
import sys
import time

from conformance.outside.secrets import Secrets

TIMES, SECRETS, MEGABYTES = 9, 20, 100
LINE = b'{"resourceType":"Observation","valueQuantity":{"value":1.25},"id":"abcd-1234"}\n'


def main() -> int:
    secrets = Secrets({})
    for _ in range(SECRETS):
        secrets.add(base64.urlsafe_b64encode(os.urandom(48)).decode())
    data = LINE * (MEGABYTES * 1_000_000 // len(LINE))
    measured = []
    for _ in range(TIMES):
        begun = time.process_time()
        secrets.gate(data, "a body")
        measured.append(time.process_time() - begun)
    print("| what | least, s | median, s | most, s |\n|---|---:|---:|---:|")
    figures = " | ".join(
        f"{each:.2f}" for each in (min(measured), statistics.median(measured), max(measured))
    )
    print(f"| {MEGABYTES} MB, {SECRETS} secrets | {figures} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
