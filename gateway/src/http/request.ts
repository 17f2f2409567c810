import type { HttpRequest } from 'uWebSockets.js';

/** The headers that handlers may read. */
const HEADERS = [
	'accept-encoding',
	'authorization',
	'content-encoding',
	'content-length',
	'content-type',
	'host',
	'idempotency-key',
	'if-none-match',
	'last-event-id',
	'origin',
	'range',
	'x-forwarded-proto',
	'x-likewire-caller',
	'x-likewire-clock',
	'x-likewire-incarnation',
	'x-likewire-node',
	'x-likewire-protocol',
	'x-likewire-region',
	'x-likewire-secret',
	'x-likewire-to',
	'x-likewire-user',
	'x-likewire-view',
] as const;

type HeaderName = (typeof HEADERS)[number];

const NAMES: ReadonlySet<string> = new Set(HEADERS);

/** A copy of a request, since uWebSockets.js reuses its own as soon as the handler returns. */
export interface Request {
	readonly method: string;
	readonly path: string;
	readonly query: URLSearchParams;
	readonly headers: Readonly<Record<HeaderName, string>>;
	/**
	 * Whether the length of the body is one number: `Transfer-Encoding` is absent, `Content-Length` is not
	 * repeated.
	 */
	readonly hasClearLength: boolean;
	/**
	 * The parameters of the path, in the order of the route, decoded; undefined where the encoding is
	 * broken.
	 */
	readonly parameters: readonly (string | undefined)[];
}

/** Copies the request; `parameterCount` is the number of parameters in the path of the route. */
export function snapshotRequest(req: HttpRequest, parameterCount: number): Request {
	const headers = {} as Record<HeaderName, string>;
	for (const name of HEADERS) headers[name] = '';
	let lengths = 0;
	let hasTransferEncoding = false;
	// Not `getHeader`: it does not distinguish an empty header from an absent one, nor a repeated one from a single one.
	req.forEach((name, value) => {
		if (name === 'transfer-encoding') hasTransferEncoding = true;
		if (name === 'content-length') lengths++;
		if (NAMES.has(name) && headers[name as HeaderName] === '') headers[name as HeaderName] = value;
	});
	headers['idempotency-key'] = textOf(headers['idempotency-key']);
	return {
		method: req.getMethod().toUpperCase(),
		path: req.getUrl(),
		query: new URLSearchParams(req.getQuery() ?? ''),
		headers,
		hasClearLength: !hasTransferEncoding && lengths <= 1,
		parameters: Array.from({ length: parameterCount }, (_, index) => decode(req.getParameter(index) ?? '')),
	};
}

/** Returns a request with a JSON body that did not come over HTTP; `parameters` as a route has them. */
export function requestOf(method: string, path: string, parameters: readonly string[]): Request {
	const headers = Object.fromEntries(HEADERS.map((name) => [name, ''])) as Record<HeaderName, string>;
	headers['content-type'] = 'application/json';
	return { method, path, query: new URLSearchParams(), headers, hasClearLength: true, parameters };
}

/**
 * Returns the text of a string of structured fields (RFC 8941, 3.3.3) without quotes; another text as
 * it is.
 */
function textOf(header: string): string {
	const [, quoted] = /^"((?:[^"\\]|\\["\\])+)"$/.exec(header) ?? [];
	return quoted === undefined ? header : quoted.replaceAll(/\\(.)/g, '$1');
}

function decode(text: string): string | undefined {
	try {
		return decodeURIComponent(text);
	} catch {
		// Not UTF-8 in percent signs: no id at all, and each parser of ids refuses it.
		return undefined;
	}
}
