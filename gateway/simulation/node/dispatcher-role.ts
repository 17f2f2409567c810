import type { View } from '../../src/cluster/membership/view.ts';
import { STORE_MS } from '../../src/dispatcher/dispatcher.ts';
import { DispatcherCore } from '../../src/dispatcher/dispatcher-core.ts';
import type { Dispatch, Origin } from '../../src/dispatcher/fan-out/dispatch.ts';
import type { ViewerCounts } from '../../src/dispatcher/fan-out/viewer-counts.ts';
import type { PresenceTracker } from '../../src/dispatcher/presence/presence-tracker.ts';
import type { Registrations } from '../../src/state/topics/registration.ts';
import { topicOf } from '../../src/state/topics/topic.ts';
import type { Updates } from '../../src/state/update.ts';
import type { SimulatedStore } from '../store/simulated-store.ts';
import type { Environment } from './environment.ts';
import type { NodeContext } from './peer-port.ts';
import { askStore } from './store-access.ts';

/** The dispatcher of a node on virtual time. Its reads of the store are slow, and some fail. */
export class DispatcherRole {
	readonly dispatch: Dispatch;
	readonly counts: ViewerCounts;
	readonly presence: PresenceTracker;
	readonly #core: DispatcherCore;
	readonly #environment: Environment;
	readonly #node: NodeContext;
	readonly #wake: () => void;
	#closed = false;
	#storing = false;

	constructor(environment: Environment, node: NodeContext) {
		const { process, router, name } = node;
		const { view } = router;
		this.#environment = environment;
		this.#node = node;
		const hasOtherRegions = environment.remote !== undefined;
		const core = new DispatcherCore({ ...environment, self: name, hasOtherRegions, router, view }, process.now);
		this.#core = core;
		this.dispatch = core.dispatch;
		this.counts = core.counts;
		this.presence = core.presence;
		this.#wake = process.createRunLoop((now) => {
			if (this.#closed) return undefined;
			const topics = core.run(now, node.wallTime);
			if (topics.length > 0) this.#read(topics);
			node.flush();
			return core.dueAt;
		});
		process.every(STORE_MS, () => this.store());
		this.#wake();
	}

	publish(updates: Updates, origin: Origin): void {
		this.#core.publish(updates, origin, this.#node.process.now);
		this.#wake();
	}

	publishOwn(updates: Updates): void {
		this.#core.publishOwn(updates, this.#node.process.now);
		this.#wake();
	}

	subscribe(message: Registrations): Updates {
		const updates = this.#core.subscribe(message, this.#node.process.now, this.#node.wallTime);
		this.#wake();
		return updates;
	}

	/** Takes a heartbeat: a frontend has connections of these users. */
	heartbeat(users: readonly string[]): void {
		const own = users.filter((user) => this.dispatch.owns(topicOf('user', user)));
		this.#environment.onHeartbeat(own, 'received', this.#node);
		this.presence.heartbeat(users, this.#node.process.now, this.#node.wallTime);
		this.#wake();
	}

	/** Reads all active topics again. */
	reread(): void {
		this.dispatch.reread();
		this.#wake();
	}

	setView(view: View): void {
		this.#core.setView(view, this.#node.process.now);
		this.#wake();
	}

	close(): void {
		this.#closed = true;
		this.dispatch.fanOut(Number.POSITIVE_INFINITY);
		this.#node.flush();
	}

	/** Stores when users were last seen, one batch after the other. */
	store(): void {
		if (this.#storing) return;
		const { lastSeen } = this.presence;
		const batch = lastSeen.take();
		if (batch === undefined) return;
		this.#storing = true;
		askStore(
			this.#environment,
			this.#node,
			(store) => store.keepValues(batch),
			(kept) => {
				this.#storing = false;
				if (kept) {
					this.store();
					return;
				}
				this.#environment.counts.add('presence that could not be stored');
				lastSeen.failed(batch);
			},
		);
	}

	#read(topics: readonly string[]): void {
		const { process } = this.#node;
		const at = process.now;
		const ask = (store: SimulatedStore) => store.known(topics);
		askStore(this.#environment, this.#node, ask, (known) => {
			this.#core.loaded(topics, known, at, process.now, this.#node.wallTime);
			if (known === undefined) this.#environment.counts.add('reads that failed');
			this.#wake();
		});
	}
}
