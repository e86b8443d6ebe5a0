"""The seams at which a fault can make the supplier hard to leave, each with what the honest supplier does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conformance.reference.behaviour.export import never, unchanged

Json = dict[str, Any]


@dataclass(frozen=True)
class ExitBehaviour:
    """What an export tells of itself, how it gets on with others, what is logged, and what else can be taken out.

    `most_jobs` is how many exports may run at once, `refusal_says_when` whether one too many is told when to come back.
    `event` is given each record of the access log and returns what is kept of it, None for nothing.
    """

    digest: Callable[[str], str | None] = unchanged
    documentation_told: bool = True
    most_jobs: int | None = None
    refusal_says_when: bool = True
    reads_fail_meanwhile: bool = False
    files_given_once: bool = False
    part_is_wrong: bool = False
    kick_off_open: bool = False
    kick_off_takes_any_token: bool = False
    everything_left_out: Callable[[str], bool] = never
    event: Callable[[Json], Json | None] = unchanged
    events_found: bool = True
    configuration: Callable[[Json], Json | None] = unchanged
    sandbox: Callable[[Json], Json | None] = unchanged
