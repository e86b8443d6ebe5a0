"""One file that holds a whole run: a zip whose bytes depend on nothing but its content."""

import zipfile
from pathlib import Path

from conformance.outside.whole_files import made_whole

EPOCH = (1980, 1, 1, 0, 0, 0)
ALREADY_SMALL = {".gz", ".zip"}


def bundle(folder: Path, target: Path) -> Path:
    """Zip the files of a run's folder, sorted, with fixed dates and modes; hidden files and zips are left out.

    Raises OSError: then no half of it stays.
    """
    with made_whole(target) as aside, zipfile.ZipFile(aside, "w") as archive:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            name = path.relative_to(folder).as_posix()
            if any(part.startswith(".") for part in name.split("/")) or path.suffix == ".zip":
                continue
            info = zipfile.ZipInfo(name, EPOCH)
            info.external_attr = 0o644 << 16
            small = path.suffix in ALREADY_SMALL
            info.compress_type = zipfile.ZIP_STORED if small else zipfile.ZIP_DEFLATED
            with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as entry:
                while chunk := source.read(1 << 20):
                    entry.write(chunk)
    return target
