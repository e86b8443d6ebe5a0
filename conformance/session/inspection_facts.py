"""What all tasks of an inspection came to, before it is told."""

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.analysis.scale.piece import Piece
from conformance.analysis.scale.summing import Joined
from conformance.outside.export_reading import ExportFile

__all__ = ["Facts"]


@dataclass(frozen=True)
class Facts:
    """All that was found: the files, the facts and the digest of each, and what joining came to."""

    files: Sequence[ExportFile]
    pieces: Sequence[Piece]
    digests: Sequence[str]
    joined: Joined
