"""Slices: which items belong to which, whether each slice is there often enough, and what may stand beside them.

An item that a discriminator cannot decide (its target lies elsewhere, its value set is unknown) fails nothing: the
slice is recorded as not evaluated.

Source: FHIR R4, https://hl7.org/fhir/R4/profiling.html#slicing
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.table import Discriminator, Element, Slicing
from conformance.fhir.validation.deltas import Delta, SliceDelta
from conformance.fhir.validation.discriminators import Discriminators
from conformance.fhir.validation.judge import Judge
from conformance.fhir.validation.node import Node

__all__ = ["Slicer"]

DEFAULT = "@default"
UNSURE = -1
BY_TYPE = (Discriminator("type", "$this"),)
BY_URL = (Discriminator("value", "url"),)
Piece = tuple[Element, Delta]
Apply = Callable[[Judge, Node, Delta, str], None]


@dataclass(frozen=True, slots=True)
class Task:
    """One sliced element of one node: what all levels of its slices have in common."""

    judge: Judge
    parent: Node
    every: Sequence[Piece]
    url: str
    apply: Apply

    def name(self, piece: Element) -> str:
        """A slice as what was not evaluated names it."""
        return f"{self.url}#{piece.id}"

    def tell(self, node: Node, message_id: str, *, rule: str = "", **words: Any) -> None:
        """Notes a finding by the structure that slices."""
        self.judge.tell(node, message_id, structure=self.url, rule=rule, **words)


class Slicer:
    """Judges sliced elements; one for a set of definitions, for what it prepares of each slice."""

    def __init__(self, definitions: Definitions) -> None:
        self._discriminators = Discriminators(definitions)

    def judge(
        self, judge: Judge, parent: Node, items: Sequence[Node], sliced: SliceDelta, url: str, apply: Apply
    ) -> None:
        """Sorts the items into slices, tells what does not fit, and applies each slice to its items."""
        task = Task(judge, parent, sliced.slices, url, apply)
        self._judge(task, items, sliced.slicing, _outermost(sliced.slices))

    def _judge(self, task: "Task", items: Sequence[Node], slicing: Slicing, level: Sequence[Piece]) -> None:
        discriminators = _discriminators(slicing, level)
        if not discriminators:
            if level:
                reason = "the definition gives no discriminator by which its items could be told apart"
                task.judge.cannot_judge(task.parent, "slice", task.name(level[0][0]), reason)
            return
        held: list[list[Node]] = [[] for _ in level]
        unsure = [0] * len(level)
        placed: list[int | None] = []
        for item in items:
            place, undecided = self._place(task.judge, item, level, discriminators)
            placed.append(UNSURE if undecided else place)
            for index in undecided:
                unsure[index] += 1
                reason = "its discriminators do not tell which items belong to it"
                task.judge.cannot_judge(item, "slice", task.name(level[index][0]), reason)
            if place is not None:
                held[place].append(item)
        _judge_places(task, items, placed, slicing, level)
        for index, (piece, delta) in enumerate(level):
            _judge_number(task, piece, held[index], unsure[index])
            for item in held[index]:
                task.apply(task.judge, item, delta, task.url)
            inner = _within(piece, task.every)
            if inner:
                self._judge(task, held[index], _narrower(piece, slicing), inner)

    def _place(
        self, judge: Judge, item: Node, level: Sequence[Piece], discriminators: Sequence[Discriminator]
    ) -> tuple[int | None, list[int]]:
        """The slice that an item belongs to, and the slices of which that cannot be told."""
        found: list[int] = []
        undecided: list[int] = []
        default: int | None = None
        for index, (piece, _) in enumerate(level):
            if piece.slice_name == DEFAULT:
                default = index
                continue
            answer = self._fits(judge, item, piece, discriminators)
            if answer is None:
                undecided.append(index)
            elif answer:
                found.append(index)
        if len(found) > 1:
            return None, found  # the definition does not tell its slices apart: no fault of the item
        if found:
            return found[0], []
        return (None if undecided else default), undecided

    def _fits(
        self, judge: Judge, item: Node, piece: Element, discriminators: Sequence[Discriminator]
    ) -> bool | None:
        told = [each for each in discriminators if self._discriminators.speaks(piece, each)]
        answer: bool | None = True if told else None
        for discriminator in told:
            found = self._discriminators.fits(judge, item, piece, discriminator)
            if found is False:
                return False
            if found is None:
                answer = None
        return answer


def _discriminators(slicing: Slicing, level: Sequence[Piece]) -> Sequence[Discriminator]:
    """The discriminators, or those that go without saying: a choice by its type, an extension by its url."""
    if slicing.discriminators or not level:
        return slicing.discriminators
    first = level[0][0]
    if first.name.endswith("[x]"):
        return BY_TYPE
    return BY_URL if first.name in {"extension", "modifierExtension"} else ()


def _outermost(pieces: Sequence[Piece]) -> list[Piece]:
    names = {piece.slice_name for piece, _ in pieces}
    return [pair for pair in pieces if pair[0].slice_name.rpartition("/")[0] not in names]


def _within(outer: Element, pieces: Sequence[Piece]) -> list[Piece]:
    return [pair for pair in pieces if pair[0].slice_name.rpartition("/")[0] == outer.slice_name]


def _narrower(piece: Element, slicing: Slicing) -> Slicing:
    """How the items of a slice are sliced again: as it says itself, else by the same discriminators."""
    own = piece.slicing
    return own if own is not None and own.discriminators else Slicing(slicing.discriminators)


def _judge_number(task: Task, piece: Element, items: Sequence[Node], unsure: int) -> None:
    found = len(items)
    words = {"element": piece.path, "found": found}
    if found + unsure < piece.min:
        task.tell(task.parent, "slice-missing", rule=piece.slice_name, least=piece.min, **words)
    if piece.max == 0:
        for item in items:
            task.tell(item, "slice-too-many", rule=piece.slice_name, most=0, **words)  # none of them may be
    elif piece.max is not None and found > piece.max:
        task.tell(task.parent, "slice-too-many", rule=piece.slice_name, most=piece.max, **words)


def _judge_places(
    task: Task, items: Sequence[Node], placed: Sequence[int | None], slicing: Slicing, level: Sequence[Piece]
) -> None:
    """What may stand beside the slices, and where: the order of the items counts for openAtEnd and ordered slices."""
    last = max((index for index, place in enumerate(placed) if place is not None), default=-1)
    for index, (item, place) in enumerate(zip(items, placed, strict=True)):
        if place is not None:
            continue
        if slicing.rules == "closed":
            names = ", ".join(piece.slice_name for piece, _ in level)
            task.tell(item, "slice-closed", element=item.element.path, allowed=names)
        elif slicing.rules == "openAtEnd" and index < last:
            task.tell(item, "slice-not-at-end", element=item.element.path)
    if slicing.ordered:
        known = [
            (index, place) for index, place in enumerate(placed) if place is not None and place != UNSURE
        ]
        for (_, before), (index, place) in pairwise(known):
            if place < before:
                task.tell(items[index], "slice-order", rule=level[place][0].slice_name)
