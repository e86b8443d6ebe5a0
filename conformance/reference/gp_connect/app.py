"""The GP system as a web application: which handler answers which address, and how every answer is finished."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from conformance.reference.behaviour.gp_connect import GpConnectBehaviour
from conformance.reference.faults.table import behaviour_of
from conformance.reference.gp_connect import terms
from conformance.reference.gp_connect.booking import book, change
from conformance.reference.gp_connect.capability import appointments_statement, structured_statement
from conformance.reference.gp_connect.diary import Diary
from conformance.reference.gp_connect.door import admit
from conformance.reference.gp_connect.finding import free_slots
from conformance.reference.gp_connect.outcomes import Refusal, bad_request, no_record, not_implemented
from conformance.reference.gp_connect.patients import appointments_of, found_patients, read_patient
from conformance.reference.gp_connect.people import READABLE
from conformance.reference.gp_connect.record import structured_record
from conformance.reference.records.store import Store
from conformance.reference.settings import Settings

Json = dict[str, Any]
Handler = Callable[["System", Request], Awaitable[Response]]


class System:
    """The running GP system: its diary, its behaviour and where it is."""

    def __init__(self, settings: Settings, behaviour: GpConnectBehaviour) -> None:
        self.base = settings.base_url
        self.behaviour = behaviour
        self.today = datetime.now(UTC).date()
        self.diary = Diary(self.today)

    def admit(self, request: Request, *interactions: str) -> str:
        """Refuse a request without what it must bring; the interaction that it names."""
        return admit(request, interactions, self.behaviour.door)


def create_app(settings: Settings, _: Store) -> Starlette:
    """The GP system at `settings.base_url`; it keeps its own records and leaves the store alone."""
    system = System(settings, behaviour_of(settings.fault, settings.seed).gp_connect)
    base = settings.base_path

    def route(path: str, **handlers: Handler) -> Route:
        return Route(f"{base}{path}", partial(_dispatch, system, handlers), methods=sorted(handlers))

    routes = [
        Route(f"{base}/ready", _ready),
        route("/metadata", GET=_metadata),
        route("/structured/metadata", GET=_structured_metadata),
        route("/structured/Patient/$gpc.getstructuredrecord", POST=_structured_record),
        route("/Patient", GET=_find_patient),
        route("/Patient/{id}", GET=_read_patient),
        route("/Patient/{id}/Appointment", GET=_appointments),
        route("/Slot", GET=_free_slots),
        route("/Appointment", POST=_book),
        route("/Appointment/{id}", GET=_read_appointment, PUT=_change),
        *(route(f"/{kind}/{{id}}", GET=partial(_read_other, kind)) for kind in _READ),
    ]
    told = partial(_told, system)
    handlers = {Refusal: told, HTTPException: told, Exception: told}
    return Starlette(routes=routes, exception_handlers=handlers)


async def _ready(_: Request) -> Response:
    return Response("ready")


async def _dispatch(system: System, handlers: dict[str, Handler], request: Request) -> Response:
    return await handlers["GET" if request.method == "HEAD" else request.method](system, request)


async def _told(system: System, request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        if error.status_code == 404:  # noqa: PLR2004 - no such address
            if system.behaviour.answer.unknown_is_implemented:
                return _answer(system, {"resourceType": "Bundle", "type": "searchset"})
            error = not_implemented(f"There is nothing at {request.url.path}")
        else:
            error = bad_request(f"{request.method} is not for this address")
    if not isinstance(error, Refusal):
        error = Refusal(
            500, "processing", "INTERNAL_SERVER_ERROR", f"Internal error ({type(error).__name__})"
        )
    return _answer(system, system.behaviour.answer.error(error.outcome()), error.status)


def _answer(system: System, body: Json, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    seams = system.behaviour.answer
    content = orjson.dumps(body if seams.profile_stated else _without_profiles(body))
    answer = Response(seams.error_body(content) if status >= 400 else content, status, headers)  # noqa: PLR2004 - errors
    answer.headers["Content-Type"] = seams.media_type
    if seams.not_cached:
        answer.headers["Cache-Control"] = "no-store"
    return answer


def _without_profiles(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _without_profiles(one)
            for name, one in value.items()
            if name != "profile" or "resourceType" in value
        }
    return [_without_profiles(one) for one in value] if isinstance(value, list) else value


def _versioned(
    system: System, resource: Json, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    etag = system.behaviour.answer.etag(f'W/"{resource["meta"]["versionId"]}"')
    return _answer(system, resource, status, {"ETag": etag, **(headers or {})})


async def _sent(request: Request) -> Json:
    try:
        sent = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise bad_request("The body is no JSON") from error
    if not isinstance(sent, dict):
        raise bad_request("The body is no resource")
    return sent


async def _metadata(system: System, request: Request) -> Response:
    system.admit(request, terms.METADATA)
    return _answer(
        system, system.behaviour.answer.capability(appointments_statement(system.today.isoformat()))
    )


async def _structured_metadata(system: System, request: Request) -> Response:
    system.admit(request, terms.STRUCTURED_METADATA)
    return _answer(system, system.behaviour.answer.capability(structured_statement(system.today.isoformat())))


async def _structured_record(system: System, request: Request) -> Response:
    if system.behaviour.door.records_guarded:
        system.admit(request, terms.STRUCTURED_RECORD)
    return _answer(system, structured_record(await _sent(request), system.behaviour.record))


async def _find_patient(system: System, request: Request) -> Response:
    system.admit(request, terms.FIND_PATIENT)
    return _answer(system, found_patients(request.query_params.get("identifier", "")))


async def _read_patient(system: System, request: Request) -> Response:
    system.admit(request, terms.READ_PATIENT)
    return _versioned(system, read_patient(request.path_params["id"]))


async def _appointments(system: System, request: Request) -> Response:
    system.admit(request, terms.OF_PATIENT)
    patient = read_patient(request.path_params["id"])
    found = appointments_of(
        patient, system.diary, request.query_params.getlist("start"), system.behaviour.diary
    )
    return _answer(system, found)


async def _free_slots(system: System, request: Request) -> Response:
    system.admit(request, terms.FREE_SLOTS)
    return _answer(
        system, free_slots(system.diary, request.query_params.multi_items(), system.behaviour.diary)
    )


async def _book(system: System, request: Request) -> Response:
    system.admit(request, terms.BOOK)
    made = await book(system.diary, await _sent(request), system.behaviour.diary)
    where = f"{system.base}/Appointment/{made['id']}/_history/{made['meta']['versionId']}"
    return _versioned(system, system.behaviour.diary.shown(made), 201, {"Location": where})


async def _read_appointment(system: System, request: Request) -> Response:
    system.admit(request, terms.READ_APPOINTMENT)
    found = system.diary.appointments.get(request.path_params["id"])
    if found is None or (found["status"] == "cancelled" and not system.behaviour.diary.cancelled_listed):
        refusal = no_record("There is no such appointment")
        refusal.status = system.behaviour.answer.unknown_id_status
        raise refusal
    return _versioned(system, system.behaviour.diary.shown(found))


async def _change(system: System, request: Request) -> Response:
    named = system.admit(request, terms.AMEND, terms.CANCEL)
    sent = await _sent(request)
    cancels = named == terms.CANCEL
    identity, if_match = request.path_params["id"], request.headers.get("If-Match", "")
    kept = change(system.diary, identity, sent, if_match, system.behaviour.diary, cancels=cancels)
    return _versioned(system, system.behaviour.diary.shown(kept))


_READ = {
    "Organization": terms.READ_ORGANIZATION,
    "Practitioner": terms.READ_PRACTITIONER,
    "Location": terms.READ_LOCATION,
}


async def _read_other(kind: str, system: System, request: Request) -> Response:
    system.admit(request, _READ[kind])
    found = READABLE.get(f"{kind}/{request.path_params['id']}")
    if found is None:
        raise no_record(f"There is no such {kind}")
    return _versioned(system, found)
