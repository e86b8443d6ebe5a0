"""Reference suppliers in this process, over TLS and with tokens, behind the proxy."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from benchmarks.assurance.lie import Lie
from benchmarks.assurance.proxy import LyingProxy
from conformance.reference.in_process import Suppliers
from conformance.reference.process import Options
from conformance.reference.worlds.table import PLAIN, World

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
        self._suppliers = Suppliers(folder, Options(patients=patients))

    @contextmanager
    def behind(
        self, lie: Lie | None, world: World = PLAIN, **options: Any
    ) -> Iterator[tuple[Path, LyingProxy]]:
        """The target file of a fresh supplier with these options, honest without a fault, and the proxy before it."""
        proxies: list[LyingProxy] = []

        def around(app: Any) -> LyingProxy:
            proxies.append(LyingProxy(app, world.base_path, lie))
            return proxies[0]

        with self._suppliers.serving(world, around=around, **options) as target:
            _be_patient(target)
            yield target, proxies[0]

    def stop(self) -> None:
        """End the listener."""
        self._suppliers.stop()
