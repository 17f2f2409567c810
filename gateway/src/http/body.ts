import type { HttpResponse } from 'uWebSockets.js';
import type { z } from 'zod';
import { GatewayError } from '../errors.ts';
import { Refusal } from './refusals.ts';
import type { Request } from './request.ts';

/** A body must be there so long after its head, in milliseconds. */
const BODY_TIMEOUT_MS = 10_000;

/** Of a body that is too large, so much is read before the answer, so that the sender gets to read it. */
const MAX_DISCARDED_BYTES = 1024 * 1024;

/**
 * Reads the body of a request, of at most `maxBytes`, copying each chunk. Calls back once: with the bytes, or with what is wrong. Never, when
 * the client goes away in the middle.
 */
export function readBody(res: HttpResponse, maxBytes: number, done: (body: Uint8Array | GatewayError) => void): void {
	const chunks: Uint8Array[] = [];
	let size = 0;
	let timer: NodeJS.Timeout | undefined;
	let settled = false;

	function settle(body: Uint8Array | GatewayError): void {
		if (settled) return;
		settled = true;
		clearTimeout(timer);
		done(body);
	}

	res.onData((chunk, isLast) => {
		if (settled) return;
		size += chunk.byteLength;
		if (size <= maxBytes) chunks.push(new Uint8Array(chunk.slice(0)));
		if (size > maxBytes && (isLast || size > maxBytes + MAX_DISCARDED_BYTES)) {
			settle(new Refusal('body_too_large', 'body_too_large', `A body has at most ${maxBytes} bytes.`));
		} else if (isLast) settle(Buffer.concat(chunks));
		else {
			timer ??= setTimeout(() => {
				settle(new GatewayError('request_timeout', `The body did not arrive within ${BODY_TIMEOUT_MS} ms.`));
			}, BODY_TIMEOUT_MS);
		}
	});
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The body as JSON of the schema's shape; no body at all is an empty object. Throws a {@link GatewayError}.
 */
export function parseBody<Schema extends z.ZodType>(
	request: Request,
	body: Uint8Array,
	schema: Schema,
): z.infer<Schema> {
	const type = request.headers['content-type'].split(';', 1)[0]?.trim().toLowerCase();
	if (type !== 'application/json' && !(type === '' && body.length === 0)) {
		throw new GatewayError('unsupported_media_type', 'Send the body as application/json.');
	}
	const parsed = schema.safeParse(body.length === 0 ? {} : parseJson(body));
	if (parsed.success) return parsed.data;
	const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
	throw new GatewayError('invalid_body', issues.join('; '));
}

function parseJson(body: Uint8Array): unknown {
	try {
		return JSON.parse(utf8.decode(body));
	} catch (cause) {
		throw new GatewayError('invalid_json', 'The body is not JSON in UTF-8.', { cause });
	}
}
