"""Passwords of keys: from a file, from the environment, or asked for; never from the command line."""

import getpass
import os
import sys
from collections.abc import Callable
from pathlib import Path

from conformance.errors import KeyFileError

VARIABLE = "CONFORMANCE_KEY_PASSWORD"


def asked(where: str) -> bytes:
    """The password of the key at this place. Raises KeyFileError where nobody can be asked."""
    if value := os.environ.get(VARIABLE):
        return value.encode()
    if not sys.stdin.isatty():
        raise KeyFileError(
            f"the key {where} needs a password, and there is nobody to ask",
            hint=f"Set {VARIABLE}, or give --password-file.",
        )
    return getpass.getpass(f"Password of {where}: ").encode()


def chosen(where: str) -> bytes:
    """A password for a new key, asked for twice."""
    first = asked(where)
    if not os.environ.get(VARIABLE) and getpass.getpass("Once more: ").encode() != first:
        raise KeyFileError("the passwords differ", hint="Try again; nothing was written.")
    return first


def from_file(path: Path | None, otherwise: Callable[[str], bytes]) -> Callable[[str], bytes]:
    """A way to the password: the first line of a file where one is named, else the other way."""
    if path is None:
        return otherwise

    def read(_where: str) -> bytes:
        try:
            return path.read_bytes().splitlines()[0]
        except (OSError, IndexError) as error:
            raise KeyFileError(f"the password file {path} cannot be read or is empty") from error

    return read
