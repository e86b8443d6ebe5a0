"""Evidence of a described service, made by hand: its description, answers, and what its supplier declares."""

import datetime as dt
import hashlib
import json

from small_services import JSON, described

from conformance.catalog import built_in
from conformance.model.evidence import Body, Document, Evidence, Exchange, Remark, StepEvidence
from conformance.model.target import Environment, TargetCard

BASE = "http://api.example"


def body_of(content, kind=JSON):
    data = content if isinstance(content, bytes) else b"" if content is None else json.dumps(content).encode()
    return data, Body(sha256=hashlib.sha256(data).hexdigest(), size=len(data), media_type=kind)


def exchange(label, path="/things", status=200, body=None, kind=JSON, sent=None, about=None, **headers):
    data, held = body_of(body, kind)
    wanted, request = body_of(sent) if sent is not None else (b"", None)
    bodies = {held.sha256: data} | ({request.sha256: wanted} if request else {})
    told = {"content-type": kind if data else "", **{n.replace("_", "-"): v for n, v in headers.items()}}
    return Exchange(
        id=f"s.{label}{path}",
        label=label,
        about=about or {},
        method="GET" if sent is None else "POST",
        url=BASE + path,
        status=status,
        body=held if data else None,
        request_body=request,
        request_headers={"Content-Type": JSON} if request else {},
        headers=tuple((name, value) for name, value in told.items() if value),
    ).connected(lambda digest: iter([bodies[digest]]))


def description(whole=None, label="description", **more):
    return exchange(label, "/openapi.json", body=described() if whole is None else whole, **more)


def seen(*answers, whole=None, again=(), interface=None, environment=Environment.SANDBOX, **notes):
    discovery = (description(whole), *again)
    documents = ()
    if interface is not None:
        data, body = body_of(interface)
        made = Document(id="s.interface", name="interface", location="interface.json", body=body)
        documents = (made.connected(lambda _: iter([data])),)
    return Evidence(
        steps=(StepEvidence(step="s", exchanges=answers, documents=documents, notes=notes),),
        discovery=StepEvidence(step="discovery", exchanges=discovery),
        target=TargetCard(endpoint=BASE, environment=environment),
        as_of=dt.date(2026, 11, 26),
    )


def told(name, evidence, **arguments):
    found = built_in().find("check", name)(evidence, **arguments)
    return [each for each in found if not isinstance(each, Remark)]


def fits(findings, words):
    return all(word in finding for word, finding in zip(words, findings, strict=True))


def changed(*path, to=..., whole=None):
    """The small description with something else at a place, or nothing."""
    whole = json.loads(json.dumps(whole or described()))
    inner = whole
    for name in path[:-1]:
        inner = inner.setdefault(name, {})
    if to is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = to
    return whole
