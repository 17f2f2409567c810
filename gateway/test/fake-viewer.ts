import type { LikesEvent } from '@likewire/protocol';
import { Connection, type StreamSocket } from '../src/frontend/connections/connection.ts';
import type { Hub } from '../src/frontend/connections/hub.ts';
import { EventParser, type ReceivedEvent } from './event-parser.ts';
import { Tally } from './tally.ts';

/** A socket that keeps what is written, and takes one frame more than it should once its viewer does not read. */
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

/** A viewer of a hub. */
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
		hub.connect(this.connection);
	}

	/** All events so far; throws if snapshot + deltas were not the totals at any time. */
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

	/** The hearts that it was told last; undefined before the first. */
	get hearts(): number | undefined {
		return this.likes.at(-1)?.totals.heart;
	}

	/** Stops reading: the next frame is taken, and nothing should follow it. */
	stall(): void {
		this.socket.reading = false;
	}

	/** Reads all that waits. */
	resume(now: number): void {
		this.socket.reading = true;
		this.#hub.drained(this.connection, now);
	}
}
