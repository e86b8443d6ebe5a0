"""What `check-target` tells, point by point."""

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.model.evidence import Exchange
from conformance.model.target import Target


@dataclass(frozen=True)
class Point:
    """One thing that was looked at: good, bad, or (None) worth knowing."""

    name: str
    good: bool | None
    detail: str


def reached(answer: Exchange, target: Target) -> Iterator[Point]:
    """Whether a target answers, and what protects what it says on the way."""
    if answer.failure:
        yield Point("reachable", good=False, detail=answer.failure)
        return
    yield Point("reachable", good=True, detail=f"{target.endpoint} answers in {answer.elapsed_ms} ms")
    if answer.tls:
        yield Point("TLS", good=True, detail=f"{answer.tls}, key sha256 {answer.tls_key}")
    else:
        yield Point("TLS", good=None, detail="plain HTTP: nothing is protected on the way")
