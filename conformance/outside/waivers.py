"""Waivers as people write them: a YAML list, or a list that was signed by who granted them."""

from dataclasses import dataclass
from pathlib import Path

from conformance.errors import UsageError
from conformance.model.base import canonical
from conformance.model.report import Waiver
from conformance.model.waivers import (
    SIGNED_WAIVERS_FILE,
    WAIVERS_FILE,
    NotWaivers,
    WaiverList,
    read_waivers,
)
from conformance.outside import decisions

MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class Waivers:
    """Waivers, and the file that keeps them in a run's folder: as they were signed, where they were."""

    name: str
    data: bytes
    listed: WaiverList

    @property
    def list(self) -> tuple[Waiver, ...]:
        """One a requirement at most."""
        return self.listed.waivers


def waivers(path: Path) -> Waivers:
    """The waivers in a YAML list or a signed list (`.dsse.json`). Raises UsageError."""
    if not path.name.endswith(".dsse.json"):
        listed = decisions.waivers(path)
        return Waivers(WAIVERS_FILE, canonical(listed.in_full()), listed)
    try:
        data = path.read_bytes() if path.stat().st_size <= MOST_BYTES else b""
        return Waivers(SIGNED_WAIVERS_FILE, data, read_waivers(SIGNED_WAIVERS_FILE, data))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint="Check the path.") from None
    except NotWaivers as error:
        raise UsageError(
            f"{path} holds no signed waivers: {error}", hint="`conformance waive` makes such a file."
        ) from None
