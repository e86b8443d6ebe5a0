"""Lets pages of the site link to files of the repository outside of docs/: those files become part of the site."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
LINK = re.compile(r"\[(?P<text>[^\]]*)\]\((?P<path>\.\./[^)#\s]+)(?P<rest>#[^)\s]*)?\)")


def on_files(files: Files, config: Any) -> Files:
    """Add each file outside of docs/ that a page links to, under `repository/`."""
    linked = {path for page in DOCS.rglob("*.md") for path in _linked(page)}
    for path in sorted(linked):
        name = f"repository/{path.relative_to(ROOT).as_posix()}"
        files.append(File.generated(config, name, content=path.read_bytes()))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Lead links to such files to where they stand in the site; of one to a folder, the words are left."""
    source = DOCS / page.file.src_uri
    up = "../" * page.file.src_uri.count("/")

    def led(link: re.Match[str]) -> str:
        path = (source.parent / link["path"]).resolve()
        if path.is_relative_to(DOCS):
            return link[0]
        if path.is_file():
            place = path.relative_to(ROOT).as_posix()
            return f"[{link['text']}]({up}repository/{place}{link['rest'] or ''})"
        return link["text"]

    return LINK.sub(led, markdown)


def _linked(page: Path) -> Iterator[Path]:
    for link in LINK.finditer(page.read_text("utf-8")):
        path = (page.parent / link["path"]).resolve()
        if path.is_file() and not path.is_relative_to(DOCS):
            yield path
