import type { LikesEvent } from '@likewire/protocol';
import { Connection } from '../../src/frontend/connections/connection.ts';
import { videoTopic } from '../../src/state/topics/topic.ts';
import type { World } from '../node/environment.ts';
import type { Node } from '../node/node.ts';
import type { WrittenLogs } from '../store/log-history.ts';
import type { Likers } from './likers.ts';
import { LogReader } from './log-reader.ts';
import { Viewer } from './viewer.ts';

/** Who lost the connection comes back after so long at the most, in milliseconds, … */
const BACKOFF_MS = 1_500;

/** … or, in haste, after so long. */
const HASTE_MS = 50;

/** A person who watches does something so often, in milliseconds. */
const WHIM_MS = 1_500;

/** Somebody who watches, on one connection after the other. */
export interface Person {
	readonly videos: readonly string[];
	readonly reader: LogReader;
	readonly comesTo: (frontend: Node) => void;
}

/** A person who watches: now on this connection, later perhaps on another. */
export interface Seat extends Person {
	readonly viewer: Viewer;
	readonly connection: Connection;
	readonly node: Node;
	readonly since: number;
	/** Since when the viewer reads; infinite while it does not. */
	readsSince: number;
}

export interface AudienceOptions {
	readonly world: World;
	readonly likers: Likers;
	/** What all stores wrote into their logs. */
	readonly logs: WrittenLogs;
	/** Somebody was told that comments are missing. */
	readonly onGap: (reason: string, at: Node) => void;
	/** Begins every message of a violation. */
	readonly label: string;
	/** Likes may be taken back. */
	readonly mayFall: boolean;
	/** Until then viewers block, leave and come back, in milliseconds. */
	readonly whimsUntil: number;
}

/** Everybody who watches: they block, leave, and come back, perhaps to another frontend. */
export class Audience {
	readonly seats = new Set<Seat>();
	/** How many are on their way to a frontend. */
	waiting = 0;
	readonly #options: AudienceOptions;
	#connections = 0;

	constructor(options: AudienceOptions) {
		this.#options = options;
	}

	get connections(): number {
		return this.#connections;
	}

	/** Somebody comes after so long, in milliseconds, and stays as long as a frontend takes them. */
	come(videos: readonly string[], afterMs: number): void {
		const { world, logs, onGap } = this.#options;
		let node: Node | undefined;
		const reader = new LogReader({
			now: () => world.timeline.now,
			logs,
			mayLag: world.abroad !== undefined,
			mayReturn: (comment) => world.abroad?.shownUnstored.has(comment) ?? false,
			onGap: (reason) => node && onGap(reason, node),
		});
		const comesTo = (frontend: Node) => {
			node = frontend;
		};
		this.#comeAs({ videos, reader, comesTo }, afterMs);
	}

	/** A node is dead: its viewers notice, and come back elsewhere. */
	lost(node: Node): void {
		for (const seat of [...this.seats]) if (seat.node === node) this.#comeBack(seat);
	}

	/** Those who do not read go on reading. */
	wakeUp(): void {
		for (const seat of this.seats) if (!seat.viewer.reading) this.#resume(seat);
	}

	/** What each viewer was told last of each video that it follows. */
	*told(): Iterable<{ seat: Seat; video: string; event: LikesEvent | undefined }> {
		for (const seat of this.seats) {
			for (const video of seat.videos) yield { seat, video, event: seat.viewer.told.get(video) };
		}
	}

	#comeAs(person: Person, afterMs: number): void {
		this.waiting++;
		this.#options.world.timeline.after(afterMs, () => {
			this.waiting--;
			this.#sit(person);
		});
	}

	#sit(person: Person): void {
		const { videos, reader, comesTo } = person;
		const { world, label, likers, mayFall, whimsUntil } = this.#options;
		const { timeline, random, nodes } = world;
		const open = [...nodes.values()].filter(({ frontend, process, leaving }) => frontend && process.runs && !leaving);
		if (open.length === 0) {
			this.#comeAs(person, random.next() * BACKOFF_MS);
			return;
		}
		const node = random.pick(open);
		const { frontend } = node;
		comesTo(node);
		const viewer = new Viewer({
			name: `${label}, connection ${++this.#connections} at ${node.name}`,
			mayFall,
			isGiven: (video, like) => likers.isGiven(videoTopic(video), like),
			givenOf: (video) => likers.givenOf(videoTopic(video)),
			reader,
			deletedThere: node.deletedThere,
			mayReturn: (comment) => world.abroad?.shownUnstored.has(comment) ?? false,
			onEnd: () => this.#comeBack(seat),
		});
		const { now } = timeline;
		const endsAt = now + random.integer(1_000, 10_000);
		const endless = endsAt > whimsUntil || random.chance(0.8);
		const connection = new Connection({
			id: `c${this.#connections}`,
			user: undefined,
			socket: viewer,
			now,
			endsAt: endless ? Number.POSITIVE_INFINITY : endsAt,
		});
		const seat: Seat = { viewer, connection, node, videos, reader, comesTo, since: now, readsSince: now };
		this.seats.add(seat);
		frontend?.hub.connect(connection);
		for (const video of videos) {
			const from = reader.come(video);
			if (from !== undefined) world.counts.add('logs that were resumed');
			frontend?.hub.subscribe(connection, videoTopic(video), now, from && { from });
		}
		frontend?.wake();
		timeline.after(random.next() * WHIM_MS, () => this.#whim(seat));
	}

	/** A viewer does something, and something else a while later. */
	#whim(seat: Seat): void {
		const { world, whimsUntil } = this.#options;
		const { timeline, random } = world;
		if (timeline.now > whimsUntil || !this.seats.has(seat)) return;
		if (!seat.viewer.reading) this.#resume(seat);
		else if (random.chance(0.3)) {
			seat.viewer.reading = false;
			seat.readsSince = Number.POSITIVE_INFINITY;
			world.counts.add('viewers who stopped reading');
		} else if (random.chance(0.2)) {
			this.#comeBack(seat);
			return;
		}
		timeline.after(random.next() * WHIM_MS, () => this.#whim(seat));
	}

	#resume(seat: Seat): void {
		const { viewer, connection, node } = seat;
		viewer.resume();
		seat.readsSince = this.#options.world.timeline.now;
		node.process.run(() => {
			if (viewer.left || !connection.blocked) return;
			node.frontend?.hub.drained(connection, node.process.now);
			node.frontend?.wake();
		});
	}

	#comeBack(seat: Seat): void {
		if (!this.seats.delete(seat)) return;
		const { world } = this.#options;
		const { node, connection, viewer, videos, reader, comesTo } = seat;
		viewer.left = true;
		world.counts.add('viewers who came back');
		node.process.run(() => {
			node.frontend?.hub.disconnect(connection, node.process.now);
			node.frontend?.wake();
		});
		// Some are faster than the news that they know already.
		const mostMs = world.random.pick([HASTE_MS, BACKOFF_MS]);
		this.#comeAs({ videos, reader, comesTo }, world.random.next() * mostMs);
	}
}
