"""Many tasks over several processes of this machine; a process that dies takes no finished work with it."""

import contextlib
import itertools
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait as wait_for
from types import ModuleType
from typing import Self, TypeVar

from conformance.errors import HarnessError

__all__ = ["Workers", "processors", "spread"]

T = TypeVar("T")
R = TypeVar("R")

MOST_DEATHS = 3
"""After so many processes died the work is given up: something is wrong with the machine or with us."""
FEWER = "The machine may be short of memory: try fewer with --workers. What is done is kept."
WAITING_TASKS = 4
"""So many tasks for each process are handed over at a time."""


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Workers:
    """So many processes of this machine, started when they are first needed and kept until the context is left.

    Functions and tasks can be pickled. Where one worker is enough, the work is done here. An error or a Ctrl-C ends the
    processes at once. `ready` is what each process does first, and may be pickled too: load what it will need, say.
    """

    def __init__(self, number: int, ready: Callable[[], None] | None = None) -> None:
        self.number = number
        self._ready = ready
        self._asked = False
        self._pool: ProcessPoolExecutor | None = None
        self._others: Sequence[object] = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, failed: object, *_: object) -> None:
        self._end(at_once=failed is not None or not self._asked)

    def begin(self) -> None:
        """Start the processes now: they make themselves ready while other things are done here.

        They are forked from this process where that is safe, which is where nothing else runs in it.
        """
        if self.number < 2:  # noqa: PLR2004 - as in `spread`
            return
        forked = sys.platform == "linux" and threading.active_count() == 1
        if forked:
            self._pool = self._started("fork")
        with contextlib.nullcontext() if forked else _without_main():
            for _ in range(self.number):
                self._submitted(_begin, None)

    def release(self) -> None:
        """Let the processes end: no more tasks will come. They are waited for when the context is left."""
        if self._pool is not None:
            self._pool.shutdown(wait=False)

    def spread(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[tuple[T, R]]:
        """What the function gives for each task, in the order in which they are done.

        A task whose process died is tried again in another one. Raises what the function raises, and HarnessError
        where processes keep dying or get no memory.
        """
        if self.number < 2 or len(tasks) < 2:  # noqa: PLR2004 - two of each are worth a process
            for task in tasks:
                yield task, function(task)
            return
        left = list(tasks)
        for _ in range(MOST_DEATHS):
            done: set[int] = set()
            try:
                for index, result in self._shared(function, left):
                    done.add(index)
                    yield left[index], result
            except BrokenProcessPool:
                left = [task for index, task in enumerate(left) if index not in done]
            else:
                return
        raise HarnessError(
            f"worker processes died {MOST_DEATHS} times, {len(left):,} tasks are left",
            hint=FEWER,
        )

    def _shared(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[tuple[int, R]]:
        self._asked = True
        waiting: dict[Future[R], int] = {}
        coming = iter(enumerate(tasks))
        try:
            for index, task in itertools.islice(coming, self.number * WAITING_TASKS):
                waiting[self._submitted(function, task)] = index
            while waiting:
                for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                    index = waiting.pop(future)
                    yield index, future.result()
                    following = next(coming, None)
                    if following is not None:
                        waiting[self._submitted(function, following[1])] = following[0]
        except BaseException as error:
            self._end(at_once=True)
            if isinstance(error, MemoryError):
                raise HarnessError("a worker process got no more memory", hint=FEWER) from error
            raise

    def _submitted(self, function: Callable[[T], R], task: T) -> Future[R]:
        if self._pool is None:
            self._pool = self._started("spawn")
        with _deaf_to_ctrl_c():
            return self._pool.submit(function, task)

    def _started(self, how: str) -> ProcessPoolExecutor:
        self._others = multiprocessing.active_children()
        context = multiprocessing.get_context(how)
        return ProcessPoolExecutor(
            self.number, mp_context=context, initializer=_prepare, initargs=(self._ready,)
        )

    def _end(self, *, at_once: bool = False) -> None:
        """Let the processes end; `at_once`, whatever they do: a task may take minutes, and leaves nothing half done."""
        if self._pool is None:
            return
        if at_once:
            for process in set(multiprocessing.active_children()).difference(self._others):
                process.terminate()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = None


def _prepare(ready: Callable[[], None] | None) -> None:
    _end_with_parent()
    if ready is not None:
        ready()


def _begin(_: None) -> None:
    """What starts a process: any task does."""


@contextlib.contextmanager
def _without_main() -> Iterator[None]:
    """Processes started in this context do not run the program's own module again: what they will do is elsewhere."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def spread(function: Callable[[T], R], tasks: Sequence[T], workers: int) -> Iterator[tuple[T, R]]:
    """As `Workers.spread`, by workers that are there for these tasks only."""
    with Workers(min(workers, len(tasks))) as pool:
        yield from pool.spread(function, tasks)


@contextlib.contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Processes started in this context hear no Ctrl-C: it is for the process that started them, which ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with_parent() -> None:
    """End this worker when the process that started it is gone, even by kill -9: else it would wait for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(sentinel: int) -> None:
    wait_for([sentinel])
    os._exit(1)
