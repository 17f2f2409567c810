import type { PollAnswer, PollEvent, RefusedTopic } from '@likewire/protocol';
import { type EncodedEvent, eventsOf } from '../http/stream/event-text.ts';
import { GatewayError } from '../runtime/errors.ts';
import { monotonicNow } from '../runtime/run-loop.ts';
import { type Cursor, encodeCursor } from '../state/cursor.ts';
import { Connection, Subscription } from './connections/connection.ts';
import type { FrontendCore } from './frontend-core.ts';
import { LOST_MS } from './topic/log-sequencer.ts';
import { createResumeOf, type KnownEvents, type Resume } from './topic/resume.ts';
import type { Topic } from './topic/topic.ts';

/** A poll waits at most this long for what this node does not know yet, in milliseconds: longer than a log for a lost event. */
const MAX_WAIT_MS = LOST_MS + 1_000;

/** The most polls that wait at a time. */
const MAX_WAITING = 1_000;

/** A viewer who polls counts for this many times the interval. */
const COUNTED_INTERVALS = 2;

/** What one poll wants. */
export interface PollWish extends KnownEvents {
	/** By their names, each once. */
	readonly topics: readonly string[];
	readonly refused?: readonly RefusedTopic[] | undefined;
	/** The viewer to count, by the id that its client made and its caller; undefined for none. */
	readonly viewer: string | undefined;
	/** The user who is online while the viewer polls; undefined for none. */
	readonly user: string | undefined;
}

export interface PollsOptions {
	readonly core: FrontendCore;
	/** The region of this node. */
	readonly region: string;
	/** Has the core run in the next turn. */
	readonly wake: () => void;
	/** How often viewers should poll, in milliseconds. */
	readonly intervalMs: () => number;
}

/** Answers clients without a stream with what a stream of theirs would begin with. */
export interface Polls {
	/** Rejects with `overloaded` when too many wait, or too many topics are kept that nobody follows. */
	read(wish: PollWish): Promise<PollAnswer>;
}

export function createPolls({ core, region, wake, intervalMs }: PollsOptions): Polls {
	const { topics } = core.hub;
	let waiting = 0;

	/** What is known of a topic; after a while without it, nothing. */
	function readTopic(name: string, resume: Resume | undefined, now: number): Promise<readonly EncodedEvent[]> {
		const topic = topics.visit(name, now);
		return new Promise((resolve) => {
			const guest = new Guest(topic, resume, now, finish);
			let timer: NodeJS.Timeout | undefined;
			let isDone = false;
			function finish(): void {
				if (isDone) return;
				isDone = true;
				clearTimeout(timer);
				topic.leave(guest.subscription);
				resolve(guest.events);
			}
			topic.welcome(guest.subscription);
			guest.subscription.tell(now);
			if (isDone) return;
			topics.stir(topic);
			timer = setTimeout(finish, MAX_WAIT_MS);
		});
	}

	return {
		async read(wish) {
			if (waiting >= MAX_WAITING || !topics.hasRoomForGuests) {
				throw new GatewayError('overloaded', 'This node answers as many polls as it can.');
			}
			const now = monotonicNow();
			const nextMs = intervalMs();
			const { topics: names, viewer: key, user, refused } = wish;
			if (key !== undefined) core.pollViewers.polled({ key, topics: names, user }, COUNTED_INTERVALS * nextMs, now);
			const resumeOf = createResumeOf(wish);
			waiting++;
			try {
				const reads = names.map((name) => readTopic(name, resumeOf(name), now));
				wake();
				const events = await Promise.all(reads);
				return {
					events: events.flat().map(pollEvent),
					cursors: names.flatMap((name, index) => cursorOf(events[index] ?? [], wish.cursors, name)),
					region,
					nextMs,
					...(refused && { refused }),
				};
			} finally {
				waiting--;
			}
		},
	};
}

/** Where the client goes on in the log of a topic: after the last event that it received, else where it was. */
function cursorOf(events: readonly EncodedEvent[], given: readonly Cursor[], topic: string): string[] {
	const last = events.findLast(({ id }) => id !== undefined)?.id;
	if (last !== undefined) return [last];
	const before = given.find((cursor) => cursor.topic === topic);
	return before === undefined ? [] : [encodeCursor(topic, before.positions)];
}

/** An event for a client that was sent nothing before: a difference says nothing to it. */
function pollEvent({ event, id, data }: EncodedEvent): PollEvent {
	const { delta: _, ...rest } = JSON.parse(data) as { readonly delta?: unknown };
	return { event, ...(id !== undefined && { id }), data: rest } as PollEvent;
}

/** Reads the state of one topic once: a subscription that no viewer counts for. */
class Guest {
	readonly events: EncodedEvent[] = [];
	readonly subscription: Subscription;

	constructor(topic: Topic, resume: Resume | undefined, now: number, onCurrent: () => void) {
		const { events } = this;
		const socket = {
			write(frame: Uint8Array) {
				events.push(...eventsOf(frame));
				return true;
			},
			end: () => undefined,
			close: () => undefined,
		};
		const connection = new Connection({ id: '', user: undefined, socket, now, endsAt: Number.POSITIVE_INFINITY });
		this.subscription = new GuestSubscription(connection, topic, resume, onCurrent);
	}
}

class GuestSubscription extends Subscription {
	readonly #onCurrent: () => void;

	constructor(connection: Connection, topic: Topic, resume: Resume | undefined, onCurrent: () => void) {
		super(connection, topic, resume);
		this.#onCurrent = onCurrent;
	}

	override tell(now: number): boolean {
		const wrote = super.tell(now);
		if (this.isCurrent) this.#onCurrent();
		return wrote;
	}
}
