import type { HttpRequest } from 'uWebSockets.js';

/** What handlers may know of the headers. */
const HEADERS = [
	'accept-encoding',
	'authorization',
	'content-length',
	'content-type',
	'idempotency-key',
	'if-none-match',
	'last-event-id',
	'origin',
	'range',
	'x-likewire-caller',
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

/** A copy of what a request says, since uWebSockets.js takes its own back as soon as the handler returns. */
export interface Request {
	readonly method: string;
	readonly path: string;
	readonly query: URLSearchParams;
	readonly headers: Readonly<Record<HeaderName, string>>;
	/** The parts of the path that the route left open, in its order, decoded; undefined where the encoding is broken. */
	readonly parameters: readonly (string | undefined)[];
}

/** Copies the request; `parameterCount` is how many parts of the path the route leaves open. */
export function snapshotRequest(req: HttpRequest, parameterCount: number): Request {
	const headers = {} as Record<HeaderName, string>;
	for (const name of HEADERS) headers[name] = req.getHeader(name);
	return {
		method: req.getMethod().toUpperCase(),
		path: req.getUrl(),
		query: new URLSearchParams(req.getQuery() ?? ''),
		headers,
		parameters: Array.from({ length: parameterCount }, (_, index) => decode(req.getParameter(index) ?? '')),
	};
}

function decode(text: string): string | undefined {
	try {
		return decodeURIComponent(text);
	} catch {
		// Not UTF-8 in percent signs: no id at all, and refused as such by whoever asks for it.
		return undefined;
	}
}
