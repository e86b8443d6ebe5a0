"""The faults of the notification service, whose API is described by OpenAPI."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from conformance.reference.faults.fault import Change, Fault, open_api, open_api_fault

Json = dict[str, Any]
_WEEK = timedelta(days=7)


def _swagger(whole: Json) -> Json:
    return {"swagger": "2.0", "info": whole["info"], "paths": whole["paths"]}


def _without_event(whole: Json) -> Json:
    whole["components"]["schemas"].pop("Event")
    return whole


def _loose(whole: Json) -> Json:
    whole["components"]["schemas"] = {name: {} for name in whole["components"]["schemas"]}
    return whole


def _older(whole: Json) -> Json:
    return {**whole, "info": {**whole["info"], "version": "1.9.0"}}


def _elsewhere(whole: Json) -> Json:
    return {**whole, "servers": [{"url": "https://api.tern.example/v2"}]}


def _in_two_documents(whole: Json) -> Json:
    elsewhere = {"$ref": "https://schemas.tern.example/common.json#/Recipient"}
    whole["components"]["schemas"]["Recipient"] = elsewhere
    return whole


def _unexplained(whole: Json) -> Json:
    for item in whole["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict):
                operation.pop("summary", None)
    return whole


def _key_in_address(whole: Json) -> Json:
    whole["components"]["securitySchemes"]["client"] = {"type": "apiKey", "in": "query", "name": "key"}
    return whole


def _without_messages(whole: Json) -> Json:
    whole["paths"].pop("/messages")
    return whole


def _date_of_a_person(kind: str, item: Json) -> Json:
    return {**item, "createdAt": "01/03/2026 09:00"} if kind == "message" else item


def _without_recipient(_: str, item: Json) -> Json:
    return {name: value for name, value in item.items() if name != "recipient"}


def _ends_soon(headers: dict[str, str]) -> dict[str, str]:
    return headers | {"Sunset": format_datetime(datetime.now(UTC) + _WEEK, usegmt=True)}


def _declared(**changed: Any) -> Change:
    return open_api(declaration=lambda told: {**told, **changed})


def _fee_on_request(told: Json) -> Json:
    items = [{**item, "price": "on request"} for item in told["fees"]["items"]]
    return {**told, "fees": {**told["fees"], "items": items}}


def _sandbox_for_money(told: Json) -> Json:
    return {**told, "sandbox": {**told["sandbox"], "fee": "450.00"}}


OPEN_API_FAULTS: tuple[Fault, ...] = (
    open_api_fault(
        "description-behind-login",
        "OAPI-DSC-01",
        "The description is given only to who has a token.",
        open_api(description_open=False),
    ),
    open_api_fault(
        "description-in-swagger-2",
        "OAPI-DSC-01",
        "The description is one of Swagger 2.",
        open_api(description=_swagger),
    ),
    open_api_fault(
        "description-refers-to-nothing",
        "OAPI-DSC-02",
        "The description refers to a schema that is not in it.",
        open_api(description=_without_event),
    ),
    open_api_fault(
        "description-loose",
        "OAPI-DSC-03",
        "Every schema of the description lets anything pass.",
        open_api(description=_loose),
    ),
    open_api_fault(
        "description-differs-by-request",
        "OAPI-DSC-04",
        "Every other time the description lacks an operation.",
        open_api(description_counts=True),
    ),
    open_api_fault(
        "description-of-old-version",
        "OAPI-DSC-05",
        "The description is of a version gone by.",
        open_api(description=_older),
    ),
    open_api_fault(
        "service-newer-than-description",
        "OAPI-DSC-05",
        "The service says in its answers that it is of another version than the description.",
        open_api(service_version="2.4.0"),
    ),
    open_api_fault(
        "description-of-another-server",
        "OAPI-DSC-06",
        "The description names another server.",
        open_api(description=_elsewhere),
    ),
    open_api_fault(
        "operations-unexplained",
        "OAPI-DSC-07",
        "The description does not say what its operations are for.",
        open_api(description=_unexplained),
        "SHOULD",
    ),
    open_api_fault(
        "description-in-two-documents",
        "OAPI-DSC-08",
        "The description refers to a document of another place.",
        open_api(description=_in_two_documents),
        "SHOULD",
    ),
    open_api_fault(
        "answer-departs-from-schema",
        "OAPI-RUN-01",
        "Messages show their date in a form that the schema does not allow.",
        open_api(shown=_date_of_a_person),
        also=("OAPI-RUN-02",),
    ),
    open_api_fault(
        "answer-of-undescribed-media-type",
        "OAPI-RUN-01",
        "Answers are labelled as plain text.",
        open_api(success_media_type="text/plain"),
        also=("OAPI-RUN-02",),
    ),
    open_api_fault(
        "created-with-undescribed-status",
        "OAPI-RUN-02",
        "What was created is answered with a status that is not described.",
        open_api(created_status=200),
    ),
    open_api_fault(
        "wrong-query-accepted",
        "OAPI-RUN-03",
        "A number in the query may be anything.",
        open_api(unchecked=frozenset({"limit"})),
    ),
    open_api_fault(
        "wrong-body-accepted",
        "OAPI-RUN-04",
        "A message may be sent to a recipient that is none.",
        open_api(unchecked=frozenset({"recipient"})),
    ),
    open_api_fault(
        "breaks-down-on-odd-numbers",
        "OAPI-RUN-05",
        "A number in the query that is none makes the service break down.",
        open_api(breaks_down=True),
        "SHALL NOT",
    ),
    open_api_fault(
        "any-id-brings-a-record",
        "OAPI-RUN-06",
        "Whatever id is asked for, there is something.",
        open_api(unchecked=frozenset({"unknown"})),
        also=("OAPI-RUN-03", "OAPI-RUN-04"),
    ),
    open_api_fault(
        "operation-left-out-of-description",
        "OAPI-RUN-07",
        "Lists lead to an operation that the description does not know.",
        open_api(hidden_links=True),
    ),
    open_api_fault(
        "method-left-out-of-description",
        "OAPI-RUN-07",
        "A method is allowed that the description does not know.",
        open_api(extra_methods=("PATCH",)),
    ),
    open_api_fault(
        "errors-in-own-form",
        "OAPI-ERR-01",
        "Errors are JSON of the supplier's own.",
        open_api(
            error_media_type="application/json", error=lambda told: {"code": 17, "message": told["detail"]}
        ),
        also=("OAPI-RUN-01", "OAPI-RUN-02"),
    ),
    open_api_fault(
        "problem-states-another-status",
        "OAPI-ERR-01",
        "Problems say that their status is 200.",
        open_api(error=lambda told: {**told, "status": 200}),
    ),
    open_api_fault(
        "key-in-address",
        "OAPI-AUT-01",
        "The way in is a key in the address.",
        open_api(description=_key_in_address),
    ),
    open_api_fault(
        "described-operations-open-to-strangers",
        "OAPI-AUT-02",
        "Who has no token is let in.",
        open_api(unchecked=frozenset({"token"})),
    ),
    open_api_fault(
        "strangers-may-write",
        "OAPI-AUT-02",
        "Who has no token may send messages.",
        open_api(unchecked=frozenset({"token-to-write"})),
    ),
    open_api_fault(
        "any-token-opens-the-interface",
        "OAPI-AUT-02",
        "Any token lets in.",
        open_api(unchecked=frozenset({"any-token"})),
    ),
    open_api_fault(
        "interface-refuses-without-challenge",
        "OAPI-AUT-03",
        "A refusal does not say how to be let in.",
        open_api(challenge=""),
    ),
    open_api_fault(
        "deprecated-without-notice",
        "OAPI-END-01",
        "A deprecated operation does not say so in its answers.",
        open_api(going_away=lambda _: {}),
    ),
    open_api_fault(
        "ends-within-a-week",
        "OAPI-END-01",
        "A deprecated operation ends too soon.",
        open_api(going_away=_ends_soon),
    ),
    open_api_fault(
        "deprecation-not-described",
        "OAPI-END-02",
        "An operation says in its answers that it ends, and the description does not.",
        open_api(others_go_away=True),
    ),
    open_api_fault(
        "notice-too-short",
        "OAPI-END-03",
        "A month's notice is given.",
        _declared(lifecycle={"noticeDays": 30}),
    ),
    open_api_fault(
        "interface-export-leaves-out",
        "OAPI-EXP-01",
        "The export leaves out every fifth record.",
        open_api(export_of_all=False),
    ),
    open_api_fault(
        "interface-export-with-less",
        "OAPI-EXP-01",
        "The export leaves out to whom a message went.",
        open_api(exported=_without_recipient),
    ),
    open_api_fault(
        "interface-export-in-own-format",
        "OAPI-EXP-01",
        "The export is labelled as bytes of any kind.",
        open_api(export_media_type="application/octet-stream"),
        also=("OAPI-RUN-01",),
    ),
    open_api_fault(
        "declaration-without-product",
        "OAPI-OFR-01",
        "The declaration names no product.",
        _declared(product=""),
    ),
    open_api_fault(
        "interface-documentation-behind-login",
        "OAPI-OFR-02",
        "The documentation leads to a login.",
        open_api(closed=frozenset({"guide"})),
    ),
    open_api_fault(
        "terms-page-missing",
        "OAPI-OFR-03",
        "The page of terms is not there.",
        open_api(missing=frozenset({"terms"})),
    ),
    open_api_fault(
        "fees-page-missing",
        "OAPI-OFR-04",
        "The page of fees is not there.",
        open_api(missing=frozenset({"fees"})),
    ),
    open_api_fault(
        "fees-on-request",
        "OAPI-OFR-05",
        "Prices are told on request.",
        open_api(declaration=_fee_on_request),
    ),
    open_api_fault(
        "sandbox-for-money",
        "OAPI-OFR-06",
        "The sandbox costs money.",
        open_api(declaration=_sandbox_for_money),
    ),
    open_api_fault(
        "sandbox-lacks-operations",
        "OAPI-OFR-07",
        "The sandbox lacks operations of the service.",
        open_api(sandbox=_without_messages),
    ),
)
