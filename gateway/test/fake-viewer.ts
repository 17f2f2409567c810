import type { LikesEvent } from '@likewire/protocol';
import { Connection, type StreamSocket } from '../src/frontend/connections/connection.ts';
import type { Hub } from '../src/frontend/connections/hub.ts';
import { EventParser, type ReceivedEvent } from './event-parser.ts';
import { Tally } from './tally.ts';

/** A socket that records its frames. If its viewer does not read, it takes one more frame. */
export class FakeSocket implements StreamSocket {
	readonly frames: Uint8Array[] = [];
	reading = true;
	state: 'open' | 'ended' | 'closed' = 'open';

	write(bytes: Uint8Array): boolean {
		this.frames.push(bytes);
		return this.reading;
	}

	end(): void {
		this.state = 'ended';
	}

	close(): void {
		this.state = 'closed';
	}
}

export interface FakeViewerOptions {
	readonly now?: number;
	readonly endsAt?: number;
	readonly user?: string;
}

/** A viewer with a connection to a hub. */
export class FakeViewer {
	readonly socket = new FakeSocket();
	readonly connection: Connection;
	readonly tally = new Tally();
	readonly #parser = new EventParser();
	readonly #events: ReceivedEvent[] = [];
	#parsed = 0;
	readonly #hub: Hub;

	constructor(hub: Hub, id: string, { now = 0, endsAt = Number.POSITIVE_INFINITY, user }: FakeViewerOptions = {}) {
		this.connection = new Connection({ id, user, socket: this.socket, now, endsAt });
		this.#hub = hub;
		hub.connect(this.connection, now);
	}

	/** The received events. Throws if a snapshot with deltas ever differed from the totals. */
	get events(): readonly ReceivedEvent[] {
		const decoder = new TextDecoder();
		for (const frame of this.socket.frames.slice(this.#parsed)) {
			for (const event of this.#parser.feed(decoder.decode(frame))) {
				this.#events.push(event);
				if (event.name === 'likes') this.tally.apply(event.data);
			}
		}
		this.#parsed = this.socket.frames.length;
		return this.#events;
	}

	get likes(): readonly LikesEvent[] {
		return this.events.flatMap((event) => (event.name === 'likes' ? [event.data] : []));
	}

	/** The last received number of hearts; undefined before the first. */
	get hearts(): number | undefined {
		return this.likes.at(-1)?.totals.heart;
	}

	/** Stops reading: the socket takes one more frame, and the hub should send no other. */
	stall(): void {
		this.socket.reading = false;
	}

	/** Reads again, and the hub sends the waiting state. */
	resume(now: number): void {
		this.socket.reading = true;
		this.#hub.drained(this.connection, now);
	}
}
