import type { PollAnswer, PollEvent, RefusedTopic } from '@likewire/protocol';
import { type EncodedEvent, eventsOf } from '../http/stream/event-text.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import { GatewayError } from '../runtime/errors.ts';
import { type Cursor, encodeCursor } from '../state/cursor.ts';
import { Connection, Subscription } from './connections/connection.ts';
import type { FrontendCore } from './frontend-core.ts';
import { LOST_MS } from './topic/log-sequencer.ts';
import { createResumeOf, type KnownEvents, type Resume } from './topic/resume.ts';
import type { Topic } from './topic/topic.ts';

/**
 * The longest wait of a poll for state that this node does not have yet, in milliseconds: longer than
 * a log waits for a lost event.
 */
const MAX_WAIT_MS = LOST_MS + 1_000;

/** The most polls that wait at the same time. */
const MAX_WAITING = 1_000;

/** A polling viewer counts for this many intervals. */
const COUNTED_INTERVALS = 2;

/** The request of one poll. */
export interface PollWish extends KnownEvents {
	/** Names of topics, each once. */
	readonly topics: readonly string[];
	readonly refused?: readonly RefusedTopic[] | undefined;
	/** The viewer to count, by the id that its client made and its caller; undefined for none. */
	readonly viewer: string | undefined;
	/** The user that is online while the viewer polls; undefined for none. */
	readonly user: string | undefined;
}

export interface PollsOptions {
	readonly core: FrontendCore;
	/** The region of this node. */
	readonly region: string;
	/** Runs the core in the next turn of the event loop. */
	readonly wake: () => void;
	/** Returns the time between two polls of a viewer, in milliseconds. */
	readonly intervalMs: () => number;
	readonly clock: Clock;
}

/** Answers clients without a stream with the events that a stream begins with. */
export interface Polls {
	/**
	 * Rejects with `overloaded` when too many polls wait, or when the node keeps too many topics without a
	 * viewer.
	 */
	read(wish: PollWish): Promise<PollAnswer>;
}

export function createPolls({ core, region, wake, intervalMs, clock }: PollsOptions): Polls {
	const { topics } = core.hub;
	let waiting = 0;

	/**
	 * Resolves with the state of a topic; with no events when the state is missing after {@link
	 * MAX_WAIT_MS}.
	 */
	function readTopic(name: string, resume: Resume | undefined, now: number): Promise<readonly EncodedEvent[]> {
		const topic = topics.visit(name, now);
		return new Promise((resolve) => {
			const guest = new Guest(topic, resume, now, finish);
			let timer: Timer | undefined;
			let isDone = false;
			function finish(): void {
				if (isDone) return;
				isDone = true;
				clock.cancel(timer);
				topic.leave(guest.subscription);
				resolve(guest.events);
			}
			topic.welcome(guest.subscription);
			guest.subscription.send(now);
			if (isDone) return;
			topics.stir(topic);
			timer = clock.after(MAX_WAIT_MS, finish);
		});
	}

	return {
		async read(wish) {
			if (waiting >= MAX_WAITING || !topics.hasRoomForGuests) {
				throw new GatewayError('overloaded', 'This node reached its limit of polls; retry.');
			}
			const now = clock.now();
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

/**
 * Returns where the client continues in the log of a topic: after the last event that it received,
 * else at its own cursor.
 */
function cursorOf(events: readonly EncodedEvent[], given: readonly Cursor[], topic: string): string[] {
	const last = events.findLast(({ id }) => id !== undefined)?.id;
	if (last !== undefined) return [last];
	const before = given.find((cursor) => cursor.topic === topic);
	return before === undefined ? [] : [encodeCursor(topic, before.positions)];
}

/** Returns an event without its delta, since a polling client keeps no state to add it to. */
function pollEvent({ event, id, data }: EncodedEvent): PollEvent {
	const { delta: _, ...rest } = JSON.parse(data) as { readonly delta?: unknown };
	return { event, ...(id !== undefined && { id }), data: rest } as PollEvent;
}

/** Reads the state of one topic once, with a subscription that counts for no viewer. */
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

	override send(now: number): boolean {
		const wrote = super.send(now);
		if (this.isCurrent) this.#onCurrent();
		return wrote;
	}
}
