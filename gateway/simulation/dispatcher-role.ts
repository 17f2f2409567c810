import type { View } from '../src/cluster/view.ts';
import { NO_LIKES } from '../src/delivery/likes.ts';
import type { Registrations } from '../src/delivery/registration.ts';
import { idOf } from '../src/delivery/topic.ts';
import type { Updates } from '../src/delivery/update.ts';
import { Dispatch, type Origin } from '../src/dispatcher/dispatch.ts';
import { EXPIRE_MS, REREAD_MS } from '../src/dispatcher/dispatcher.ts';
import type { Node } from './node.ts';
import type { SimulatedStore } from './simulated-store.ts';
import { askStore } from './store-access.ts';
import type { World } from './world.ts';

/** The dispatcher of a node on virtual time; its reads of the store are slow, and some fail. */
export class DispatcherRole {
	readonly dispatch: Dispatch;
	readonly #world: World;
	readonly #node: Node;
	readonly #wake: () => void;
	#closed = false;

	constructor(world: World, node: Node) {
		const { process, cluster } = node;
		this.#world = world;
		this.#node = node;
		this.dispatch = new Dispatch({
			self: node.name,
			windowMs: world.windowMs,
			router: cluster.router,
			view: cluster.view,
		});
		this.#wake = process.alarm((now) => {
			if (this.#closed) return undefined;
			const topics = this.dispatch.takeReads();
			if (topics.length > 0) this.#read(topics);
			this.dispatch.fanOut(now);
			node.flush();
			return this.dispatch.dueAt;
		});
		process.every(REREAD_MS, () => {
			if (this.#closed) return;
			this.reread();
		});
		process.every(EXPIRE_MS, () => {
			this.dispatch.expire(process.now);
			this.#wake();
		});
	}

	publish(updates: Updates, origin: Origin): void {
		this.dispatch.publish(updates, origin);
		this.#wake();
	}

	publishOwn(updates: Updates): void {
		this.dispatch.publishOwn(updates);
		this.#wake();
	}

	subscribe(message: Registrations): void {
		this.dispatch.subscribe(message, this.#node.process.now);
		this.#wake();
	}

	/** Asks for all active topics to be read again. */
	reread(): void {
		this.dispatch.reread();
		this.#wake();
	}

	setView(view: View): void {
		this.dispatch.setView(view);
		this.#wake();
	}

	close(): void {
		this.#closed = true;
		this.dispatch.fanOut(Number.POSITIVE_INFINITY);
		this.#node.flush();
	}

	#read(topics: readonly string[]): void {
		const at = this.#node.process.now;
		const ask = (store: SimulatedStore) => store.read(topics.map(idOf));
		askStore(this.#world, this.#node, ask, (rows) => {
			for (const topic of topics) {
				if (rows === undefined) this.dispatch.readFailed(topic);
				else this.dispatch.loaded(topic, { rows: rows.get(idOf(topic)) ?? NO_LIKES }, at);
			}
			if (rows === undefined) this.#world.counts.add('reads that failed');
			this.#wake();
		});
	}
}
