"""Laying out the files of profiles."""

import stat
from pathlib import Path

from conformance.cli.show import Show
from conformance.errors import UsageError
from conformance.outside.places import read_profile
from conformance.outside.private_files import replace
from conformance.session.authoring.layout import laid_out


def lay_out(files: list[Path], show: Show, *, check: bool) -> int:
    """Lay out files in place, all or none; with `check`, write nothing and end with 1 where one is not laid out."""
    texts = {path: read_profile(path) for path in dict.fromkeys(files)}
    made = {path: laid_out(text, str(path)) for path, text in texts.items()}
    other = [path for path, text in texts.items() if made[path] != text]
    for path in other:
        if not check:
            try:
                replace(path, made[path].encode(), mode=stat.S_IMODE(path.stat().st_mode))
            except OSError as error:
                raise UsageError(f"{path} cannot be written: {error.strerror}") from error
        show.say(f"{path}: {'is laid out otherwise' if check else 'laid out'}")
    if not other:
        show.say("Nothing to lay out.")
    elif check:
        show.say("Mend it: conformance profiles fmt FILE")
    return int(check and bool(other))
