"""What a reader trusts the holder of a key to be."""

from enum import StrEnum

from conformance.model.report import RunnerRole


class TrustRole(StrEnum):
    """What the reader trusts a key's holder to be."""

    LAB = RunnerRole.LAB
    BUYER = RunnerRole.BUYER
    SUPPLIER_TEST = RunnerRole.SUPPLIER
    SUPPLIER = "supplier"
    BODY = RunnerRole.BODY
    SELF = RunnerRole.SELF

    @property
    def may_test(self) -> bool:
        """Whether this role's signature can carry a report; a supplier replies to one."""
        return self is not TrustRole.SUPPLIER
