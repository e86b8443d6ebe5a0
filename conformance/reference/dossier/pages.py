"""The demo supplier's public pages: how to export, what the formats are, the terms, the last rehearsal."""

from collections.abc import Sequence
from datetime import date
from html import escape
from typing import Any

from conformance.reference.dossier.plan import rehearsed, reviewed
from conformance.reference.settings import PRODUCT_NAME, SUPPLIER

_NDJSON_SPEC = "https://github.com/ndjson/ndjson-spec"
_R4 = "https://hl7.org/fhir/R4/"
_BULK = "https://hl7.org/fhir/uv/bulkdata/STU3/"
_SMART = "https://hl7.org/fhir/smart-app-launch/backend-services.html"


def export_page(base_url: str, version: str, types: Sequence[str], as_of: date) -> str:
    """The documentation of the export: all that a competent developer needs to take every record out."""
    base = escape(base_url)
    listing = "\n".join(
        f'<tr><td>{escape(name)}</td><td><a href="{_definition(name)}">{_definition(name)}</a></td></tr>'
        for name in types
    )
    body = f"""\
<p>Version {escape(version)}. Last updated {reviewed(as_of).isoformat()}. This page needs no login, form or
fee.</p>

<h2>1. How to export</h2>
<p>Exports follow the <a href="{_BULK}">FHIR Bulk Data Access implementation guide, 3.0.0</a>. Nobody at
{escape(SUPPLIER)} has to do or approve anything.</p>
<ol>
<li>Get an access token as the <a href="{_SMART}">SMART backend services</a> profile says; the token
endpoint is named at <code>{base}/.well-known/smart-configuration</code>.</li>
<li>Send <code>GET {base}/$export</code> (everything), <code>GET {base}/Patient/$export</code> (all patients
and their records) or <code>GET {base}/Group/[id]/$export</code> (one cohort) with <code>Accept:
application/fhir+json</code> and <code>Prefer: respond-async</code>.</li>
<li>Ask the address in <code>Content-Location</code>, no sooner than <code>Retry-After</code> says, until it
answers 200 with a manifest.</li>
<li>Fetch each file of <code>output</code> with the same token. Every line is one resource.</li>
</ol>
<p>One patient's record is exported by <code>POST {base}/Patient/$export</code> with a Parameters resource
whose <code>patient</code> is a reference to that patient. <code>_since</code> limits an export to what
changed after that moment; <code>_type</code> and <code>_typeFilter</code> narrow it.</p>

<h2>2. Structure and logical model</h2>
<p>Each resource type has files of its own, as UTF-8 newline-delimited JSON
(<code>application/fhir+ndjson</code>) of <a href="{_R4}">FHIR R4 (4.0.1)</a>. The types and their
definitions:</p>
<table>
<thead><tr><th>Type</th><th>Definition</th></tr></thead>
<tbody>
{listing}
</tbody>
</table>

<h2>3. Keys and references</h2>
<p>A resource's key is its type with its <code>id</code>. References are relative (<code>Type/id</code>) and
lead to a resource of the same export. Patients carry the NHS number
(<code>https://fhir.nhs.uk/Id/nhs-number</code>) with its verification status; organisations carry their ODS
code.</p>

<h2>4. Mapping from the product</h2>
<p>The product stores FHIR resources as such, so that the export needs no mapping: what a read answers is
what the export holds.</p>

<h2>5. Units, dates and coded values</h2>
<p>Quantities have UCUM units. Dates keep the precision they were entered with; times carry their offset.
Problems, allergies and medicines are coded in SNOMED CT (medicines with dm+d products of the UK drug
extension), measurements in LOINC. Each coding names its system. There are no local code systems.</p>

<h2>6. Business rules and special handling</h2>
<ul>
<li>Inactive, deceased and restricted patients are exported like all others; restricted ones are labelled R
in <code>meta.security</code>.</li>
<li>Merged patients are exported as both records, linked by <code>Patient.link</code>.</li>
<li>Deleted resources are not exported.</li>
</ul>

<h2>7. Attachments</h2>
<p><code>DocumentReference.content.attachment.url</code> leads to a <code>Binary</code> of the same export.
Its bytes are base64 in <code>Binary.data</code>; <code>size</code> and <code>hash</code> (SHA-1) in the
attachment are those of the decoded bytes.</p>

<h2>8. What is left out, and what is derived</h2>
<p>The search index is left out: it is rebuilt from the exported resources. Nothing else is left out or
derived.</p>

<h2>9. Checks for the receiving system</h2>
<p>The number of lines of a file is its <code>count</code> in the manifest, and the sum for a type is the
total that <code>GET {base}/[type]?_summary=count</code> answers for unchanged data. The manifest states the
SHA-256 of each file. Records that could not
be exported are listed in the manifest's <code>error</code> files.</p>

<h2>10. Limits</h2>
<p>Files are kept for as long as <code>Expires</code> says. Three exports may run at once, and a client may send a
hundred requests a second. Breaking changes to
this interface are announced on this page six months ahead.</p>

<h2>11. Registering a client</h2>
<p>The buyer, or anybody the buyer names, registers a client's public key set (JWKS) in the product's
administration pages, without our consent. The terms are in <a href="terms.html">terms.html</a>, the formats
in <a href="register.json">register.json</a>.</p>
"""
    return _page(f"{PRODUCT_NAME}: taking all data out", body)


