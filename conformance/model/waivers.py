"""Waivers of a run: the list that goes into its folder, plain or signed by who granted them.

The run's own signature covers that file, so a list cannot be exchanged afterwards. A signature on the list itself
says more: that who granted them says so, and not only the tester.
"""

from collections import Counter
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator

from conformance.model.attestation import PAYLOAD_TYPE, STATEMENT_TYPE, Statement, Subject
from conformance.model.base import NotJson, Noun, sha256, strict_json
from conformance.model.dsse import NotAnEnvelope, first_problem, read_envelope
from conformance.model.report import Waiver

WAIVERS_PREDICATE = "https://conformance-harness.org/attestation/waivers/v1"
WAIVERS_FILE, SIGNED_WAIVERS_FILE = "waivers.json", "waivers.dsse.json"


class NotWaivers(ValueError):
    """These bytes are no list of waivers; the message says why."""


class WaiverList(Noun):
    """Some waivers, one a requirement at most."""

    format: Literal["1"] = "1"
    waivers: tuple[Waiver, ...] = Field(min_length=1)

    @field_validator("waivers")
    @classmethod
    def _one_a_requirement(cls, value: tuple[Waiver, ...]) -> tuple[Waiver, ...]:
        twice = [name for name, count in Counter(waiver.requirement for waiver in value).items() if count > 1]
        if twice:
            raise ValueError(f"{twice[0]} is waived more than once")
        return value

    def in_full(self) -> dict[str, Any]:
        """Plain JSON data with every member written out, as it is written to files and signed."""
        return self.model_dump(mode="json")

    def statement(self) -> Statement:
        """What whoever grants these waivers signs."""
        return Statement(
            type_=STATEMENT_TYPE,
            subject=(Subject(name=WAIVERS_FILE, digests={"sha256": sha256(self.canonical())}),),
            predicate_type=WAIVERS_PREDICATE,
            predicate=self.in_full(),
        )


def read_waivers(name: str, data: bytes) -> WaiverList:
    """The list in a file of this name in a run's folder; no signature is looked at. Raises NotWaivers."""
    try:
        if name == WAIVERS_FILE:
            strict_json(data)
            return WaiverList.model_validate_json(data, by_alias=True, by_name=False)
        envelope = read_envelope(data)
        value = strict_json(envelope.content)
        if envelope.payload_type != PAYLOAD_TYPE or not isinstance(value, dict):
            raise NotWaivers("it is signed, but no in-toto Statement")
        if (value.get("_type"), value.get("predicateType")) != (STATEMENT_TYPE, WAIVERS_PREDICATE):
            raise NotWaivers(f"it states {value.get('predicateType')!r}, not {WAIVERS_PREDICATE!r}")
        return WaiverList.model_validate(value.get("predicate"), by_alias=True, by_name=False)
    except (NotJson, NotAnEnvelope) as error:
        raise NotWaivers(str(error)) from None
    except ValidationError as error:
        raise NotWaivers(first_problem(error)) from None
