import { encodeEvent, type HelloEvent } from '@likewire/protocol';
import { shareFrame } from '../../http/stream/shared-frames.ts';

const encoder = new TextEncoder();

/** A comment: bytes on a stream without an event. */
export const COMMENT_FRAME = shareFrame(encoder.encode(': ok\n\n'), false);

/**
 * Returns the first bytes of a stream: the time after which its client comes back, and a comment that
 * pushes out the end of the header, which uWebSockets.js holds until the next write.
 */
export function openingFrame(retryMs: number, hello: HelloEvent): Uint8Array {
	return encoder.encode(`: ok\nretry: ${retryMs}\n\n${encodeEvent('hello', hello)}`);
}

/** Returns a frame that many idle viewers share. */
export function heartbeatFrame(at: number): Uint8Array {
	return shareFrame(encoder.encode(encodeEvent('heartbeat', { at })), false);
}
