"""How a command shows what it found: tables for people, one JSON document for programs."""

import sys
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from conformance.views.progress import Progress

PIPED_WIDTH = 100


def aside(text: str) -> None:
    """Say something on stderr, without effects: it may hold words of a server's."""
    from conformance.views.text import clean

    print(clean(text), file=sys.stderr)


@dataclass(frozen=True)
class Show:
    """Where and how to show. With `json`, stdout carries one JSON document and nothing else."""

    json: bool = False
    quiet: bool = False

    @cached_property
    def console(self) -> "Console":
        """The terminal, or what stands in for it; NO_COLOR is honoured by the library."""
        from rich.console import Console

        width = None if sys.stdout.isatty() else PIPED_WIDTH
        return Console(highlight=False, markup=False, emoji=False, soft_wrap=False, width=width)

    def data(self, value: object, *renderables: "RenderableType") -> None:
        """Show a value: as JSON where that was asked for, else as these renderables."""
        if self.json:
            from conformance.views.json_report import as_json

            sys.stdout.write(as_json(value))
        else:
            from conformance.views.text import clean

            for renderable in renderables:
                if isinstance(renderable, str):
                    print(clean(renderable))
                else:
                    self.console.print(renderable, crop=False)

    def also(self, renderable: "RenderableType") -> None:
        """Something beside the value that is shown; left out with --json."""
        if not self.json:
            self.console.print(renderable, crop=False)

    def say(self, text: str) -> None:
        """A line for people; left out with --json."""
        if not self.json:
            from conformance.views.text import clean

            print(clean(text))

    def progress(self) -> "Progress":
        """How far a run is: live on a terminal, plain lines in CI and pipes, on stderr."""
        from rich.console import Console

        from conformance.views.progress import LiveProgress, PlainProgress, SilentProgress

        if self.quiet or self.json:
            return SilentProgress()
        if sys.stderr.isatty():
            return LiveProgress(Console(stderr=True, highlight=False, markup=False, emoji=False))
        return PlainProgress(sys.stderr)
