import type { ByeEvent, HelloEvent } from '@likewire/protocol';
import { eventsOf } from '../http/stream/event-text.ts';

/** A frame of a stream as text messages of a WebSocket, one for each event. */
export interface SocketFrame {
	readonly messages: readonly Uint8Array[];
	/** The id of the connection, in the first frame. */
	readonly connection: string | undefined;
	/** Why the connection ends, in the last frame. */
	readonly bye: ByeEvent['reason'] | undefined;
}

const encoder = new TextEncoder();

/** Viewers share frames, so each frame is converted once for all of them. */
const made = new WeakMap<Uint8Array, SocketFrame>();

/** Returns the messages of a frame; none for comments, which a WebSocket does not need. */
export function socketFrameOf(frame: Uint8Array): SocketFrame {
	let known = made.get(frame);
	if (known === undefined) {
		known = makeFrame(frame);
		made.set(frame, known);
	}
	return known;
}

function makeFrame(frame: Uint8Array): SocketFrame {
	const events = eventsOf(frame);
	const dataOf = <Data>(name: string) => {
		const found = events.find(({ event }) => event === name);
		return found && (JSON.parse(found.data) as Data);
	};
	return {
		// Names, ids and data need no escaping: names are ours, ids are base64url, data is JSON.
		messages: events.map(({ event, id, data }) =>
			encoder.encode(`{"event":"${event}",${id === undefined ? '' : `"id":"${id}",`}"data":${data}}`),
		),
		connection: dataOf<HelloEvent>('hello')?.connection,
		bye: dataOf<ByeEvent>('bye')?.reason,
	};
}
