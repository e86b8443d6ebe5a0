"""Many tasks over several processes of this machine; a process that dies takes no finished work with it."""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait as wait_for
from typing import TypeVar

from conformance.errors import HarnessError

__all__ = ["processors", "spread"]

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


def spread(function: Callable[[T], R], tasks: Sequence[T], workers: int) -> Iterator[tuple[T, R]]:
    """What the function gives for each task, in the order in which they are done; here where one worker is enough.

    The function and the tasks can be pickled. A task whose process died is tried again in another one. Raises what the
    function raises, and HarnessError where processes keep dying or get no memory. Whatever ends it ends its processes.
    """
    if workers < 2 or len(tasks) < 2:  # noqa: PLR2004 - two of each are worth a process
        for task in tasks:
            yield task, function(task)
        return
    left = list(tasks)
    for _ in range(MOST_DEATHS):
        done: set[int] = set()
        try:
            for index, result in _in_pool(function, left, min(workers, len(left))):
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


def _in_pool(function: Callable[[T], R], tasks: Sequence[T], workers: int) -> Iterator[tuple[int, R]]:
    context = multiprocessing.get_context("spawn")
    others = multiprocessing.active_children()
    waiting: dict[Future[R], int] = {}
    coming = iter(enumerate(tasks))
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_end_with_parent)
    try:
        for index, task in coming:
            with _deaf_to_ctrl_c():
                waiting[pool.submit(function, task)] = index
            if len(waiting) >= workers * WAITING_TASKS:
                break
        while waiting:
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                index = waiting.pop(future)
                yield index, future.result()
                following = next(coming, None)
                if following is not None:
                    with _deaf_to_ctrl_c():
                        waiting[pool.submit(function, following[1])] = following[0]
    except BaseException as error:
        for process in set(multiprocessing.active_children()).difference(others):
            process.terminate()  # a task may take minutes, and one that is not finished leaves nothing
        if isinstance(error, MemoryError):
            raise HarnessError("a worker process got no more memory", hint=FEWER) from error
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


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
