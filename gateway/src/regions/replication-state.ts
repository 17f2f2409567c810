import { cutToRelay, MAX_HALVINGS } from '../cluster/rpc/batches.ts';
import { mergeBatches, NO_UPDATES } from '../outbox/batch.ts';
import { Outbox } from '../outbox/outbox.ts';
import type { Updates } from '../state/update.ts';
import { type RelayBatch, RelayQueues } from './relay-queues.ts';
import { StoredFirst, withoutLogs } from './stored-first.ts';
import { SyncSchedule } from './sync-schedule.ts';

/** The shortest time between two writes of remote updates to the store, in milliseconds. */
const KEEP_MS = 20;

/** The shortest time between two relays to a region, in milliseconds: 8 under way cover 160 ms. */
const RELAY_WINDOW_MS = 20;

export interface ReplicationStateOptions {
	/** The region of this node. */
	readonly region: string;
	/** The other regions. */
	readonly others: readonly string[];
	/** Whether this node sends each region a greeting at its start, so that the region syncs. */
	readonly greets: boolean;
	/** The shortest time between two relays to a region, in milliseconds. */
	readonly windowMs?: number;
	/** Returns the cut of relays and of batches for the store. */
	readonly cutOf?: typeof cutToRelay;
}

/** The work that is due now. */
export interface Due {
	/** Relays to send. The caller ends each with `arrived`, `failed` or `tooLong`. */
	readonly relays: readonly RelayBatch[];
	/** Regions to sync with. The caller ends each with `synced` or `syncFailed`. */
	readonly asks: readonly string[];
	/** Updates to store. The caller ends them with `kept`, `notKept` or `tooLongToKeep`. */
	readonly keep: Updates | undefined;
	/** Updates that the store did not take within `STORED_FIRST_MS`: viewers get them from memory. */
	readonly overdue: Updates;
}

/**
 * A node's exchange with other regions as a state machine, which does no I/O and reads no clock.
 *
 * Own updates leave by the relay queues. Remote updates wait for the store. A greeting makes this node sync with the region.
 */
export class ReplicationState {
	/** The names of the other regions. */
	readonly others: readonly string[];
	/** The updates that wait for them. */
	readonly relayQueues: RelayQueues;
	readonly #cutOf: typeof cutToRelay;
	readonly #schedule: SyncSchedule;
	/** The epoch of each region with a complete sync, by this node or by another dispatcher of this region. */
	readonly #epochs = new Map<string, number>();
	/** The highest epoch in a relay of each region, if that is higher. */
	readonly #relayedEpochs = new Map<string, number>();
	readonly #toKeep = new Outbox(KEEP_MS);
	/** The part of it that is under way to the store. */
	#keeping = NO_UPDATES;
	readonly #storedFirst = new StoredFirst();
	/** The number of halvings of batches, because the node with the store refuses longer requests. */
	#keepHalvings = 0;

	constructor({ region, others, greets, windowMs = RELAY_WINDOW_MS, cutOf = cutToRelay }: ReplicationStateOptions) {
		this.#cutOf = cutOf;
		this.others = others;
		this.relayQueues = new RelayQueues({ region, others, windowMs, greets });
		this.#schedule = new SyncSchedule(others);
	}

	/** Whether all updates arrived in the regions that answer, and all remote updates are stored. */
	get isIdle(): boolean {
		return this.relayQueues.isIdle && this.#toKeep.isEmpty;
	}

	/** Whether the store of this region is down: viewers then get remote updates before they are stored. */
	get isStoreDown(): boolean {
		return this.#storedFirst.isStoreDown;
	}

