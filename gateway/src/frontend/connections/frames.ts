import { encodeEvent, type HelloEvent } from '@likewire/protocol';

const encoder = new TextEncoder();

/** A comment: keeps a stream busy without an event. */
export const COMMENT_FRAME = encoder.encode(': ok\n\n');

/**
 * The first bytes of a stream: how long a client waits before it comes back, and the comment that pushes the header's
 * end out, which uWebSockets.js holds until the next write.
 */
export function openingFrame(retryMs: number, hello: HelloEvent): Uint8Array {
	return encoder.encode(`: ok\nretry: ${retryMs}\n\n${encodeEvent('hello', hello)}`);
}

export function heartbeatFrame(at: number): Uint8Array {
	return encoder.encode(encodeEvent('heartbeat', { at }));
}
