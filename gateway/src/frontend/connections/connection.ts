import type { StreamPace } from '@likewire/protocol';
import type { Subscriber } from '../topic/audience.ts';
import { LOST_MS } from '../topic/log-sequencer.ts';
import type { Resume } from '../topic/resume.ts';
import type { Topic, TopicState } from '../topic/topic.ts';
import { COMMENT_FRAME } from './frames.ts';

/** The network's end of a connection. */
export interface StreamSocket {
	/**
	 * Sends the bytes, or keeps them to be sent: they are never given again. False when earlier bytes still wait in
	 * memory: the viewer does not keep up, and nothing should follow until `Connection.drained`.
	 */
	write(bytes: Uint8Array): boolean;
	/** Ends the stream after what was written. */
	end(): void;
	/** Cuts the stream at once. */
	close(): void;
}

/** That a connection follows a topic, and what it was told of it. */
export class Subscription implements Subscriber {
	readonly topic: Topic;
	readonly #connection: Connection;
	#told: TopicState | undefined;
	/** Where it is to go on in the log; undefined while it is told what everybody is. */
	#resume: Resume | undefined;

	/** `resume`: where the viewer goes on in the log; undefined for a new one, who begins at its end. */
	constructor(connection: Connection, topic: Topic, resume?: Resume) {
		this.#connection = connection;
		this.topic = topic;
		// mutant: remembers-resume
		this.#resume = resume;
	}

	/** Whether the viewer has the newest state, and nothing that it missed is left. */
	get isCurrent(): boolean {
		return this.topic.state !== undefined && this.#told === this.topic.state && this.#resume === undefined;
	}

	/**
	 * Brings the viewer to the topic's newest state; says whether anything was written. Blocked, the viewer stays where it
	 * is: `Connection.drained` comes back to it.
	 */
	tell(now: number): boolean {
		const { topic } = this;
		const told = this.#told;
		if (topic.state === undefined || topic.state === told) return false;
		if (this.#resume === undefined && told?.log !== undefined && !topic.reaches(told)) {
			this.#resume = { from: told.log.positions };
		}
		if (this.#resume === undefined) return this.#bring(topic.state, now);
		const wrote = this.#bring(/* mutant: replays-first */ topic.silentState, now);
		return this.#replay(this.#resume, now) || wrote;
	}

	#bring(target: TopicState | undefined, now: number): boolean {
		if (target === this.#told) return false;
		const frame = this.topic.frameFrom(this.#told, target);
		const isNews = frame.length > 0;
		if (/* mutant: stops-at-blocked */ isNews && !this.#connection.send(frame, now)) return false;
		this.#told = target;
		return isNews;
	}

	/** Tells what it missed of the log, as much of it as it reads. */
	#replay(resume: Resume, now: number): boolean {
		const { topic } = this;
		const { giveUpAt = now + LOST_MS } = resume;
		let wrote = false;
		this.#resume = { ...resume, giveUpAt };
		while (this.#resume !== undefined && !this.#connection.blocked) {
			const step = topic.replay(this, this.#resume, now);
			if (step === undefined) return wrote;
			if (step.frame.length > 0) wrote = this.#connection.send(step.frame, now);
			this.#resume = step.next && { from: step.next, giveUpAt };
			// It is where everybody is.
			if (this.#resume === undefined) this.#told = topic.state;
		}
		// How long it reads nothing is no waiting.
		if (this.#resume !== undefined) this.#resume = { from: this.#resume.from };
		return wrote;
	}
}

export interface ConnectionOptions {
	readonly id: string;
	/** Who is there while it lasts; undefined for nobody. */
	readonly user: string | undefined;
	/** The caller that may change it, as `connectionOwner` has it. */
	readonly owner?: string;
	readonly socket: StreamSocket;
	/** By the monotonic clock, as all times here. */
	readonly now: number;
	/** When it has to end. */
	readonly endsAt: number;
}

/**
 * One viewer's stream. It is told states, not messages: while it is blocked nothing waits for it, and when it drains it
 * is told the newest state of each topic, as a delta to what it was told before.
 */
export class Connection {
	readonly id: string;
	/** Who is there while it lasts; undefined for nobody. */
	readonly user: string | undefined;
	/** The caller that may change it, as `connectionOwner` has it. */
	readonly owner: string;
	/** When it has to end, by the monotonic clock: its token expires, or viewers are to spread over nodes again. */
	endsAt: number;
	/** How often it is told what is new; the hub changes it. */
	pace: StreamPace = 'normal';
	readonly #socket: StreamSocket;
	/** Replaced, not changed: an array that grows keeps room to spare, and most connections follow one topic. */
	#subscriptions: readonly Subscription[] = [];
	#blockedSince: number | undefined;
	/** When its client last said that it is there; undefined for one that never did. */
	#aliveAt: number | undefined;
	#wroteAt: number;

	constructor({ id, user, owner = '', socket, now, endsAt }: ConnectionOptions) {
		this.id = id;
		this.user = user;
		this.owner = owner;
		this.endsAt = endsAt;
		this.#socket = socket;
		this.#wroteAt = now;
	}

	get subscriptions(): readonly Subscription[] {
		return this.#subscriptions;
	}

	add(subscription: Subscription): void {
		this.#subscriptions = [...this.#subscriptions, subscription];
	}

	/** The subscription of a topic, which is none any more; undefined when there was none. */
	remove(topic: string): Subscription | undefined {
		const removed = this.#subscriptions.find((subscription) => subscription.topic.name === topic);
		if (removed !== undefined) this.#subscriptions = this.#subscriptions.filter((other) => other !== removed);
		return removed;
	}

	get blocked(): boolean {
		return this.#blockedSince !== undefined;
	}

	/** How long it has been blocked, in milliseconds; 0 when it is not. */
	blockedFor(now: number): number {
		return this.#blockedSince === undefined ? 0 : now - this.#blockedSince;
	}

	/** Its client said that it is there. */
	alive(now: number): void {
		this.#aliveAt = now;
	}

	/** How long a client that said that it is there has not said so again, in milliseconds; 0 for one that never did. */
	unconfirmedFor(now: number): number {
		return this.#aliveAt === undefined ? 0 : now - this.#aliveAt;
	}

	/** How long nothing was written, in milliseconds. */
	idleFor(now: number): number {
		return now - this.#wroteAt;
	}

	/**
	 * Keeps a blocked connection from being given up too early: uWebSockets.js ends a stream 10 s after a write that found
	 * no room, and every such write begins the 10 s anew. A comment a second is little to keep until the viewer reads.
	 */
	holdOn(): void {
		this.#socket.write(COMMENT_FRAME);
	}

	/** Writes unless blocked; says whether it wrote. */
	send(frame: Uint8Array, now: number): boolean {
		if (this.#blockedSince !== undefined) return false;
		this.#wroteAt = now;
		if (!this.#socket.write(frame)) this.#blockedSince = now;
		return true;
	}

	/**
	 * The viewer read what waited. Something is always written, at least a comment: uWebSockets.js sends the rest of
	 * what it holds only with the next write.
	 */
	drained(now: number): void {
		this.#blockedSince = undefined;
		let wrote = false;
		// mutant: sends-once-drained
		for (const subscription of this.#subscriptions) wrote = subscription.tell(now) || wrote;
		if (!wrote) this.send(COMMENT_FRAME, now);
	}

	/** A last frame, if the viewer can take it, and the end. */
	end(farewell: Uint8Array, now: number): void {
		if (this.send(farewell, now)) this.#socket.end();
		else this.#socket.close();
	}

	/** Cut at once. */
	close(): void {
		this.#socket.close();
	}
}
