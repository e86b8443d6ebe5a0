"""The seams at which a fault can make the supplier deviate, each with what the honest supplier does.

The server consults these and knows of no fault by name. A plain value says what is answered; a function is given
what the honest supplier would use and returns what is used instead.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.reference.behaviour.exit import ExitBehaviour
from conformance.reference.behaviour.export import ExportBehaviour, never, none_lost, unchanged
from conformance.reference.behaviour.formats import AccessBehaviour, FormatsBehaviour
from conformance.reference.behaviour.gp_connect import GpConnectBehaviour
from conformance.reference.behaviour.open_api import OpenApiBehaviour
from conformance.reference.behaviour.referral import ReferralBehaviour
from conformance.reference.behaviour.rest import RestBehaviours
from conformance.reference.behaviour.results import ResultsBehaviour
from conformance.reference.behaviour.search import ValuesBehaviour
from conformance.reference.behaviour.vaccination import VaccinationBehaviour
from conformance.reference.forms.outcomes import FHIR_JSON

Json = dict[str, Any]


@dataclass(frozen=True)
class RestBehaviour:
    """How capabilities, reads, searches and writes are answered."""

    capability: Callable[[Json], Json] = unchanged
    metadata_open: bool = True
    media_type: str = FHIR_JSON
    shown: Callable[[str, bytes], bytes] = lambda _, text: text
    reads_other: Callable[[str], bool] = never
    unknown_id_status: int = 404
    read_errors_as_html: bool = False
    etag_on_read: bool = True
    unknown_type_is_empty: bool = False
    location_on_create: bool = True
    created: Callable[[Json], Json] = unchanged
    create_keeps_id: bool = False
    update_kept: bool = True
    stale_update_refused: bool = True
    mismatched_id_refused: bool = True
    deleted_still_read: bool = False
    transaction_is_atomic: bool = True


@dataclass(frozen=True)
class SearchBehaviour:
    """How a search is understood, matched and shown."""

    failing_parameter: tuple[str, str] | None = None
    ignored_parameter: tuple[str, str] | None = None
    bundle_type: str = "searchset"
    self_link: bool = True
    lost_on_later_pages: Callable[[Sequence[str]], set[str]] = none_lost
    total_is_page_size: bool = False
    identifier_system_matters: bool = True
    strings_case_sensitive: bool = False
    id_brings_another: bool = False
    ge_includes_equal: bool = True
    patient_brings_another: bool = False
    empty_status: int = 200
    strict_is_heeded: bool = True
    counted: Callable[[int], int] = unchanged
    page_size: Callable[[int], int] = unchanged
    last_updated_heeded: bool = True
    sort_heeded: bool = True
    lost_when_posted: Callable[[Sequence[str]], set[str]] = none_lost
    values: ValuesBehaviour = field(default_factory=ValuesBehaviour)


@dataclass(frozen=True)
class SecurityBehaviour:
    """What is asked of tokens, assertions and readers of the documentation."""

    files_need_token: bool = True
    files_need_valid_token: bool = True
    status_needs_token: bool = True
    expiry_checked: bool = True
    audience_checked: bool = True
    key_checked: bool = True
    documentation_open: bool = True


@dataclass(frozen=True)
class Behaviour:
    """All seams; as it stands, the honest supplier."""

    rest: RestBehaviour = field(default_factory=RestBehaviour)
    search: SearchBehaviour = field(default_factory=SearchBehaviour)
    results: ResultsBehaviour = field(default_factory=ResultsBehaviour)
    export: ExportBehaviour = field(default_factory=ExportBehaviour)
    security: SecurityBehaviour = field(default_factory=SecurityBehaviour)
    life: RestBehaviours = field(default_factory=RestBehaviours)
    formats: FormatsBehaviour = field(default_factory=FormatsBehaviour)
    access: AccessBehaviour = field(default_factory=AccessBehaviour)
    exit: ExitBehaviour = field(default_factory=ExitBehaviour)
    referral: ReferralBehaviour = field(default_factory=ReferralBehaviour)
    gp_connect: GpConnectBehaviour = field(default_factory=GpConnectBehaviour)
    vaccination: VaccinationBehaviour = field(default_factory=VaccinationBehaviour)
    open_api: OpenApiBehaviour = field(default_factory=OpenApiBehaviour)


HONEST = Behaviour()
