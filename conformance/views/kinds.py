"""The kinds of view that a report can be shown as, by name, and choosing among them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.util import find_spec

from conformance.errors import UnknownName, UsageError
from conformance.model.report import Report, RunRecord
from conformance.views.signature import SignatureNote

ALL, NONE = "all", "none"


@dataclass(frozen=True)
class Subject:
    """What is shown: a report, the record of its run, who signed it, and the signed envelope's bytes, if there is one.

    `signature` is what a view says of the signature; `envelope` is for the view that carries the record with it.
    """

    report: Report
    record: RunRecord
    signature: SignatureNote
    envelope: bytes = b""


@dataclass(frozen=True)
class Kind:
    """One kind of view. `needs` is the distribution without which it cannot be made."""

    file: str
    make: Callable[[Subject], bytes]
    needs: str = ""

    @property
    def possible(self) -> bool:
        """Whether what it needs is installed."""
        return not self.needs or find_spec(self.needs) is not None


def _html(subject: Subject) -> bytes:
    from conformance.views.html import html  # noqa: PLC0415 - each loads what it needs when it is asked for

    return html(subject.report, subject.record, subject.signature).encode()


def _pdf(subject: Subject) -> bytes:
    from conformance.views.pdf import pdf  # noqa: PLC0415 - see above

    return pdf(subject.report, subject.record, subject.signature, subject.envelope)


def _xlsx(subject: Subject) -> bytes:
    from conformance.views.spreadsheet import spreadsheet  # noqa: PLC0415 - see above

    return spreadsheet(subject.report, subject.record, subject.signature)


def _csv(subject: Subject) -> bytes:
    from conformance.views.comma_separated import comma_separated  # noqa: PLC0415 - see above

    return comma_separated(subject.report, subject.record, subject.signature)


def _md(subject: Subject) -> bytes:
    from conformance.views.step_summary import step_summary  # noqa: PLC0415 - see above

    return step_summary(subject.report, subject.record, subject.signature)


def _junit(subject: Subject) -> bytes:
    from conformance.views.junit import junit  # noqa: PLC0415 - see above

    return junit(subject.report, subject.record, subject.signature)


KINDS = {
    "html": Kind("report.html", _html),
    "pdf": Kind("report.pdf", _pdf, needs="typst"),
    "xlsx": Kind("report.xlsx", _xlsx),
    "csv": Kind("report.csv", _csv),
    "md": Kind("summary.md", _md),
    "junit": Kind("junit.xml", _junit),
}


def chosen(wish: str) -> tuple[str, ...]:
    """The kinds that a wish such as `html,junit`, `all` or `none` names, each once, in one order.

    `all` leaves out what this installation cannot make. Raises UnknownName, and UsageError for a kind that was asked
    for by name and cannot be made.
    """
    names = {name.strip().lower() for name in wish.split(",")} - {""}
    if names == {NONE}:
        return ()
    if names == {ALL}:
        return tuple(name for name, kind in KINDS.items() if kind.possible)
    for name in sorted(names - set(KINDS)):
        raise UnknownName("view", name, [*KINDS, ALL, NONE])
    for name in sorted(names):
        if not KINDS[name].possible:
            raise UsageError(
                f"the view {name} needs {KINDS[name].needs}, which is not installed",
                hint=f"Install it: pip install 'conformance-harness[{name}]'",
            )
    return tuple(name for name in KINDS if name in names)


def rendered(subject: Subject, names: Iterable[str]) -> dict[str, bytes]:
    """The views of these kinds, by the names of their files."""
    return {KINDS[name].file: KINDS[name].make(subject) for name in names}
