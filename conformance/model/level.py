"""How strongly something is asked for."""

from enum import StrEnum


class Level(StrEnum):
    """How strongly a requirement binds (RFC 2119; FHIR `conformance-expectation`)."""

    SHALL = "SHALL"
    SHALL_NOT = "SHALL NOT"
    SHOULD = "SHOULD"
    SHOULD_NOT = "SHOULD NOT"
    MAY = "MAY"

    @property
    def binding(self) -> bool:
        """Whether failing it fails the profile."""
        return self in {Level.SHALL, Level.SHALL_NOT}
