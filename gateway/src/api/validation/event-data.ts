import { MAX_EVENT_DATA_BYTES } from '@likewire/protocol';
import { GatewayError } from '../../runtime/errors.ts';
import { isWellFormed } from './well-formed.ts';

/** The deepest nesting of data. Deeper data exhausts the stack of programs that read it. */
const MAX_DEPTH = 100;

/**
 * Returns the data of a custom event, which viewers receive unchanged. Throws `data_too_large`, or
 * `invalid_body` for data that databases and readers of JSON would change or refuse.
 */
export function asEventData(data: unknown): unknown {
	const flaw = flawOf(data, MAX_DEPTH);
	if (flaw !== undefined) throw new GatewayError('invalid_body', `data: ${flaw}`);
	const bytes = Buffer.byteLength(JSON.stringify(data));
	if (bytes <= MAX_EVENT_DATA_BYTES) return data;
	const detail = `The data of an event has at most ${MAX_EVENT_DATA_BYTES} bytes of JSON, and this has ${bytes}.`;
	throw new GatewayError('data_too_large', detail);
}

/** Returns why data is refused; undefined when it is valid. `depth`: the levels that it may have. */
function flawOf(data: unknown, depth: number): string | undefined {
	if (typeof data === 'string' && !isWellFormed(data)) return 'half of a surrogate pair is no character';
	// JSON.parse reads a number too large for a double as infinite, and JSON.stringify writes null.
	if (typeof data === 'number' && !Number.isFinite(data)) return 'a number is too large';
	if (typeof data !== 'object' || data === null) return undefined;
	if (depth === 0) return `nested deeper than ${MAX_DEPTH} levels`;
	for (const [key, part] of Object.entries(data)) {
		const flaw = flawOf(key, 0) ?? flawOf(part, depth - 1);
		if (flaw !== undefined) return flaw;
	}
	return undefined;
}
