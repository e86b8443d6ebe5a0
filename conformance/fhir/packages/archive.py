"""The files of a FHIR package's archive (`.tgz`), read with bounds, trusting nothing that it says about itself.

Refused, each with one clear message: a path that leaves the package, a link or device, a member or an archive that
unpacks to more than the limits. Source: FHIR NPM Package specification, https://hl7.org/fhir/packages.html
"""

import gzip
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO

from conformance.fhir.definitions.problems import DefinitionProblem

__all__ = ["LIMITS", "Limits", "tgz_files"]

_BELOW = ("package", "")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an archive may unpack to: bytes of one member, bytes of all, and the number of members."""

    member: int = 64 * 1024 * 1024
    total: int = 2 * 1024 * 1024 * 1024
    members: int = 100_000


LIMITS = Limits()


def tgz_files(stream: IO[bytes], *, where: str = "", limits: Limits = LIMITS) -> Iterator[tuple[str, bytes]]:
    """The JSON and XML files directly in the archive's `package` folder: name in that folder, bytes.

    One member at a time is in memory. Raises `DefinitionProblem` where the archive is broken or breaks a rule.
    """
    try:
        unpacked = _Bounded(gzip.GzipFile(fileobj=stream, mode="rb"), where, limits)
        with tarfile.open(fileobj=unpacked, mode="r:") as archive:  # type: ignore[call-overload]
            for count, member in enumerate(archive, 1):
                _refuse(member, count, where, limits)
                name = _wanted(member)
                if name:
                    data = archive.extractfile(member)
                    if data is not None:
                        yield name, data.read()
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise DefinitionProblem(
            f"is no readable .tgz archive ({type(error).__name__}: {error})",
            where=where,
            hint="Fetch the package again.",
        ) from error


def _wanted(member: tarfile.TarInfo) -> str:
    """The name within `package`, empty where the member is none of its resources."""
    path = PurePosixPath(member.name)
    parts = [part for part in path.parts if part != "."]
    inside = member.isreg() and len(parts) == len(_BELOW) and parts[0] == _BELOW[0]
    return path.name if inside and path.suffix.lower() in {".json", ".xml"} else ""


def _refuse(member: tarfile.TarInfo, count: int, where: str, limits: Limits) -> None:
    path = PurePosixPath(member.name.replace("\\", "/"))
    drive = ":" in path.parts[0] if path.parts else False
    complaint = ""
    if path.is_absolute() or ".." in path.parts or drive:
        complaint = f"its member {member.name!r} leaves the package's folder"
    elif not (member.isreg() or member.isdir()):
        complaint = f"its member {member.name!r} is a link or a device"
    elif member.size > limits.member:
        complaint = f"its member {member.name!r} unpacks to more than {limits.member:,} bytes"
    elif count > limits.members:
        complaint = f"it has more than {limits.members:,} members"
    if complaint:
        raise _refused(complaint, where)


def _refused(complaint: str, where: str) -> DefinitionProblem:
    return DefinitionProblem(
        f"the archive is refused: {complaint}",
        where=where,
        hint="Use a package from its publisher; this one was not made by a FHIR tool, or was tampered with.",
    )


class _Bounded:
    """A stream that ends with a clear message when more is read at once, or in all, than the limits allow."""

    def __init__(self, stream: IO[bytes] | gzip.GzipFile, where: str, limits: Limits) -> None:
        self._stream = stream
        self._where = where
        self._limits = limits

    def read(self, size: int = -1) -> bytes:
        if size < 0 or size > self._limits.member:
            raise _refused(f"a header asks for {size:,} bytes at once", self._where)
        self._within(self._stream.tell() + size)
        return self._stream.read(size)

    def seek(self, position: int, whence: int = 0) -> int:
        self._within(position)
        return self._stream.seek(position, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def _within(self, position: int) -> None:
        if position > self._limits.total:
            raise _refused(f"it unpacks to more than {self._limits.total:,} bytes", self._where)
