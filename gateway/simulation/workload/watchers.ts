import type { PresenceEvent } from '@likewire/protocol';
import { Connection, type StreamSocket } from '../../src/frontend/connections/connection.ts';
import { topicOf } from '../../src/state/topics/topic.ts';
import type { ClusterEnvironment } from '../node/cluster-environment.ts';
import type { Node } from '../node/node.ts';

/** The longest time before a watcher that lost its connection comes back, in milliseconds. */
const BACKOFF_MS = 1_500;

const decoder = new TextDecoder();

/** An event that a watcher received on one connection. */
export interface Received {
	/** The name of the connection. */
	readonly name: string;
	readonly node: Node;
	readonly event: PresenceEvent;
	/** The event before it of the same user. */
	readonly before: PresenceEvent | undefined;
}

export interface WatchersOptions {
	readonly environment: ClusterEnvironment;
	readonly onReceived: (received: Received) => void;
}

/** A connection of a watcher. */
interface Session {
	readonly name: string;
	readonly node: Node;
	readonly received: Map<string, PresenceEvent>;
	readonly since: number;
}

/** A user that a watcher follows, with the last event of the user. */
export interface Shown {
	/** The name of the watcher's connection. */
	readonly name: string;
	/** Undefined while the watcher has no connection. */
	readonly node: Node | undefined;
	/** When the connection began. */
	readonly since: number;
	readonly user: string;
	readonly event: PresenceEvent | undefined;
}

/** A client that follows the presence of users, on one connection after the other. */
interface Watcher {
	readonly users: readonly string[];
	session: Session | undefined;
}

/** The watchers of presence. A watcher that loses its connection comes back at another node. */
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

	/** A watcher of these users connects after `afterMs`. */
	come(users: readonly string[], afterMs: number): void {
		const watcher: Watcher = { users, session: undefined };
		this.#watchers.push(watcher);
		this.#comeAfter(watcher, afterMs);
	}

	/** Takes the death of a node. */
	lost(node: Node): void {
		for (const watcher of this.#watchers) {
			if (watcher.session?.node !== node) continue;
			watcher.session = undefined;
			this.#comeAfter(watcher, this.#options.environment.random.next() * BACKOFF_MS);
		}
	}

	/** Returns the last event of each user that each watcher follows. */
	*shown(): Iterable<Shown> {
		for (const { users, session } of this.#watchers) {
			for (const user of users) {
				const { name = 'a watcher', node, since = 0 } = session ?? {};
				yield { name, node, since, user, event: session?.received.get(user) };
			}
		}
	}

	#comeAfter(watcher: Watcher, afterMs: number): void {
		this.#options.environment.clock.after(afterMs, () => this.#connect(watcher));
	}

	#connect(watcher: Watcher): void {
		const { environment, onReceived } = this.#options;
		const { clock, random, nodes } = environment;
		const open = [...nodes.values()].filter(({ frontend, isOpen }) => frontend && isOpen);
		if (open.length === 0) {
			this.#comeAfter(watcher, random.next() * BACKOFF_MS);
			return;
		}
		const node = random.pick(open);
		const { now } = clock;
		const name = `connection ${++this.#connections} at ${node.name}`;
		const received = new Map<string, PresenceEvent>();
		const session = { name, node, received, since: now };
		const isHere = () => watcher.session === session;
		const socket: StreamSocket = {
			write(bytes) {
				if (!isHere()) return true;
				for (const [, data = ''] of decoder.decode(bytes).matchAll(/event: presence\ndata: (.*)\n\n/g)) {
					const event = JSON.parse(data) as PresenceEvent;
					const before = received.get(event.user);
					received.set(event.user, event);
					onReceived({ name, node, event, before });
				}
				return true;
			},
			end: () => {
				if (isHere()) this.lost(node);
			},
			close: () => undefined,
		};
		watcher.session = session;
		const connection = new Connection({
			id: `w${this.#connections}`,
			user: undefined,
			socket,
			now,
			endsAt: Number.POSITIVE_INFINITY,
		});
		node.frontend?.hub.connect(connection, now);
		for (const user of watcher.users) node.frontend?.hub.subscribe(connection, topicOf('user', user), now);
		node.wake();
	}
}
