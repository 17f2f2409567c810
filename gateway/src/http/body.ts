import type { HttpResponse } from 'uWebSockets.js';
import type { z } from 'zod';
import { GatewayError } from '../runtime/errors.ts';
import { Rejection } from './rejections.ts';
import type { Request } from './request.ts';

/** A body must arrive within this time after its first part, in milliseconds. */
const BODY_TIMEOUT_MS = 10_000;

/** The first size of the buffer for a body that arrives in parts, in bytes. */
const FIRST_ROOM_BYTES = 1024;

/** The most faults of a body that an error names. */
const MAX_FAULTS = 3;

/**
 * The most characters of the place and of the message of each fault: the sender chooses the names of
 * fields.
 */
const MAX_FAULT_CHARACTERS = 100;

/** Returns the error for a request whose body has no clear length. */
export function lengthRequired(): GatewayError {
	return new GatewayError(
		'length_required',
		'Send the length of the body in one Content-Length, without Transfer-Encoding.',
	);
}

/**
 * Throws a {@link GatewayError} when the head of a request shows that the gateway cannot take its
 * body, before it reads any.
 *
 * @param maxBytes the longest body; undefined for a request whose body is skipped.
 */
export function checkHead({ headers, hasClearLength }: Request, maxBytes: number | undefined): void {
	if (!hasClearLength) throw lengthRequired();
	if (maxBytes === undefined) return;
	if (Number(headers['content-length']) > maxBytes) {
		throw new Rejection('body_too_large', 'body_too_large', `A body has at most ${maxBytes} bytes.`);
	}
	if (!/^(identity)?$/i.test(headers['content-encoding'])) {
		throw new GatewayError('unsupported_media_type', 'Send the body as it is, without Content-Encoding.');
	}
}

/**
 * Resolves with the value in the next turn of the event loop; never when the client is gone by then.
 * That includes a client that sent its next request before the answer: uWebSockets.js closes its
 * connection within this turn.
 */
export function nextTurn<Value>(value: Value, isGone: () => boolean): Promise<Value> {
	return new Promise((resolve) => {
		setImmediate(() => {
			if (!isGone()) resolve(value);
		});
	});
}

/**
 * Reads the body of a request that passed {@link checkHead}, into one buffer that grows with what
 * arrives. Resolves as {@link nextTurn} does, rejects with a {@link GatewayError} when the body is
 * late, and never settles when the client leaves.
 */
export function readBody(res: HttpResponse, request: Request, isGone: () => boolean): Promise<Uint8Array> {
	const length = Number(request.headers['content-length']);
	let bytes = new Uint8Array();
	let size = 0;
	let timer: NodeJS.Timeout | undefined;
	let late = false;

	function keep(part: ArrayBuffer): void {
		const needed = size + part.byteLength;
		if (needed > bytes.length) {
			const larger = new Uint8Array(Math.min(length, Math.max(needed, 2 * bytes.length, FIRST_ROOM_BYTES)));
			larger.set(bytes);
			bytes = larger;
		}
		bytes.set(new Uint8Array(part), size);
		size = needed;
	}

	return new Promise((resolve, reject) => {
		res.onData((part, isLast) => {
			if (late) return;
			keep(part);
			if (isLast) {
				clearTimeout(timer);
				resolve(nextTurn(bytes.subarray(0, size), isGone));
				return;
			}
			timer ??= setTimeout(() => {
				late = true;
				reject(new GatewayError('request_timeout', `The body did not arrive within ${BODY_TIMEOUT_MS} ms.`));
			}, BODY_TIMEOUT_MS);
		});
	});
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Returns the body as JSON of the schema's shape; a missing body is an empty object, whatever its
 * type. Throws a {@link GatewayError}.
 */
export function parseBody<Schema extends z.ZodType>(
	request: Request,
	body: Uint8Array,
	schema: Schema,
): z.infer<Schema> {
	const type = request.headers['content-type'].split(';', 1)[0]?.trim().toLowerCase();
	if (type !== 'application/json' && body.length > 0) {
		throw new GatewayError('unsupported_media_type', 'Send the body as application/json.');
	}
	const parsed = schema.safeParse(body.length === 0 ? {} : parseJson(body));
	if (parsed.success) return parsed.data;
	throw new GatewayError('invalid_body', describe(parsed.error.issues));
}

/** Describes the first faults of a body, which may have one for each of its bytes. */
function describe(issues: readonly z.core.$ZodIssue[]): string {
	const shown = issues
		.slice(0, MAX_FAULTS)
		.map(({ path, message }) => `${cut(path.join('.')) || 'body'}: ${cut(message)}`);
	const more = issues.length - shown.length;
	return `${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function cut(text: string): string {
	return text.length > MAX_FAULT_CHARACTERS ? `${text.slice(0, MAX_FAULT_CHARACTERS)}…` : text;
}

function parseJson(body: Uint8Array): unknown {
	try {
		return JSON.parse(utf8.decode(body));
	} catch (cause) {
		throw new GatewayError('invalid_json', 'The body is not JSON in UTF-8.', { cause });
	}
}
