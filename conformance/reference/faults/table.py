"""All named faults, in one frozen table."""

from collections.abc import Mapping
from types import MappingProxyType

from conformance.reference.behaviour.whole import HONEST, Behaviour
from conformance.reference.draw import Draw
from conformance.reference.faults.app import APP_FAULTS
from conformance.reference.faults.audit import AUDIT_FAULTS
from conformance.reference.faults.bulk import BULK_FAULTS
from conformance.reference.faults.bulk_content import BULK_CONTENT_FAULTS
from conformance.reference.faults.bulk_jobs import BULK_JOB_FAULTS
from conformance.reference.faults.bulk_more import MORE_BULK_FAULTS
from conformance.reference.faults.bulk_options import BULK_OPTION_FAULTS
from conformance.reference.faults.declared import DECLARED_FAULTS
from conformance.reference.faults.dossier import DOSSIER_FAULTS
from conformance.reference.faults.dossier_more import DOSSIER_FAULTS_MORE
from conformance.reference.faults.exit import EXIT_FAULTS
from conformance.reference.faults.exit_codes import EXIT_CODE_FAULTS
from conformance.reference.faults.exit_content import EXIT_CONTENT_FAULTS
from conformance.reference.faults.exit_trip import EXIT_TRIP_FAULTS
from conformance.reference.faults.fault import Fault
from conformance.reference.faults.fhir import FHIR_FAULTS
from conformance.reference.faults.formats import FORMAT_FAULTS
from conformance.reference.faults.formats_more import MORE_FORMAT_FAULTS
from conformance.reference.faults.gp_connect import GP_CONNECT_FAULTS
from conformance.reference.faults.gp_diary import GP_DIARY_FAULTS
from conformance.reference.faults.leaving import LEAVING_FAULTS
from conformance.reference.faults.open_api import OPEN_API_FAULTS
from conformance.reference.faults.openness import OPENNESS_FAULTS
from conformance.reference.faults.reads import READ_FAULTS
from conformance.reference.faults.referral import REFERRAL_FAULTS
from conformance.reference.faults.results import RESULTS_FAULTS
from conformance.reference.faults.results_more import MORE_RESULTS_FAULTS
from conformance.reference.faults.search_values import SEARCH_VALUE_FAULTS
from conformance.reference.faults.security import ACCESS_FAULTS
from conformance.reference.faults.structures import STRUCTURE_FAULTS
from conformance.reference.faults.together import TOGETHER_FAULTS
from conformance.reference.faults.vaccination import VACCINATION_FAULTS
from conformance.reference.faults.vaccination_content import VACCINATION_CONTENT_FAULTS
from conformance.reference.faults.writes import WRITE_FAULTS
from conformance.reference.faults.writes_content import WRITE_CONTENT_FAULTS

FAULTS: tuple[Fault, ...] = (
    *FHIR_FAULTS,
    *READ_FAULTS,
    *DECLARED_FAULTS,
    *WRITE_FAULTS,
    *WRITE_CONTENT_FAULTS,
    *TOGETHER_FAULTS,
    *SEARCH_VALUE_FAULTS,
    *STRUCTURE_FAULTS,
    *FORMAT_FAULTS,
    *MORE_FORMAT_FAULTS,
    *ACCESS_FAULTS,
    *RESULTS_FAULTS,
    *MORE_RESULTS_FAULTS,
    *BULK_FAULTS,
    *MORE_BULK_FAULTS,
    *BULK_OPTION_FAULTS,
    *BULK_JOB_FAULTS,
    *BULK_CONTENT_FAULTS,
    *EXIT_FAULTS,
    *EXIT_CODE_FAULTS,
    *EXIT_CONTENT_FAULTS,
    *OPENNESS_FAULTS,
    *LEAVING_FAULTS,
    *AUDIT_FAULTS,
    *EXIT_TRIP_FAULTS,
    *DOSSIER_FAULTS,
    *DOSSIER_FAULTS_MORE,
    *REFERRAL_FAULTS,
    *GP_CONNECT_FAULTS,
    *GP_DIARY_FAULTS,
    *VACCINATION_CONTENT_FAULTS,
    *VACCINATION_FAULTS,
    *APP_FAULTS,
    *OPEN_API_FAULTS,
)
FAULT_NAMED: Mapping[str, Fault] = MappingProxyType({fault.name: fault for fault in FAULTS})


def behaviour_of(name: str | None, seed: int) -> Behaviour:
    """How the supplier behaves under a fault, or without one; raises KeyError if no fault goes by that name."""
    if name is None:
        return HONEST
    return FAULT_NAMED[name].change(HONEST, Draw(seed, name))
