"""The description of the notification service, in OpenAPI 3.1.1, and the same in 3.0.3."""

from copy import deepcopy
from typing import Any

from conformance.reference.open_api.records import CHANNELS, EVENTS, STATUSES, identity

Json = dict[str, Any]
VERSION = "2.3.0"
TITLE = "Tern Notify"


def description(origin: str) -> Json:
    """The whole description, for a service at `origin`/v2."""
    return {
        "openapi": "3.1.1",
        "info": {
            "title": TITLE,
            "version": VERSION,
            "summary": "Sends messages to people, and tells what became of them.",
            "termsOfService": f"{origin}/docs/terms",
            "contact": {"name": "Tern Notify support", "email": "support@tern.example"},
        },
        "externalDocs": {"url": f"{origin}/docs/guide"},
        "servers": [{"url": f"{origin}/v2", "description": "This sandbox"}],
        "security": [{"client": ["notify"]}],
        "paths": {
            "/health": {"get": _get("Whether the service is up", "Health", open_to_all=True)},
            "/templates": {"get": _get("The templates of messages", "Templates")},
            "/templates/{templateId}": {
                **_of("templateId", "template"),
                "get": _get("One template", "Template", one=True),
            },
            "/messages": {
                "get": _get("Messages, the oldest first", "Messages", parameters=_PAGING),
                "post": _write("Send a message", "NewMessage", "Message", "201", _MESSAGE),
            },
            "/messages/{messageId}": {
                **_of("messageId", "message"),
                "get": _get("One message", "Message", one=True),
                "delete": _gone("Cancel a message that is not sent yet, and forget it"),
            },
            "/messages/{messageId}/events": {
                **_of("messageId", "message"),
                "get": _get("What became of a message", "Events", one=True),
            },
            "/subscriptions": {
                "get": _get("Who is called back", "Subscriptions"),
                "post": _write("Be called back", "NewSubscription", "Subscription", "201", _SUBSCRIPTION),
            },
            "/subscriptions/{subscriptionId}": {
                **_of("subscriptionId", "subscription"),
                "get": _get("One subscription", "Subscription", one=True),
                "put": _write(
                    "Change a subscription", "NewSubscription", "Subscription", "200", _SUBSCRIPTION, one=True
                ),
                "delete": _gone("Be called back no more"),
            },
            "/message-statuses": {
                "get": {
                    **_get("The statuses that there are; see the schema instead", "Statuses"),
                    "deprecated": True,
                }
            },
            "/export": {"get": _export()},
        },
        "components": {"schemas": _schemas(), "responses": _refusals(), "securitySchemes": _schemes(origin)},
    }


def in_3_0(whole: Json) -> Json:
    """The same description in OpenAPI 3.0.3."""
    older: Json = _older(deepcopy(whole))
    older["openapi"] = "3.0.3"
    older["info"].pop("summary", None)
    return older


def _older(value: Any) -> Any:
    if isinstance(value, list):
        return [_older(each) for each in value]
    if not isinstance(value, dict):
        return value
    made = {name: _older(each) for name, each in value.items()}
    if isinstance(made.get("type"), list):
        kinds = [kind for kind in made["type"] if kind != "null"]
        made |= {"type": kinds[0], "nullable": True}
    return made


_PAGING = [
    {
        "name": "status",
        "in": "query",
        "description": "Only these",
        "schema": {"type": "string", "enum": list(STATUSES)},
    },
    {
        "name": "limit",
        "in": "query",
        "description": "How many at most",
        "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 10},
    },
    {
        "name": "from",
        "in": "query",
        "description": "From this place on, as the next link says",
        "schema": {"type": "integer", "minimum": 0, "maximum": 100000},
    },
]
_MESSAGE = {"templateId": identity("template", 1), "recipient": {"nhsNumber": "9990000018"}, "channel": "sms"}
_SUBSCRIPTION = {"callbackUrl": "https://callbacks.example/mine", "events": ["message.failed"]}


def _of(name: str, kind: str) -> Json:
    schema = {"type": "string", "format": "uuid"}
    one = {
        "name": name,
        "in": "path",
        "required": True,
        "description": f"The id of the {kind}",
        "schema": schema,
    }
    return {"parameters": [one]}


def _answer(schema: str, said: str = "As asked for", **headers: Json) -> Json:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": said, "content": content, **({"headers": headers} if headers else {})}


def _refused(*statuses: str) -> Json:
    return {status: {"$ref": f"#/components/responses/Refused{status}"} for status in statuses}


