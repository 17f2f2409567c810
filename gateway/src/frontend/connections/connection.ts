import type { StreamPace } from '@likewire/protocol';
import type { Subscriber } from '../topic/audience.ts';
import { LOST_MS } from '../topic/log-sequencer.ts';
import type { Resume } from '../topic/resume.ts';
import type { Topic, TopicState } from '../topic/topic.ts';
import { COMMENT_FRAME } from './frames.ts';

/** The network side of a connection. */
export interface StreamSocket {
	/**
	 * Takes the bytes, which the caller never passes again. Returns false when earlier bytes still wait in
	 * memory: the viewer does not keep up, and the caller writes no more until `Connection.drained`.
	 */
	write(bytes: Uint8Array): boolean;
	/** Ends the stream after the written bytes. */
	end(): void;
	/** Cuts the stream at once. */
	close(): void;
}

/** A topic that a connection follows, and the state that the viewer received. */
export class Subscription implements Subscriber {
	readonly topic: Topic;
	readonly #connection: Connection;
	#sent: TopicState | undefined;
	/** Where the viewer continues in the log; undefined once it gets the same frames as all viewers. */
	#resume: Resume | undefined;

	/**
	 * `resume`: where the viewer continues in the log; undefined for a new viewer, which begins at its
	 * end.
	 */
	constructor(connection: Connection, topic: Topic, resume?: Resume) {
		this.#connection = connection;
		this.topic = topic;
		// mutant: remembers-resume
		this.#resume = resume;
	}

	/** Whether the viewer has the newest state and all events that it missed. */
	get isCurrent(): boolean {
		return this.topic.state !== undefined && this.#sent === this.topic.state && this.#resume === undefined;
	}

	/**
	 * Sends the viewer the newest state of the topic; returns whether it wrote anything. A blocked viewer
	 * keeps its state: `Connection.drained` sends the rest.
	 */
	send(now: number): boolean {
		const { topic } = this;
		const sent = this.#sent;
		if (topic.state === undefined || topic.state === sent) return false;
		if (this.#resume === undefined && sent?.log !== undefined && !topic.reaches(sent)) {
			this.#resume = { from: sent.log.positions };
		}
		if (this.#resume === undefined) return this.#sendState(topic.state, now);
		const wrote = this.#sendState(/* mutant: replays-first */ topic.silentState, now);
		return this.#replay(this.#resume, now) || wrote;
	}

	#sendState(target: TopicState | undefined, now: number): boolean {
		if (target === this.#sent) return false;
		const frame = this.topic.frameFrom(this.#sent, target);
		const hasUpdate = frame.length > 0;
		if (/* mutant: stops-at-blocked */ hasUpdate && !this.#connection.send(frame, now)) return false;
		this.#sent = target;
		return hasUpdate;
	}

	/** Sends the events of the log that the viewer missed, until it blocks. */
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
			// The viewer has caught up with all others.
			if (this.#resume === undefined) this.#sent = topic.state;
		}
		// The time in which it reads nothing does not count as waiting.
		if (this.#resume !== undefined) this.#resume = { from: this.#resume.from };
		return wrote;
	}
}

export interface ConnectionOptions {
	readonly id: string;
	/** The user that is online while the connection lasts; undefined for none. */
	readonly user: string | undefined;
	/** The caller that may change the connection, as `connectionOwner` returns it. */
	readonly owner?: string;
	readonly socket: StreamSocket;
	/** By the monotonic clock, as all times of a connection. */
	readonly now: number;
	/** When the connection ends. */
	readonly endsAt: number;
}

/**
 * The stream of one viewer. It carries states, not messages: no message waits for a blocked viewer,
 * and after it drains the viewer gets the newest state of each topic, as a delta to the state that it
 * received last.
 */
export class Connection {
	readonly id: string;
	/** The user that is online while the connection lasts; undefined for none. */
	readonly user: string | undefined;
	/** The caller that may change the connection, as `connectionOwner` returns it. */
	readonly owner: string;
	/** When it ends, by the monotonic clock: its token expires, or viewers spread over the nodes again. */
	endsAt: number;
	/** How often the viewer gets updates; the hub changes it. */
	pace: StreamPace = 'normal';
	readonly #socket: StreamSocket;
	/** Replaced, not changed: a growing array keeps spare room, and most connections follow one topic. */
	#subscriptions: readonly Subscription[] = [];
	#blockedSince: number | undefined;
	/** The blocked connections of its hub; undefined for a connection without a hub. */
	#allBlocked: Set<Connection> | undefined;
	/** When its client last confirmed that it is alive; undefined for a client that never did. */
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

	/** Removes and returns the subscription of a topic; undefined when the connection does not follow it. */
	remove(topic: string): Subscription | undefined {
		const removed = this.#subscriptions.find((subscription) => subscription.topic.name === topic);
		if (removed !== undefined) this.#subscriptions = this.#subscriptions.filter((other) => other !== removed);
		return removed;
	}

	get blocked(): boolean {
		return this.#blockedSince !== undefined;
	}

	/** Returns how long it has been blocked, in milliseconds; 0 when it is not. */
	blockedFor(now: number): number {
		return this.#blockedSince === undefined ? 0 : now - this.#blockedSince;
	}

	/** Adds itself to this set whenever it blocks, and removes itself when it drained. */
	reportBlockedTo(allBlocked: Set<Connection>): void {
		this.#allBlocked = allBlocked;
		if (this.blocked) allBlocked.add(this);
	}

	/** Its client confirmed that it is alive. */
	alive(now: number): void {
		this.#aliveAt = now;
	}

	/**
	 * Returns the time since the last confirmation of its client, in milliseconds; 0 for a client that
	 * never confirmed.
	 */
	unconfirmedFor(now: number): number {
		return this.#aliveAt === undefined ? 0 : now - this.#aliveAt;
	}

	/** Returns the time since the last write, in milliseconds. */
	idleFor(now: number): number {
		return now - this.#wroteAt;
	}

	/**
	 * Keeps uWebSockets.js from ending a blocked stream: it ends a stream 10 s after a write that found no
	 * room, and each such write restarts the 10 s. One comment a second takes little memory until the
	 * viewer reads.
	 */
	holdOn(): void {
		this.#socket.write(COMMENT_FRAME);
	}

	/** Writes unless blocked; returns whether it wrote. */
	send(frame: Uint8Array, now: number): boolean {
		if (this.#blockedSince !== undefined) return false;
		this.#wroteAt = now;
		if (!this.#socket.write(frame)) {
			this.#blockedSince = now;
			this.#allBlocked?.add(this);
		}
		return true;
	}

	/**
	 * The viewer read what waited. Writes at least a comment: uWebSockets.js sends the rest of its buffer
	 * only with the next write.
	 */
	drained(now: number): void {
		this.#blockedSince = undefined;
		this.#allBlocked?.delete(this);
		let wrote = false;
		// mutant: sends-once-drained
		for (const subscription of this.#subscriptions) wrote = subscription.send(now) || wrote;
		if (!wrote) this.send(COMMENT_FRAME, now);
	}

	/** Ends the stream after a close frame if the viewer can take it, and cuts the stream otherwise. */
	end(closeFrame: Uint8Array, now: number): void {
		if (this.send(closeFrame, now)) this.#socket.end();
		else this.#socket.close();
	}

	/** Cuts the stream at once. */
	close(): void {
		this.#socket.close();
	}
}
