"""Run: carry out the steps of a bound suite and hand over the evidence of each as soon as it is complete.

Steps that only read go side by side; those that write come after them, one at a time, so that they disturb no
measurement.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Protocol

from conformance.catalog import Catalog
from conformance.errors import ConformanceError, Interrupted, Untestable
from conformance.model.evidence import StepEvidence
from conformance.model.suite import Step
from conformance.plugin import Wire


class RecordingWire(Wire, Protocol):
    """A wire that hands over what it recorded."""

    def evidence(self, *, untestable: str = "", crash: str = "") -> StepEvidence:
        """All that this wire recorded, and why the step is not whole, if it is not."""


OpenWire = Callable[[str], RecordingWire]
Done = Callable[[StepEvidence], None]


@dataclass(frozen=True)
class Conduct:
    """How to carry out steps. `done` is called in the caller's thread; `stop` makes steps under way end soon."""

    open_wire: OpenWire
    done: Done
    stop: Callable[[], None]
    workers: int


def run(steps: Sequence[Step], conduct: Conduct, catalog: Catalog) -> None:
    """Carry out the steps and hand over the evidence of each, in the order in which they end.

    Raises Interrupted or KeyboardInterrupt, or the TargetError that makes going on pointless, once the steps
    under way have ended.
    """
    reading = [step for step in steps if not step.writes]
    with ThreadPoolExecutor(conduct.workers, thread_name_prefix="step") as pool:
        try:
            # Nobody but as_completed holds the futures, which lets go of each, and of its evidence, as it is done.
            for future in as_completed(
                [pool.submit(carry_out, step, conduct.open_wire, catalog) for step in reading]
            ):
                conduct.done(future.result())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            conduct.stop()
            raise
    for step in steps:
        if step.writes:
            conduct.done(carry_out(step, conduct.open_wire, catalog))


def carry_out(step: Step, open_wire: OpenWire, catalog: Catalog) -> StepEvidence:
    """The evidence of one step. A probe that fails on our side leaves evidence that says so."""
    wire = open_wire(step.id)
    try:
        catalog.find("probe", step.probe.name)(wire, **step.probe.arguments)
    except Untestable as reason:
        return wire.evidence(untestable=str(reason))
    except (Interrupted, ConformanceError):
        raise
    except Exception as error:  # noqa: BLE001 - a probe that crashes is our fault, never the target's
        said = (
            f"the probe {step.probe.name} crashed ({type(error).__name__}: {error}); a fault of the harness"
        )
        return wire.evidence(crash=said)
    return wire.evidence()
