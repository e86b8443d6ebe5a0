"""Ctrl-C, told with how to go on."""

from collections.abc import Iterator
from contextlib import contextmanager

from conformance.errors import Interrupted


@contextmanager
def interruptible(hint: str) -> Iterator[None]:
    """What may be interrupted from the keyboard. Raises Interrupted with this hint."""
    try:
        yield
    except KeyboardInterrupt as error:
        raise Interrupted("interrupted", hint=hint) from error