	/** Takes checked updates of a region. Returns the part that viewers of this region get now. */
	take(region: string, updates: Updates, greeting: boolean, now: number): Updates {
		if (/* mutant: asks-after-greeting */ greeting || this.#isNewEpoch(region, updates)) this.#schedule.want(region);
		// mutant: stores-what-regions-say
		this.#toKeep.putAll(updates);
		return this.#storedFirst.take(updates, now);
	}

	/**
	 * Returns the work that is due.
	 *
	 * `isInCharge` returns whether this node is the dispatcher that syncs with a region.
	 */
	due(now: number, isInCharge: (region: string) => boolean): Due {
		const overdue = this.#storedFirst.overdue(() => mergeBatches(this.#keeping, this.#toKeep.waiting()), now);
		const keep = this.#toKeep.take(now, this.#cutOf(this.#keepHalvings));
		if (keep !== undefined) this.#keeping = keep;
		return {
			relays: this.relayQueues.take(now, this.#cutOf),
			// mutant: asks-what-changed
			asks: this.#schedule.take(now, isInCharge),
			keep,
			overdue,
		};
	}

	/** Requests a sync with a region, because events of its logs are missing here. */
	requestSync(region: string): void {
		this.#schedule.want(region);
	}

	arrived(relay: RelayBatch): void {
		this.relayQueues.arrived(relay);
	}

	failed(relay: RelayBatch, now: number): void {
		this.relayQueues.failed(relay, now);
	}

	tooLong(relay: RelayBatch, now: number): void {
		this.relayQueues.tooLong(relay, now);
	}

	/**
	 * Notes a complete sync with a region. Returns whether the epoch of its store is new to this node.
	 *
	 * Then this node may have videos in memory that the region's store does not have any more. This region's store may have
	 * the epoch already, from a sync that was interrupted.
	 */
	synced(region: string, epoch: number, now: number): boolean {
		this.#schedule.done(region, now);
		return this.learn(new Map([[region, epoch]]));
	}

	/** The epochs of regions, which this node sends to the other dispatchers of this region with each ping. */
	get epochs(): ReadonlyMap<string, number> {
		return this.#epochs;
	}

	/**
	 * Notes complete syncs by another dispatcher, in these epochs.
	 *
	 * Returns whether an epoch is new to this node.
	 */
	learn(epochs: ReadonlyMap<string, number>): boolean {
		let isNew = false;
		for (const [region, epoch] of epochs) {
			if (!this.others.includes(region) || epoch <= (this.#epochs.get(region) ?? 0)) continue;
			this.#epochs.set(region, epoch);
			isNew = true;
		}
		return isNew;
	}

	syncFailed(region: string, now: number): void {
		this.#schedule.failed(region, now);
	}

	/**
	 * Notes that a batch is in the store. Returns the part that viewers of this region get now.
	 *
	 * @param missing by region, the topics whose events the store does not have. This node syncs with the region, and viewers
	 * get its log once the store has the events.
	 */
	kept(batch: Updates, missing: ReadonlyMap<string, ReadonlyMap<string, number>>, now: number): Updates {
		this.#keeping = NO_UPDATES;
		this.#toKeep.arrived(batch);
		const shown = new Map(this.#storedFirst.kept(batch, this.#toKeep.isEmpty, now));
		for (const [region, topics] of missing) {
			if (topics.size > 0) this.requestSync(region);
			for (const topic of topics.keys()) {
				const update = shown.get(topic);
				if (update !== undefined) shown.set(topic, withoutLogs(update, region));
			}
		}
		return shown;
	}

	/**
	 * Puts a batch back that the node with the store refused as too long.
	 *
	 * At the shortest length, requests a sync instead.
	 */
	tooLongToKeep(batch: Updates, now: number): void {
		this.#keeping = NO_UPDATES;
		if (this.#keepHalvings < MAX_HALVINGS) {
			this.#keepHalvings++;
			this.#toKeep.failed(batch, now);
			return;
		}
		this.#toKeep.arrived(batch);
		for (const region of this.others) this.requestSync(region);
	}

	/**
	 * Puts a batch back that the store did not take.
	 *
	 * It merges with later updates, and waits for the next try.
	 */
	notKept(batch: Updates, now: number): void {
		this.#keeping = NO_UPDATES;
		// mutant: stores-again
		this.#toKeep.failed(batch, now);
	}

	/** Returns whether updates of a region are the first with a new epoch of its store. */
	#isNewEpoch(region: string, updates: Updates): boolean {
		const known = this.#epochs.get(region);
		// The first sync with the region is due.
		if (known === undefined) return false;
		const received = this.#relayedEpochs.get(region) ?? known;
		const highest = Math.max(...[...updates.values()].map(({ rows }) => rows[region]?.epoch ?? 0));
		if (highest <= Math.max(known, received)) return false;
		this.#relayedEpochs.set(region, highest);
		return true;
	}

	/** The time at which `due` has work next; undefined while nothing waits. */
	get dueAt(): number | undefined {
		const dues = [this.relayQueues.dueAt, this.#schedule.dueAt, this.#toKeep.dueAt, this.#storedFirst.dueAt].filter(
			(due) => due !== undefined,
		);
		return dues.length === 0 ? undefined : Math.min(...dues);
	}
}
