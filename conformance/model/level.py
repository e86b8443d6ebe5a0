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

    @property
    def forbids(self) -> bool:
        """Whether it says what must not be."""
        return self in {Level.SHALL_NOT, Level.SHOULD_NOT}

    @property
    def strength(self) -> int:
        """How strongly it binds, to compare: 2 decides results, 1 warns, 0 informs."""
        return 2 if self.binding else int(self is not Level.MAY)
