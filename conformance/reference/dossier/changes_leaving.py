"""What can be wrong with what a plan says of the time and the money that leaving takes."""

from conformance.reference.dossier.papers import PaperChange, setting

LEAVING_CHANGES: dict[str, PaperChange] = {
    "plan-definitions-not-published": setting("export", "definitions", "packages", to=[]),
    "plan-claims-impossible-speed": setting("export", "throughput", "bytesPerSecond", to=10**12),
    "plan-claims-impossible-rate": setting("export", "throughput", "resourcesPerSecond", to=10**9),
    "plan-volume-beyond-window": setting("volumes", "bytes", to=10**13),
    "plan-offline-route-blank": setting("export", "offlineTransfer", "route", to=" "),
    "plan-cap-too-low": setting("costs", "cap", to="9000.00"),
}
"""The changes by the names of their faults, as in `changes`."""
