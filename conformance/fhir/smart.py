"""What SMART App Launch says of the answers of a token endpoint (https://hl7.org/fhir/smart-app-launch/STU2.2)."""

from typing import Any


def lifetime(told: Any) -> float | None:
    """For how many seconds a token is good, by the JSON that gave it (`expires_in`); None where it does not say."""
    stated = told.get("expires_in") if isinstance(told, dict) else None
    if isinstance(stated, bool) or not isinstance(stated, int | float) or stated <= 0:
        return None
    return stated
