"""The coverage of source documents as tables: what is done with each statement, and the totals."""

from collections.abc import Iterable, Iterator

from rich.table import Table
from rich.text import Text

from conformance.model.coverage import Coverage, Treatment
from conformance.views.text import counted, one_line, shortened

__all__ = ["closing", "statements", "totals"]


def totals(found: Iterable[Coverage]) -> Table:
    """One row a document: how many statements are treated how; of binding ones in brackets."""
    made = Table(box=None, padding=(0, 2, 0, 0))
    made.add_column("Document", overflow="fold")
    made.add_column("Statements", justify="right")
    for kind in Treatment:
        made.add_column(kind.capitalize(), justify="right")
    for one in found:
        every, binding = one.counted(), one.counted(binding=True)
        cells = (f"{every[kind]} ({binding[kind]})" for kind in Treatment)
        made.add_row(
            Text(f"{one_line(one.document)}: {one_line(one.title)}"),
            f"{len(one.statements)} ({sum(binding.values())})",
            *cells,
        )
    return made


def statements(found: Coverage) -> Table:
    """One row a statement."""
    made = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("Statement", "Level", "Treatment"):
        made.add_column(name, no_wrap=True)
    made.add_column("What it says, and what is done with it", overflow="fold")
    for one in found.statements:
        item = one.statement
        done = ", ".join(item.by)
        why = f" ({shortened(one_line(one.why), 300)})" if one.why else ""
        said = Text(one_line(item.says))
        said.append(
            f"\n{one_line(item.clause)}; {done}{why}" if done else f"\n{one_line(item.clause)}{why}", "dim"
        )
        made.add_row(Text(item.id), item.level.value, one.treatment.value, said)
    return made


def closing(found: Coverage) -> Iterator[str]:
    """What was read, and the numbers in a sentence."""
    yield f"Read: {one_line(found.extent)}"
    binding = found.counted(binding=True)
    shown = sum(binding[kind] for kind in (Treatment.TESTED, Treatment.DOCUMENTED, Treatment.ATTESTED))
    yield (
        f"{counted(sum(binding.values()), 'binding statement')}: {shown} tested, documented or attested, "
        f"{binding[Treatment.UNTESTED]} untested, {binding[Treatment.NOT_TESTABLE]} not testable, "
        f"{binding[Treatment.NOT_COVERED]} not covered."
    )
