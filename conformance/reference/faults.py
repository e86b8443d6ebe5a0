"""All named faults, in one frozen table."""

from collections.abc import Mapping
from types import MappingProxyType

from conformance.reference.behaviour import HONEST, Behaviour
from conformance.reference.draw import Draw
from conformance.reference.fault import Fault
from conformance.reference.faults_app import APP_FAULTS
from conformance.reference.faults_audit import AUDIT_FAULTS
from conformance.reference.faults_bulk import BULK_FAULTS
from conformance.reference.faults_bulk_content import BULK_CONTENT_FAULTS
from conformance.reference.faults_bulk_jobs import BULK_JOB_FAULTS
from conformance.reference.faults_bulk_more import MORE_BULK_FAULTS
from conformance.reference.faults_bulk_options import BULK_OPTION_FAULTS
from conformance.reference.faults_declared import DECLARED_FAULTS
from conformance.reference.faults_dossier import DOSSIER_FAULTS
from conformance.reference.faults_dossier_more import DOSSIER_FAULTS_MORE
from conformance.reference.faults_exit import EXIT_FAULTS
from conformance.reference.faults_exit_codes import EXIT_CODE_FAULTS
from conformance.reference.faults_exit_content import EXIT_CONTENT_FAULTS
from conformance.reference.faults_exit_trip import EXIT_TRIP_FAULTS
from conformance.reference.faults_fhir import FHIR_FAULTS
from conformance.reference.faults_formats import FORMAT_FAULTS
from conformance.reference.faults_formats_more import MORE_FORMAT_FAULTS
from conformance.reference.faults_gp_connect import GP_CONNECT_FAULTS
from conformance.reference.faults_gp_diary import GP_DIARY_FAULTS
from conformance.reference.faults_leaving import LEAVING_FAULTS
from conformance.reference.faults_open_api import OPEN_API_FAULTS
from conformance.reference.faults_openness import OPENNESS_FAULTS
from conformance.reference.faults_reads import READ_FAULTS
from conformance.reference.faults_referral import REFERRAL_FAULTS
from conformance.reference.faults_results import RESULTS_FAULTS
from conformance.reference.faults_results_more import MORE_RESULTS_FAULTS
from conformance.reference.faults_search_values import SEARCH_VALUE_FAULTS
from conformance.reference.faults_security import ACCESS_FAULTS
from conformance.reference.faults_structures import STRUCTURE_FAULTS
from conformance.reference.faults_together import TOGETHER_FAULTS
from conformance.reference.faults_vaccination import VACCINATION_FAULTS
from conformance.reference.faults_vaccination_content import VACCINATION_CONTENT_FAULTS
from conformance.reference.faults_writes import WRITE_FAULTS

FAULTS: tuple[Fault, ...] = (
    *FHIR_FAULTS,
    *READ_FAULTS,
    *DECLARED_FAULTS,
    *WRITE_FAULTS,
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