def _get(
    summary: str,
    schema: str,
    *,
    one: bool = False,
    open_to_all: bool = False,
    parameters: list[Json] | None = None,
) -> Json:
    made: Json = {"summary": summary, "operationId": f"get{schema}"}
    statuses = [
        *(["400"] if parameters else []),
        *(["404"] if one else []),
        *([] if open_to_all else ["401"]),
    ]
    made["responses"] = {"200": _answer(schema), **_refused(*statuses)}
    return (
        made | ({"parameters": parameters} if parameters else {}) | ({"security": []} if open_to_all else {})
    )


def _write(summary: str, taken: str, given: str, status: str, example: Json, *, one: bool = False) -> Json:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{taken}"}, "example": example}}
    location = {"Location": {"required": True, "schema": {"type": "string"}}} if status == "201" else {}
    statuses = ["400", "401", "415", "422", *(["404"] if one else [])]
    return {
        "summary": summary,
        "operationId": f"{'change' if one else 'make'}{given}",
        "requestBody": {"required": True, "content": content},
        "responses": {status: _answer(given, "Done", **location), **_refused(*statuses)},
    }


def _gone(summary: str) -> Json:
    return {
        "summary": summary,
        "operationId": f"delete{summary.split(maxsplit=1)[0]}{len(summary)}",
        "responses": {"204": {"description": "Gone"}, **_refused("401", "404")},
    }


def _export() -> Json:
    content = {"application/x-ndjson": {"schema": {"type": "string"}}}
    return {
        "summary": "All that the customer has in the service, one record a line",
        "operationId": "export",
        "responses": {"200": {"description": "The export", "content": content}, **_refused("401")},
    }


def _schemas() -> Json:
    uuid = {"type": "string", "format": "uuid"}
    instant = {"type": "string", "format": "date-time"}
    status = {"type": "string", "enum": list(STATUSES)}
    channel = {"type": "string", "enum": list(CHANNELS)}
    events = {
        "type": "array",
        "minItems": 1,
        "maxItems": 3,
        "items": {"type": "string", "enum": list(EVENTS)},
    }
    url = {"type": "string", "format": "uri", "pattern": "^https://[a-z0-9.-]+/", "maxLength": 500}
    recipient = _object({"nhsNumber": {"type": "string", "pattern": "^[0-9]{10}$"}})
    text = {"type": "string"}
    new = {"templateId": uuid, "recipient": {"$ref": "#/components/schemas/Recipient"}, "channel": channel}
    reference = {"type": ["string", "null"], "maxLength": 64}
    kept = {"id": uuid, **new, "status": status, "createdAt": instant, "reference": reference}
    problem = {"type": text, "title": text, "status": {"type": "integer"}, "detail": text, "instance": text}
    return {
        "Health": _object({"status": {"type": "string", "enum": ["up"]}, "version": text}),
        "Recipient": recipient,
        "Template": _object(
            {"id": uuid, "name": text, "body": text, "channels": {"type": "array", "items": channel}}
        ),
        "Templates": _list("Template"),
        "NewMessage": _object({**new, "reference": reference}, optional=("reference",)),
        "Message": _object(kept),
        "Messages": _list("Message"),
        "Event": _object({"id": uuid, "status": status, "at": instant}),
        "Events": _list("Event"),
        "NewSubscription": _object({"callbackUrl": url, "events": events}),
        "Subscription": _object(
            {"id": uuid, "callbackUrl": url, "events": events, "active": {"type": "boolean"}}
        ),
        "Subscriptions": _list("Subscription"),
        "Statuses": _object({"statuses": {"type": "array", "items": status}}),
        "Problem": {**_object(problem, optional=("instance",)), "additionalProperties": True},
    }


def _object(properties: Json, optional: tuple[str, ...] = ()) -> Json:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


def _list(of: str) -> Json:
    items = {"type": "array", "items": {"$ref": f"#/components/schemas/{of}"}}
    links = {"type": "object", "properties": {"next": {"type": "string"}}, "additionalProperties": False}
    return _object({"items": items, "links": links})


def _refusals() -> Json:
    said = {
        "400": "The request is not as described",
        "401": "No valid token came with the request",
        "404": "There is nothing of this id",
        "415": "The body is not JSON",
        "422": "The request names what is not there",
    }
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {f"Refused{status}": {"description": text, "content": content} for status, text in said.items()}


def _schemes(origin: str) -> Json:
    flow = {"tokenUrl": f"{origin}/token", "scopes": {"notify": "Send messages and see what became of them"}}
    return {"client": {"type": "oauth2", "flows": {"clientCredentials": flow}}}
