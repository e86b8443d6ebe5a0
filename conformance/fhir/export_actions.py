"""What a client may do with an export job, and which answers follow on each: the protocol as a small machine.

The machine knows what must hold of any server, not how well it answers: status codes in detail, headers and bodies
have checks of their own. Source: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#bulk-data-status-request
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Action = Literal["poll", "wait", "download", "cancel"]
ACTIONS: tuple[Action, ...] = ("poll", "wait", "download", "cancel")
State = Literal["running", "complete", "failed", "gone"]

_OK, _MOVED, _CLIENT_ERROR = 200, 300, 400
_TRANSIENT = frozenset({429, 503})


@dataclass(frozen=True)
class Answered:
    """One action and what came of it: the state that the answer tells (its HTTP status, where it tells no other).

    `is_running` says that the answer tells of a running job, `is_manifest` that it carries a manifest, and `content`
    what of it must not change (the time and the number of files of a manifest, the digest of a file).
    """

    action: Action
    status: int
    is_running: bool = False
    is_manifest: bool = False
    content: str = ""


def breaches(answers: Iterable[Answered]) -> Iterator[tuple[int, str]]:
    """What no job may do: the number of the answer that shows it, and a sentence that says it."""
    job = _Job()
    for number, answer in enumerate(answers):
        # What did not come, or only later, tells nothing of the job.
        if answer.status and answer.status not in _TRANSIENT and (breach := job.take(answer)):
            yield number, breach


@dataclass
class _Job:
    """What is known of a job; `manifest` and `file` are the contents that were seen first."""

    state: State = "running"
    manifest: str = ""
    file: str = ""

    def take(self, answer: Answered) -> str:
        """Go on to the state that an answer tells; what is wrong with it, empty where nothing is."""
        if answer.action == "download":
            return self._downloaded(answer)
        if answer.action == "cancel":
            self.state = "gone" if answer.status < _MOVED else self.state
            return ""
        if self.state == "gone":
            told = f"answered {answer.status} after the job was cancelled"
            return told if answer.status < _CLIENT_ERROR else ""
        if answer.is_running:
            return "said that the job is running, after it was complete" if self.state == "complete" else ""
        return self._shown(answer) if answer.is_manifest else self._refused(answer)

    def _downloaded(self, answer: Answered) -> str:
        if not _OK <= answer.status < _MOVED:
            told = f"answered {answer.status} for a file of a job that is complete and was not cancelled"
            return told if self.state == "complete" else ""
        before, self.file = self.file, self.file or answer.content
        return (
            "delivered other content than before for the same file"
            if before not in {"", answer.content}
            else ""
        )

    def _shown(self, answer: Answered) -> str:
        failed, before = self.state == "failed", self.manifest
        self.state, self.manifest = "complete", before or answer.content
        if failed:
            return "gave a manifest, after the job had failed"
        changed = before not in {"", answer.content}
        return "gave another transactionTime or number of files than before" if changed else ""

    def _refused(self, answer: Answered) -> str:
        if answer.status < _CLIENT_ERROR:
            return ""
        was_complete, self.state = self.state == "complete", "failed"
        told = f"answered {answer.status} for a job that was complete and was not cancelled"
        return told if was_complete else ""
