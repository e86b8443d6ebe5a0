"""Export jobs: each runs in a thread of its own, and is forgotten with its files when its time is over."""

import secrets
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from conformance.reference.behaviour.export import ExportBehaviour
from conformance.reference.export.files import Writer, Written
from conformance.reference.export.plan import plan
from conformance.reference.export.request import ExportRequest
from conformance.reference.forms import dates
from conformance.reference.records.store import Store
from conformance.reference.settings import Settings

_LONG_AGO = dates.interval("2000-01-01")[0]
APPROVAL = "Waiting for approval: please open a support ticket with our service desk"


@dataclass
class Job:
    """One export, from kick-off until it is forgotten.

    `written` is set once its files are there, `ended` last, so that what it tells of is complete. `asked` tells
    whether its status was asked for: the first answer is always that it is running, so that how a client waits is
    tried out however fast the machine is. For the same reason a job in pages is complete only once its files were
    shown before (`shown_early`). `told` says that its end was told. `polls` are the moments of the last requests for
    its status, `fetched` the files that were asked for.
    """

    name: str
    number: int
    request: ExportRequest
    transaction_time: int
    snapshot: int
    folder: Path
    progress: str = "accepted"
    asked: bool = False
    shown_early: bool = False
    told: bool = False
    polls: list[float] = field(default_factory=list)
    fetched: set[str] = field(default_factory=set)
    files: tuple[Written, ...] = ()
    error: str | None = None
    expires: float | None = None
    written: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    stopped: threading.Event = field(default_factory=threading.Event)

    def is_polled_too_often(self, most: int) -> bool:
        """Count one more request for the status; whether there were more than so many of them in a second."""
        now = time.monotonic()
        self.polls = [moment for moment in self.polls if moment > now - 1.0] + [now]
        return len(self.polls) > most


class Jobs:
    """All jobs that are known, running or complete."""

    def __init__(self, settings: Settings, store: Store, behaviour: ExportBehaviour) -> None:
        self._settings = settings
        self._store = store
        self._behaviour = behaviour
        self._jobs: dict[str, Job] = {}
        self._started = 0
        self._lock = threading.Lock()
        self._temporary = settings.data_dir is None
        self._folder = settings.data_dir / "exports" if settings.data_dir else Path(tempfile.mkdtemp())

    def start(self, request: ExportRequest) -> Job:
        """Start a job on the resources as they are now."""
        self.sweep()
        name = secrets.token_urlsafe(18)
        with self._lock, self._store.transaction():
            self._started += 1
            snapshot, transaction_time = self._store.snapshot(), self._store.tick()
            job = Job(name, self._started, request, transaction_time, snapshot, self._folder / name)
            self._jobs[name] = job
        if self._behaviour.needs_approval:
            job.progress = APPROVAL
        else:
            threading.Thread(target=self._run, args=(job,), name=f"export {job.number}", daemon=True).start()
        return job

    @property
    def is_busy(self) -> bool:
        """Whether a job is running."""
        return self.running > 0

    @property
    def running(self) -> int:
        """How many jobs are running."""
        with self._lock:
            return sum(not job.ended.is_set() for job in self._jobs.values())

    @property
    def is_catching_up(self) -> bool:
        """Whether a job is running for all types and all that changed since a moment before all records."""
        with self._lock:
            running = [job.request for job in self._jobs.values() if not job.ended.is_set()]
        return any(one.since is not None and one.since < _LONG_AGO and len(one.types) > 1 for one in running)

    def find(self, name: str) -> Job | None:
        """The job of that name, unless it was cancelled or its time is over."""
        self.sweep()
        with self._lock:
            return self._jobs.get(name)

    def cancel(self, job: Job) -> None:
        """Stop a job, and forget it with its files."""
        job.stopped.set()
        with self._lock:
            self._jobs.pop(job.name, None)
        shutil.rmtree(job.folder, ignore_errors=True)

    def sweep(self) -> None:
        """Forget the jobs whose time is over."""
        now = time.time()
        with self._lock:
            over = [job for job in self._jobs.values() if job.expires is not None and job.expires <= now]
        for job in over:
            self.cancel(job)

    def close(self) -> None:
        """Stop every job; without a data folder, nothing stays on disk."""
        with self._lock:
            jobs = list(self._jobs.values())
        for job in jobs:
            job.stopped.set()
            if not self._behaviour.needs_approval:
                job.ended.wait(timeout=10)
        if self._temporary:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, job: Job) -> None:
        begun = time.monotonic()
        try:
            self._export(job)
            job.written.set()
            job.stopped.wait(max(0.0, self._settings.job_delay - (time.monotonic() - begun)))
        except Exception as error:  # noqa: BLE001 - whatever it was, the client must be told that the job failed
            job.error = f"The export failed: {type(error).__name__}: {error}"
        job.expires = time.time() + self._settings.job_lifetime
        job.ended.set()
        if job.stopped.is_set():
            shutil.rmtree(job.folder, ignore_errors=True)

    def _export(self, job: Job) -> None:
        if self._behaviour.system_job_fails and job.request.level == "system" and job.request.is_bare:
            job.error = "The export ended with an internal error"
            return

        def tell(progress: str) -> None:
            job.progress = progress

        tell("choosing resources")
        planned = plan(self._store, job.request, job.snapshot, self._behaviour, job.number)
        settings = self._settings
        writer = Writer(
            self._store,
            job.folder,
            settings.base_url,
            settings.file_limit,
            self._behaviour,
            tell,
            job.stopped.is_set,
        )
        job.files = tuple(writer.write(planned, job.request))


def expires_text(job: Job) -> str:
    """When a finished job will be forgotten, as an HTTP date."""
    return dates.http_date(int((job.expires or time.time()) * 1_000_000))
