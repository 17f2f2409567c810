import type { View } from '../src/cluster/view.ts';
import { NO_LIKES } from '../src/delivery/likes.ts';
import type { Registrations } from '../src/delivery/registration.ts';
import { topicOf } from '../src/delivery/topic.ts';
import type { Updates } from '../src/delivery/update.ts';
import { AudienceCounts } from '../src/dispatcher/audience-counts.ts';
import { Dispatch, type Origin } from '../src/dispatcher/dispatch.ts';
import { EXPIRE_MS, REREAD_MS } from '../src/dispatcher/dispatcher.ts';
import { PresenceWatch } from '../src/dispatcher/presence.ts';
import type { Node } from './node.ts';
import type { SimulatedStore } from './simulated-store.ts';
import { askStore } from './store-access.ts';
import type { World } from './world.ts';

/** As in `dispatcher.ts`. */
const STORE_MS = 5_000;
const TICK_MS = 250;

/** The dispatcher of a node on virtual time; its reads of the store are slow, and some fail. */
export class DispatcherRole {
	readonly dispatch: Dispatch;
	readonly counts: AudienceCounts;
	readonly presence: PresenceWatch;
	readonly #world: World;
	readonly #node: Node;
	readonly #wake: () => void;
	#closed = false;
	#storing = false;

	constructor(world: World, node: Node) {
		const { process, cluster, name } = node;
		const { region, windowMs, presenceMs, presenceGraceMs } = world;
		const { router, view } = cluster;
		this.#world = world;
		this.#node = node;
		const dispatch = new Dispatch({ self: name, windowMs, router, view });
		const isAbroad = world.abroad !== undefined;
		const parts = { region, isAbroad, dispatch, relay: (updates: Updates) => router.relay(updates) };
		const counts = new AudienceCounts(parts);
		const presence = new PresenceWatch({ ...parts, self: name, presenceMs, presenceGraceMs }, process.now);
		this.dispatch = dispatch;
		this.counts = counts;
		this.presence = presence;
		dispatch.table.onCount = (topic) => counts.changed(topic);
		dispatch.table.onDoubt = (topic) => {
			counts.doubt(topic);
			presence.doubt(topic, process.now, node.wallTime);
		};
		this.#wake = process.alarm((now) => {
			if (this.#closed) return undefined;
			counts.run(now, node.wallTime);
			presence.run(now, node.wallTime);
			const topics = dispatch.takeReads();
			if (topics.length > 0) this.#read(topics);
			dispatch.fanOut(now);
			node.flush();
			return earliest(dispatch.dueAt, counts.dueAt, presence.dueAt);
		});
		process.every(Math.min(TICK_MS, presenceGraceMs / 4), this.#wake);
		process.every(STORE_MS, () => this.store());
		process.every(REREAD_MS, () => {
			if (this.#closed) return;
			this.reread();
		});
		process.every(EXPIRE_MS, () => {
			dispatch.expire(process.now);
			this.#wake();
		});
	}

	publish(updates: Updates, origin: Origin): void {
		this.dispatch.publish(this.#hear(updates), origin);
		this.#wake();
	}

	publishOwn(updates: Updates): void {
		this.dispatch.publishOwn(this.#hear(updates));
		this.#wake();
	}

	subscribe(message: Registrations): void {
		this.presence.look(this.#node.process.now);
		this.dispatch.subscribe(message, this.#node.process.now);
		this.#wake();
	}

	/** A frontend has connections of these people. */
	heartbeat(users: readonly string[]): void {
		const own = users.filter((user) => this.dispatch.owns(topicOf('user', user)));
		this.#world.onHeartbeat(own, 'heard', this.#node);
		this.presence.heartbeat(users, this.#node.process.now, this.#node.wallTime);
		this.#wake();
	}

	/** Asks for all active topics to be read again. */
	reread(): void {
		this.dispatch.reread();
		this.#wake();
	}

	setView(view: View): void {
		this.dispatch.setView(view);
		this.counts.setView();
		this.presence.setView(this.#node.process.now);
		this.#wake();
	}

	close(): void {
		this.#closed = true;
		this.dispatch.fanOut(Number.POSITIVE_INFINITY);
		this.#node.flush();
	}

	/** Stores what is to be stored, one batch after the other. */
	store(): void {
		if (this.#storing) return;
		const { lastSeen } = this.presence;
		const batch = lastSeen.take();
		if (batch === undefined) return;
		this.#storing = true;
		askStore(
			this.#world,
			this.#node,
			(store) => store.keepValues(batch),
			(kept) => {
				this.#storing = false;
				if (kept) {
					this.store();
					return;
				}
				this.#world.counts.add('presence that could not be stored');
				lastSeen.failed(batch);
			},
		);
	}

	/** What of news of other regions is news here. */
	#hear(updates: Updates): Updates {
		const { now } = this.#node.process;
		return this.presence.abroad.hear(this.counts.hear(updates, now), now);
	}

	#read(topics: readonly string[]): void {
		const { process } = this.#node;
		const at = process.now;
		const ask = (store: SimulatedStore) => store.known(topics);
		askStore(this.#world, this.#node, ask, (known) => {
			for (const topic of topics) {
				if (known === undefined) this.dispatch.readFailed(topic);
				else {
					const stored = known.get(topic) ?? { rows: NO_LIKES };
					this.dispatch.loaded(topic, this.presence.complete(topic, stored, process.now, this.#node.wallTime), at);
				}
			}
			if (known === undefined) this.#world.counts.add('reads that failed');
			this.#wake();
		});
	}
}

/** The earliest of some times; undefined is never. */
function earliest(...times: readonly (number | undefined)[]): number | undefined {
	const known = times.filter((time) => time !== undefined);
	return known.length === 0 ? undefined : Math.min(...known);
}
