"""What the notification service holds: made up, always the same to begin with, in memory."""

import uuid
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
STATUSES = ("created", "sending", "delivered", "failed", "cancelled")
CHANNELS = ("app", "email", "sms", "letter")
EVENTS = ("message.delivered", "message.failed", "message.cancelled")
_MESSAGES = 24
_TEMPLATES = (
    ("Flu vaccination invitation", "Your flu vaccination is due. Book at {{place}}."),
    ("Appointment reminder", "You have an appointment on {{date}}."),
    ("Test result ready", "Your test result is ready to view."),
    ("Repeat prescription issued", "Your repeat prescription is at {{place}}."),
)


def identity(kind: str, number: int) -> str:
    """The id of the made-up record of that number."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://tern.example/{kind}/{number}"))


@dataclass
class Records:
    """Templates, messages with their events, and subscriptions, each by id in the order in which they came."""

    templates: dict[str, Json] = field(default_factory=dict)
    messages: dict[str, Json] = field(default_factory=dict)
    events: dict[str, list[Json]] = field(default_factory=dict)
    subscriptions: dict[str, Json] = field(default_factory=dict)


def made_up() -> Records:
    """The records that a new sandbox holds."""
    records = Records()
    for number, (name, body) in enumerate(_TEMPLATES):
        one = identity("template", number)
        records.templates[one] = {
            "id": one,
            "name": name,
            "body": body,
            "channels": list(CHANNELS[: number % 4 + 1]),
        }
    for number in range(_MESSAGES):
        one = identity("message", number)
        day = 1 + number
        records.messages[one] = {
            "id": one,
            "templateId": identity("template", number % len(_TEMPLATES)),
            "recipient": {"nhsNumber": f"999{number * 37 % 10_000_000:07d}"},
            "channel": CHANNELS[number % len(CHANNELS)],
            "status": STATUSES[number % len(STATUSES)],
            "createdAt": f"2026-03-{day:02d}T09:{number:02d}:00Z",
            "reference": f"campaign-7/{number}" if number % 3 else None,
        }
        records.events[one] = [
            {
                "id": identity("event", number * 10 + step),
                "status": status,
                "at": f"2026-03-{day:02d}T10:{step:02d}:00Z",
            }
            for step, status in enumerate(("created", "sending"))
        ]
    for number in range(3):
        one = identity("subscription", number)
        events = list(EVENTS[: number + 1])
        url = f"https://callbacks.example/tern/{number}"
        records.subscriptions[one] = {"id": one, "callbackUrl": url, "events": events, "active": True}
    return records
