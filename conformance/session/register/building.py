"""Building the site of a register: what is new is verified, what was verified is believed while nothing changed.

A verification is kept under a digest of all that it depended on: the run's bytes, what was stated about it, the
reader's trust file and which of its keys count today, and the harness's own sources. What was refused, or rested on
FHIR packages that were not there, is looked at each time anew. Whether a report has expired is not kept at all.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from conformance.errors import Unreadable, UsageError
from conformance.model.base import sha256
from conformance.model.register import Entry, Refusal, Register
from conformance.model.trust_rules import REPORT_RULE
from conformance.outside.kept_entries import KeptEntries
from conformance.outside.places import user_folder
from conformance.outside.register_files import handed_in
from conformance.outside.site_files import Site
from conformance.outside.worker_pool import processors, spread
from conformance.session.register.entering import Task, digest_of_run, enter, payload_digest
from conformance.session.register.replies import Replies, replies_in
from conformance.session.tool import this_tool
from conformance.session.verifying import Reader
from conformance.stages.register import register
from conformance.views.register_badge import badge
from conformance.views.register_index import SCHEMA_FILE, index, schema
from conformance.views.register_site import feed, front_page, look, product_page, refused_page

MARK = ".conformance-register"
FOLDERS = ("products", "badges", "statements", "")
TOGETHER = 50
"""So many verifications are written down at a time: a build that breaks off loses no more of each worker's."""
WORTH_A_PROCESS = 16


@dataclass(frozen=True)
class Wanted:
    """What is to be built: from which folder, into which, for which reader, and how it is called."""

    folder: Path
    out: Path
    reader: Reader
    now: dt.datetime
    title: str
    url: str = ""
    packages: tuple[str, ...] = ()
    workers: int = 0


def build(wanted: Wanted, tell: Callable[[str], None] = lambda _: None) -> Register:
    """Verify what lies in the folder and write the site. Raises UsageError, HarnessError."""
    if wanted.out.resolve().is_relative_to(wanted.folder.resolve()):
        raise UsageError(
            f"{wanted.out} lies within {wanted.folder}, from which the register is built",
            hint="Put the site somewhere else with --out.",
        )
    found = handed_in(wanted.folder)
    site = Site(wanted.out, MARK)
    kept_in = (
        user_folder("XDG_CACHE_HOME", ".cache")
        / "register"
        / f"{sha256(str(wanted.out.resolve()).encode())}.db"
    )
    with KeptEntries.opened(kept_in) as kept:
        before = kept.all()
        replies = replies_in(wanted.folder, found.statements)
        entries, refused, used = _entries(wanted, found.runs, replies, site, (kept, before), tell)
        made = register(entries, [*refused, *replies.refused], wanted.now, title=wanted.title, url=wanted.url)
        pages = _write(made, site, before)
        kept.add(pages.items())
        kept.drop(set(before) - used - set(pages))
    return made


def _entries(
    wanted: Wanted,
    runs: Sequence[Path],
    replies: Replies,
    site: Site,
    keeping: tuple[KeptEntries, Mapping[str, bytes]],
    tell: Callable[[str], None],
) -> tuple[list[Entry], list[Refusal], set[str]]:
    """The entries and refusals of all runs, verified now or before, and the keys of what is kept of them."""
    kept, before = keeping
    around = _around(wanted)
    entries, refused, tasks = list[Entry](), list[Refusal](), list[Task]()
    keys, payloads = dict[str, str](), set[str]()
    for path in runs:
        place = path.relative_to(wanted.folder).as_posix()
        try:
            digest = digest_of_run(path)
        except Unreadable as error:
            refused.append(Refusal(place=place, why=error.message.replace(str(path), place)))
            continue
        payload = payload_digest(path) if replies.about else ""
        payloads.add(payload)
        depends = "\0".join((around, digest, place, replies.digest(payload)))
        keys[place] = sha256(depends.encode("utf-8", "surrogatepass"))
        entry = _believed(before.get(keys[place]), site)
        if entry is not None:
            entries.append(entry)
        else:
            reader = replace(wanted.reader, given=replies.of(payload))
            tasks.append(Task(path, place, digest, reader, wanted.now, wanted.packages))
    refused += replies.about_nothing(payloads)
    tell(
        f"{len(entries):,} reports are as they were when they were verified; {len(tasks):,} are to be verified"
    )
    waiting: list[tuple[str, bytes]] = []
    workers = (wanted.workers or processors()) if len(tasks) >= WORTH_A_PROCESS else 1
    for task, came in spread(enter, tasks, workers):
        if isinstance(came, Refusal):
            refused.append(came)
            continue
        entries.append(came.entry)
        site.write(_statement(came.entry), came.envelope)
        if not came.entry.by_packages:
            waiting.append((keys[task.place], came.entry.canonical()))
        if len(waiting) >= TOGETHER:
            kept.add(waiting)
            waiting.clear()
    kept.add(waiting)
    return entries, refused, set(keys.values())


def _around(wanted: Wanted) -> str:
    """A digest over all that every verification depends on beside the run: the harness, and the reader, today.

    Of the day matters which of the trusted keys count on it, and the day itself where a report may have an age only.
    """
    trust, now = wanted.reader.trust, wanted.now
    counting = [key.id for key in trust.keys if not key.objection(now, now)]
    aging = trust.rule(REPORT_RULE).max_age_days is not None
    parts = (
        this_tool().canonical(),
        trust.model_copy(update={"source": ""}).canonical(),
        *(sha256(release.data).encode() for release in wanted.reader.releases),
        ",".join(counting).encode(),
        str(now.date() if aging else "").encode(),
    )
    return sha256(b"\0".join(parts))


def _believed(data: bytes | None, site: Site) -> Entry | None:
    """What was verified before, where what was signed lies in the site."""
    if data is None:
        return None
    try:
        entry = Entry.read(data)
    except ValidationError:
        return None
    return entry if site.holds(_statement(entry), entry.id) else None


def _statement(entry: Entry) -> str:
    return f"statements/{entry.id}.dsse.json"


def _write(made: Register, site: Site, before: Mapping[str, bytes]) -> dict[str, bytes]:
    """Write all files; gives what is to be kept of the products' pages, so that they are not made again unchanged."""
    pages = {}
    around = sha256(this_tool().canonical() + f"{look()}\0{made.title}".encode("utf-8", "surrogatepass"))
    for product in made.products:
        names = f"products/{product.id}.html", f"badges/{product.id}.svg"
        content = sha256(around.encode() + product.canonical())
        key = f"page of {product.id}"
        kept = before.get(key, b"").decode().split()
        if not (kept and kept[0] == content and all(map(site.holds, names, kept[1:]))):
            files = product_page(product, made).encode(), badge(product).encode()
            for name, data in zip(names, files, strict=True):
                site.write(name, data)
            kept = [content, *map(sha256, files)]
        pages[key] = " ".join(kept).encode()
    site.write(SCHEMA_FILE, schema().encode())
    site.write("not-verified.html", refused_page(made).encode())
    site.write("feed.atom", feed(made).encode())
    site.write("index.json", index(made).encode())
    site.write("index.html", front_page(made).encode())
    site.remove_the_rest(FOLDERS)
    return pages
