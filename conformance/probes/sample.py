"""A sample of the resources of one type, larger than the one that discovery takes."""

from conformance.plugin import Wire, probe
from conformance.probes.following import follow
from conformance.probes.request import with_query

SAMPLED = "sampled"


@probe("sample")
def sample(
    wire: Wire, *, resource: str, count: int = 100, max_pages: int = 2, params: dict[str, str] | None = None
) -> None:
    """Search for resources of a type and follow the pages, up to so many (label `sampled`)."""
    url = with_query(f"/{resource}", {**(params or {}), "_count": str(count)})
    about = {"type": resource}
    follow(wire, lambda: wire.send("GET", url, label=SAMPLED, about=about), SAMPLED, max_pages)
