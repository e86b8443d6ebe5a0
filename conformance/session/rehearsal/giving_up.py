"""Giving up a rehearsal that broke off: what it wrote elsewhere is removed, its export and its files are dropped."""

import secrets as random_bytes
from pathlib import Path

from conformance.errors import UsageError
from conformance.model.target import Target
from conformance.outside.client import Client
from conformance.outside.kept_bodies import KeptBodies
from conformance.outside.redact import Redactor
from conformance.outside.secrets import Secrets
from conformance.probes.export_job import clear_away
from conformance.session.cleaning import Cleaned, deleted
from conformance.session.rehearsal.order import left_of


def is_given_up(out: Path) -> bool:
    """Whether this is the folder of a rehearsal that broke off, begun by this user."""
    return left_of(out) is not None


def give_up(out: Path, target: Target, target_folder: Path) -> Cleaned:
    """Remove from the destinations what the rehearsal wrote there, and end its export on the product.

    What is done so far is forgotten only once nothing of it stays elsewhere. Raises UsageError where the target file
    is of another product.
    """
    left = left_of(out)
    if left is None:
        raise UsageError(f"there is no rehearsal into {out} that broke off")
    if left.done.endpoint != target.endpoint:
        raise UsageError(
            f"the rehearsal into {out} was of {left.done.endpoint}, not {target.endpoint}",
            hint="Give the target file of that rehearsal with --target.",
        )
    secrets = Secrets()
    redactor = Redactor(random_bytes.token_bytes(32), secrets, target.data_class, target.endpoint)
    with Client(
        target,
        target_folder,
        bodies=KeptBodies(left.area.bodies),
        redactor=redactor,
        secrets=secrets,
        run_tag="rehearse",
        journal=left.area.remember,
    ) as client:
        cleaned = deleted(client, list(left.area.left_behind()))
        if left.done.job:
            clear_away(client.wire("clear-away"), left.done.job)
    if not cleaned.stays:
        left.area.erase()
    return cleaned
