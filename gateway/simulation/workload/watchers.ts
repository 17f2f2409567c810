import type { PresenceEvent } from '@likewire/protocol';
import { Connection, type StreamSocket } from '../../src/frontend/connections/connection.ts';
import { topicOf } from '../../src/state/topics/topic.ts';
import type { World } from '../node/environment.ts';
import type { Node } from '../node/node.ts';

/** Who lost the connection comes back after so long at the most, in milliseconds. */
const BACKOFF_MS = 1_500;

const decoder = new TextDecoder();

/** What a watcher was told, on one connection. */
export interface Told {
	/** Of the connection. */
	readonly name: string;
	readonly node: Node;
	readonly event: PresenceEvent;
	/** What it was told of the same person before. */
	readonly before: PresenceEvent | undefined;
}

export interface WatchersOptions {
	readonly world: World;
	readonly onTold: (told: Told) => void;
}

/** A connection of somebody who watches. */
interface Seat {
	readonly name: string;
	readonly node: Node;
	readonly told: Map<string, PresenceEvent>;
	readonly since: number;
}

/** Who is watched, and what a watcher was told of them last. */
export interface Shown {
	/** Of the watcher's connection. */
	readonly name: string;
	/** Undefined while the watcher has no connection. */
	readonly node: Node | undefined;
	/** When it began. */
	readonly since: number;
	readonly user: string;
	readonly event: PresenceEvent | undefined;
}

/** Somebody who watches who is there, on one connection after the other. */
interface Watcher {
	readonly users: readonly string[];
	seat: Seat | undefined;
}

/** Those who watch who is there. Who loses the connection comes back elsewhere. */
export class Watchers {
	readonly #options: WatchersOptions;
	readonly #watchers: Watcher[] = [];
	#connections = 0;

	constructor(options: WatchersOptions) {
		this.#options = options;
	}

	get connections(): number {
		return this.#connections;
	}

	/** Somebody comes after so long, in milliseconds, and watches these people. */
	come(users: readonly string[], afterMs: number): void {
		const watcher: Watcher = { users, seat: undefined };
		this.#watchers.push(watcher);
		this.#comeAfter(watcher, afterMs);
	}

	/** A node is dead. */
	lost(node: Node): void {
		for (const watcher of this.#watchers) {
			if (watcher.seat?.node !== node) continue;
			watcher.seat = undefined;
			this.#comeAfter(watcher, this.#options.world.random.next() * BACKOFF_MS);
		}
	}

	/** What is shown to each watcher. */
	*told(): Iterable<Shown> {
		for (const { users, seat } of this.#watchers) {
			for (const user of users) {
				const { name = 'a watcher', node, since = 0 } = seat ?? {};
				yield { name, node, since, user, event: seat?.told.get(user) };
			}
		}
	}

	#comeAfter(watcher: Watcher, afterMs: number): void {
		this.#options.world.timeline.after(afterMs, () => this.#sit(watcher));
	}

	#sit(watcher: Watcher): void {
		const { world, onTold } = this.#options;
		const { timeline, random, nodes } = world;
		const open = [...nodes.values()].filter(({ frontend, process, leaving }) => frontend && process.runs && !leaving);
		if (open.length === 0) {
			this.#comeAfter(watcher, random.next() * BACKOFF_MS);
			return;
		}
		const node = random.pick(open);
		const { now } = timeline;
		const name = `connection ${++this.#connections} at ${node.name}`;
		const told = new Map<string, PresenceEvent>();
		const seat = { name, node, told, since: now };
		const isHere = () => watcher.seat === seat;
		const socket: StreamSocket = {
			write(bytes) {
				if (!isHere()) return true;
				for (const [, data = ''] of decoder.decode(bytes).matchAll(/event: presence\ndata: (.*)\n\n/g)) {
					const event = JSON.parse(data) as PresenceEvent;
					const before = told.get(event.user);
					told.set(event.user, event);
					onTold({ name, node, event, before });
				}
				return true;
			},
			end: () => {
				if (isHere()) this.lost(node);
			},
			close: () => undefined,
		};
		watcher.seat = seat;
		const connection = new Connection({
			id: `w${this.#connections}`,
			user: undefined,
			socket,
			now,
			endsAt: Number.POSITIVE_INFINITY,
		});
		node.frontend?.hub.connect(connection);
		for (const user of watcher.users) node.frontend?.hub.subscribe(connection, topicOf('user', user), now);
		node.frontend?.wake();
	}
}