def register(base_url: str, version: str, types: Sequence[str], as_of: date) -> dict[str, Any]:
    """The register of exportable data structures, formats, standards and specifications, for machines."""
    return {
        "title": f"{PRODUCT_NAME}: register of exportable data",
        "supplier": SUPPLIER,
        "product": {"name": PRODUCT_NAME, "version": version, "baseUrl": base_url},
        "lastUpdated": reviewed(as_of).isoformat(),
        "formats": [
            {
                "id": "fhir-ndjson",
                "mediaType": "application/fhir+ndjson",
                "specifications": [_R4, _NDJSON_SPEC],
                "steward": "HL7 International",
                "royaltyFree": True,
            },
        ],
        "standards": [
            {"name": "HL7 FHIR", "version": "4.0.1", "url": _R4},
            {"name": "FHIR Bulk Data Access", "version": "3.0.0", "url": _BULK},
            {"name": "SMART backend services", "version": "2.2.0", "url": _SMART},
            {"name": "SNOMED CT", "url": "https://www.snomed.org/"},
            {"name": "LOINC", "url": "https://loinc.org/"},
            {"name": "UCUM", "url": "https://ucum.org/"},
        ],
        "structures": [
            {"type": name, "format": "fhir-ndjson", "definition": _definition(name)} for name in types
        ],
        "excluded": [
            {"category": "search index", "reason": "It is rebuilt from the exported resources."},
        ],
    }


def terms_page() -> str:
    """The contract terms on switching and the terms of the interface, as given before signature."""
    return _page(
        f"{PRODUCT_NAME}: terms of switching and of the interface",
        f"""\
<h2>Schedule 10: Exit</h2>
<ol>
<li>The buyer owns its data and whatever it configured. {escape(SUPPLIER)} claims nothing in what is
exported.</li>
<li>The buyer may contract with others, and use their services beside ours, at any time.</li>
<li>The interface, the export and the sandbox are free of charge to the buyer and to whomever the buyer
names.</li>
<li>The buyer may start a switch with two months' notice. The transition takes at most thirty days. The
buyer may extend it once.</li>
<li>Where thirty days are not technically feasible we say so, with reasons, within fourteen working days;
the transition is then at most seven months.</li>
<li>Data can be fetched for at least thirty days after the transition ends. The old system can be read for
ninety days after the new one went live.</li>
<li>Nothing is erased before the buyer has confirmed a good copy. Then live data are erased within thirty
days and backups within ninety, also at our subcontractors, and we certify it.</li>
<li>Migration help is free where the switch is due to a fault of ours. Prices are fixed for the term. No term
makes the buyer take or pay for a least volume.</li>
<li>Every subcontractor that holds data is bound to this schedule.</li>
<li>The buyer may test the product again at any time of the contract, before it is renewed and at exit, with the
same version of the profile or a newer one.</li>
</ol>
""",
    )


def rehearsal_page(as_of: date) -> str:
    """The report of the last rehearsal, to which the plan's digest belongs."""
    return _page(
        f"{PRODUCT_NAME}: rehearsal of the exit",
        f"""\
<p>On {rehearsed(as_of).isoformat()} a full export of the sandbox was taken without our staff and loaded
into a FHIR server of another make. The counts of all resource types agreed, all references resolved, and
the bytes of all attachments had the stated size and digest.</p>
""",
    )


def certificate_page() -> str:
    """The specimen of the certificate of erasure: its headings, which are filled in at exit."""
    return _page(
        f"{PRODUCT_NAME}: certificate of erasure (specimen)",
        f"""\
<dl>
<dt>Scope</dt><dd>Which data of which buyer, in which systems, backups and with which subcontractors.</dd>
<dt>Method</dt><dd>How it was erased.</dd>
<dt>Dates</dt><dd>When the erasure began and when it was complete.</dd>
<dt>Signatory</dt><dd>Name and office of the person who certifies this for {escape(SUPPLIER)}.</dd>
</dl>
""",
    )


def _definition(name: str) -> str:
    """Where FHIR R4 defines this resource type."""
    return escape(f"{_R4}{name.lower()}.html")


def _page(title: str, body: str) -> str:
    return f"""\
<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<title>{escape(title)}</title>
</head>
<body>
<h1>{escape(title)}</h1>
{body}</body>
</html>
"""
