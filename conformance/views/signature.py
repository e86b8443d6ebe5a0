"""What a view says about the signature on a report."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SignatureNote:
    """Whether the report was signed, with which key (its SHA-256 fingerprint), and in what role.

    The note repeats what the signer's side knows; only `conformance verify` establishes it.
    """

    signed: bool
    key_id: str = ""
    role: str = ""


UNSIGNED = SignatureNote(signed=False)
"""The note for a run that nobody signed."""
