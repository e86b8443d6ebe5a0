"""Following the references that resources of a type hold."""

from collections import Counter

from conformance.analysis.referring import chosen, literal_references
from conformance.analysis.samples import SAMPLE
from conformance.analysis.structures import resources_in
from conformance.plugin import Wire, probe

HOLDING, REFERRED = "holding", "referred"


@probe("references")
def references(wire: Wire, *, resource: str, id: str = "", most: int = 12) -> None:  # noqa: A002 - the word of profiles
    """Ask for resources of a type (or for one, by its id), and read what they refer to on the same server.

    The label is `holding` for the former and `referred` for the latter. At most so many references are followed, each
    target once, dealt over the elements in which they stand and the types to which they lead. The notes `references`
    say how many there were of each sort. A reference to another server is counted and not followed.
    """
    about = {"type": resource}
    path = f"/{resource}/{id}" if id else f"/{resource}?_count={SAMPLE}"
    answer = wire.send("GET", path, label=HOLDING, about=about)
    found = [each for held in resources_in(answer, resource) for each in literal_references(held)]
    wire.note("references", dict(Counter(each.leads(wire.base) for each in found)))
    for each in chosen(found, wire.base, most):
        about = {"source": each.source, "path": each.path, "reference": each.reference}
        own = each.reference.startswith(("http://", "https://"))
        wire.send("GET", each.reference if own else f"/{each.reference}", label=REFERRED, about=about)
