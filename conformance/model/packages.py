"""FHIR packages as a suite pins them."""

from conformance.model.base import Noun


class PackagePin(Noun):
    """A FHIR package by which verdicts were reached: name, version, and the SHA-256 over what it holds.

    A package that the profile names and the tester did not have has no SHA-256; `lacking` then says so.
    """

    name: str
    version: str = ""
    sha256: str = ""
    lacking: str = ""

    @property
    def label(self) -> str:
        """Name and version, as in `hl7.fhir.us.core@6.1.0`."""
        return f"{self.name}@{self.version}" if self.version else self.name
