import { encodeEvent, type HelloEvent } from '@likewire/protocol';

const encoder = new TextEncoder();

/** A comment: bytes on a stream without an event. */
export const COMMENT_FRAME = encoder.encode(': ok\n\n');

/**
 * Returns the first bytes of a stream: the time after which its client comes back, and a comment that
 * pushes out the end of the header, which uWebSockets.js holds until the next write.
 */
export function openingFrame(retryMs: number, hello: HelloEvent): Uint8Array {
	return encoder.encode(`: ok\nretry: ${retryMs}\n\n${encodeEvent('hello', hello)}`);
}

export function heartbeatFrame(at: number): Uint8Array {
	return encoder.encode(encodeEvent('heartbeat', { at }));
}
