"""Several threads may ask the same definitions at once: what one is making is no mistake to another."""

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from contextlib import suppress

from small_structures import URL, profile, row

from conformance.fhir.definitions import Definitions, r4
from conformance.fhir.packages.package import from_resources

A_MOMENT = 0.2


class Watched:
    """A layer that, while it makes a structure, lets another thread ask for the same one."""

    def __init__(self, layer, pool):
        self.layer = layer
        self.pool = pool
        self.asked = []

    def __getattr__(self, name):
        return getattr(self.layer, name)

    def structure(self, url, version, definitions):
        if not self.asked:
            self.asked.append(self.pool.submit(definitions.structure, url))
            with suppress(TooLate):  # it waits for us, as it should
                self.asked[0].result(A_MOMENT)
        return self.layer.structure(url, version, definitions)


def test_a_structure_that_another_thread_is_making_is_waited_for():
    layers = from_resources([profile(row("Patient.birthDate", min=1))], base=r4()).layers
    with ThreadPoolExecutor(1) as pool:
        first = Watched(layers[0], pool)
        definitions = Definitions((first, *layers[1:]))
        mine = definitions.structure(URL)
        (theirs,) = first.asked
        assert theirs.result() is mine
    assert mine is not None
    assert definitions.problems == ()
