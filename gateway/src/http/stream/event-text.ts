/** An event of a stream, with its data as JSON text. */
export interface EncodedEvent {
	readonly event: string;
	readonly id: string | undefined;
	readonly data: string;
}

const decoder = new TextDecoder();

/** The events of frames that were parsed once: viewers share frames, so each is parsed once. */
const read = new WeakMap<Uint8Array, readonly EncodedEvent[]>();

/** Returns the events of a frame that this gateway encoded; comments and `retry` are none. */
export function eventsOf(frame: Uint8Array): readonly EncodedEvent[] {
	let events = read.get(frame);
	if (events === undefined) {
		events = decoder.decode(frame).split('\n\n').flatMap(eventOf);
		read.set(frame, events);
	}
	return events;
}

function eventOf(block: string): EncodedEvent[] {
	let event = '';
	let id: string | undefined;
	let data: string | undefined;
	for (const line of block.split('\n')) {
		if (line.startsWith('event: ')) event = line.slice('event: '.length);
		else if (line.startsWith('data: ')) data = line.slice('data: '.length);
		else if (line.startsWith('id: ')) id = line.slice('id: '.length);
	}
	return data === undefined ? [] : [{ event, id, data }];
}
