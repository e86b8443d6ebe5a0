"""Looks at the reference supplier's formats, errors and refusals, by the fault that each would show."""

import orjson

FHIR = {"Content-Type": "application/fhir+json"}
NEW = {"resourceType": "Patient", "identifier": [{"system": "urn:x", "value": "n1"}], "gender": "female"}


def media(answer):
    return answer.headers["Content-Type"].partition(";")[0]


def read(client, accept="application/fhir+json", **parameters):
    return client.get("/Patient/p1", params=parameters, headers={"Accept": accept})


def takes(accept, label="application/fhir+json", **parameters):
    """A look whether a read with this Accept is answered under this label."""

    def look(client):
        answer = read(client, accept, **parameters)
        return answer.status_code == 200 and media(answer) == label

    return look


def refuses(accept):
    return lambda client: read(client, accept).status_code == 406


def posted(client, body, path="/Patient", **headers):
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return client.post(path, content=content, headers=FHIR | headers)


def refuses_body(body, status=(400,), **headers):
    return lambda client: posted(client, body, **headers).status_code in status


def error(client):
    return client.get("/Patient/none")


def issue(client):
    return error(client).json()["issue"][0]


def packed(client, accepted="gzip"):
    return client.get("/metadata", headers={"Accept-Encoding": accepted})


def nothing_kept(client):
    posted(client, NEW | {"gender": "nonsense"})
    return client.get("/Patient?identifier=urn:x|n1").json()["total"] == 0


def in_charset(charset):
    """A look whether a read for this Accept-Charset is answered in UTF-8."""

    def look(client):
        answer = client.get("/Patient/p1", headers={"Accept-Charset": charset})
        return answer.status_code == 200 and answer.headers["Content-Type"].endswith("charset=utf-8")

    return look


XML = b"""<Patient xmlns="http://hl7.org/fhir">%s<extension url="urn:x"><valueString value="y"/></extension>
<active value="true"/></Patient>"""


def written_in_xml(method):
    """A look whether a patient is kept whole that is written in XML, by POST or PUT."""

    def look(client):
        path = "/Patient" if method == "POST" else "/Patient/p1"
        body = XML % (b'<id value="p1"/>' if method == "PUT" else b"")
        answer = client.request(method, path, content=body, headers={"Content-Type": "application/fhir+xml"})
        return answer.is_success and "extension" in answer.json()

    return look


RIGHT_FORMATS = {
    "head-of-nothing-answers-200": lambda client: client.head("/Patient/none").status_code == 404,
    "charset-as-asked-for": in_charset("iso-8859-1"),
    "accept-charset-refused": in_charset("utf-8"),
    "xml-create-refused": written_in_xml("POST"),
    "xml-body-loses-extensions": written_in_xml("PUT"),
    "xml-update-refused": written_in_xml("PUT"),
    "resources-labelled-latin-1": lambda client: "utf-8" in read(client).headers["Content-Type"],
    "errors-labelled-plain-json": lambda client: media(error(client)) == "application/fhir+json",
    "plain-json-refused": takes("application/json", "application/json"),
    "any-accept-answers-html": takes("*/*"),
    "only-first-of-accept-heeded": takes("text/html, application/fhir+json;q=0.1"),
    "unknown-accept-answers-html": refuses("application/x-unknown"),
    "format-parameter-ignored": takes("text/html", _format="application/fhir+json"),
    "short-format-names-refused": takes("*/*", _format="json"),
    "xml-declared-but-refused": takes("application/fhir+xml", "application/fhir+xml"),
    "xml-without-namespace": lambda client: (
        'xmlns="http://hl7.org/fhir"' in client.get("/metadata?_format=xml").text
    ),
    "xml-loses-repeats": lambda client: (
        client.get("/metadata?_format=xml").text.count("<resource>")
        == len(client.get("/metadata").json()["rest"][0]["resource"])
    ),
    "fhir-version-parameter-refused": takes("application/fhir+json; fhirVersion=4.0"),
    "other-fhir-version-ignored": refuses("application/fhir+json; fhirVersion=1.0"),
    "pretty-printing-drops-members": lambda client: (
        read(client, _pretty="true").json() == read(client).json()
    ),
    "compressed-answers-lack-members": lambda client: (
        packed(client).json() == packed(client, "identity").json()
    ),
    "gzip-sent-to-everybody": lambda client: "Content-Encoding" not in packed(client, "identity").headers,
    "etag-is-strong": lambda client: read(client).headers["ETag"].startswith('W/"'),
    "date-not-stated": lambda client: "Date" in read(client).headers,
    "options-fails": lambda client: client.options("/Patient").status_code == 204,
    "refusals-are-plain-text": lambda client: media(error(client)) == "application/fhir+json",
    "outcome-has-unknown-code": lambda client: issue(client)["code"] == "not-found",
    "outcome-is-information": lambda client: issue(client)["severity"] == "error",
    "error-shows-stack-trace": lambda client: "NullPointer" not in error(client).text,
    "error-shows-sql": lambda client: "SELECT" not in error(client).text,
    "error-echoes-markup": lambda client: "<b>" not in client.get("/NoSuchType?name=%3Cb%3E").text,
    "error-names-patient": lambda client: (
        client.get("/Patient/p1").json()["name"][0]["family"] not in client.get("/Patient/p1/_history/9").text
    ),
    "illegal-id-answers-500": lambda client: client.get(f"/Patient/{'x' * 65}").status_code == 404,
    "wrong-method-answers-200": lambda client: client.put("/metadata").status_code == 405,
    "405-without-allow": lambda client: "GET" in client.put("/metadata").headers.get("Allow", ""),
    "unknown-address-answers-200": lambda client: client.get("/a/b/c/d").status_code == 404,
    "search-takes-any-form": lambda client: (
        posted(client, b"x", "/Patient/_search", **{"Content-Type": "text/plain"}).status_code == 415
    ),
    "broken-json-accepted": refuses_body(orjson.dumps(NEW)[:-1]),
    "invalid-json-answers-500": refuses_body(b"no JSON"),
    "empty-body-accepted": refuses_body(b""),
    "body-without-type-accepted": refuses_body([NEW]),
    "other-type-stored": refuses_body({"resourceType": "Basic", "code": {"text": "x"}}),
    "any-media-type-accepted": refuses_body(NEW, (415,), **{"Content-Type": "text/plain"}),
    "other-encodings-accepted": refuses_body(
        orjson.dumps(NEW | {"name": [{"family": "X"}]}).replace(b'"X"', b'"\xe9"')
    ),
    "repeated-names-accepted": refuses_body(orjson.dumps(NEW)[:-1] + b',"gender":"male"}'),
    "patients-not-validated": refuses_body(NEW | {"gender": "nonsense"}),
    "illegal-id-accepted": lambda client: (
        client.put("/Patient/a_b", json=NEW | {"id": "a_b"}, headers=FHIR).status_code == 400
    ),
    "refused-create-is-kept": nothing_kept,
}
