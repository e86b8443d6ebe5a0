"""Whether a run that broke off can be gone on with, by whom, and with what."""

from conformance.catalog import Catalog
from conformance.errors import UsageError
from conformance.model.suite import BoundSuite
from conformance.model.target import DataClass, Target
from conformance.outside import folders
from conformance.outside.folders import RunFolder
from conformance.outside.places import private_area
from conformance.session.area import WorkArea
from conformance.session.publishing import is_closed


def to_go_on_with(folder: RunFolder, target: Target, catalog: Catalog) -> BoundSuite:
    """The suite of the broken run in this folder. Raises UsageError where it cannot be gone on with."""
    if is_closed(folder):
        WorkArea(folder.suite().run_id).erase()  # where the run was killed after its last word, before this
        raise UsageError(
            f"the run in {folder.path} came to its end", hint="Start a new one with `conformance run`."
        )
    if not folder.has(folders.SUITE):
        raise UsageError(
            f"the run in {folder.path} broke off before its suite was bound: there is nothing to keep",
            hint="Start anew, into the same folder if you like: what is there makes room.",
        )
    bound = folder.suite()
    if bound.target != target.card():
        raise UsageError(
            f"the run in {folder.path} is of another target ({bound.target.product} at {bound.target.endpoint})",
            hint="Give the target file of that run with --target.",
        )
    if folder.has(folders.REPORT):
        return bound  # all is judged: what is left to write needs neither plugins nor the work area
    if bound.plugins != catalog.plugins:
        raise UsageError(
            f"the run in {folder.path} used other plugins, or other versions of them, than are installed now",
            hint="Install those with which the run began, or start a new one.",
        )
    if target.data_class is not DataClass.SYNTHETIC and not private_area(bound.run_id).is_dir():
        raise UsageError(
            f"the private work area of the run in {folder.path} is gone, and with it what cannot be published",
            hint="Start a new run; go on with a broken one as the same user on the same machine.",
        )
    return bound
