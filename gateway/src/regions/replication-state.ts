import { cutToRelay, MAX_HALVINGS } from '../cluster/rpc/batches.ts';
import { mergeBatches, NO_UPDATES } from '../outbox/batch.ts';
import { Outbox } from '../outbox/outbox.ts';
import type { Updates } from '../state/update.ts';
import { type RelayBatch, RelayQueues } from './relay-queues.ts';
import { StoredFirst, withoutLogs } from './stored-first.ts';
import { SyncSchedule } from './sync-schedule.ts';

/** What other regions said is put into the store so often at the most, in milliseconds; what comes after a quiet time at once. */
const KEEP_MS = 20;

/**
 * A region gets at most one relay in it, in milliseconds: as many as may be under way take turns on a way that takes
 * 160 ms there and back.
 */
const RELAY_WINDOW_MS = 20;

export interface ReplicationStateOptions {
	/** The region of this node. */
	readonly region: string;
	/** The others. */
	readonly others: readonly string[];
	/** Whether this node sends a region a relay without updates, so that it asks what it has missed. */
	readonly greets: boolean;
	/** A region gets at most one relay in it, in milliseconds. */
	readonly windowMs?: number;
	/** How relays, and what is to be stored, are cut. */
	readonly cutOf?: typeof cutToRelay;
}

/** What is to be done now. */
export interface Due {
	/** To be sent; each must be `arrived` or `failed`. */
	readonly relays: readonly RelayBatch[];
	/** Regions to ask what changed there; each must be `caughtUp` or `notCaughtUp`. */
	readonly asks: readonly string[];
	/** To be put into the store; must be `kept` or `notKept`. */
	readonly keep: Updates | undefined;
	/** What other regions said a while ago, and the store has not taken: to be shown here all the same. */
	readonly overdue: Updates;
}

/**
 * A node's exchange with other regions as a state machine: what is news there leaves by the lanes, what they say waits
 * for the store, and who greets is asked what was missed. It does no I/O and asks no clock.
 */
export class ReplicationState {
	/** The names of the other regions. */
	readonly others: readonly string[];
	/** What waits for them. */
	readonly lanes: RelayQueues;
	readonly #cutOf: typeof cutToRelay;
	readonly #catchUp: SyncSchedule;
	/** The epoch of each region that was taken over to the end, by this node or one that told it. */
	readonly #epochs = new Map<string, number>();
	/** The highest one that a relay of it had, if that is higher. */
	readonly #heardEpochs = new Map<string, number>();
	readonly #toKeep = new Outbox(KEEP_MS);
	/** Of this, what is under way to the store. */
	#keeping = NO_UPDATES;
	readonly #storedFirst = new StoredFirst();
	/** How often what is to be kept was halved, because the node with the store refuses longer requests. */
	#keepHalvings = 0;

	constructor({ region, others, greets, windowMs = RELAY_WINDOW_MS, cutOf = cutToRelay }: ReplicationStateOptions) {
		this.#cutOf = cutOf;
		this.others = others;
		this.lanes = new RelayQueues({ region, others, windowMs, greets });
		this.#catchUp = new SyncSchedule(others);
	}

	/** What leaves for regions that can be reached is there, and what they said is in the store. */
	get isIdle(): boolean {
		return this.lanes.isIdle && this.#toKeep.isEmpty;
	}

	/** The store of this region has taken nothing for a while: what others say is shown before it is stored. */
	get isStoreAway(): boolean {
		return this.#storedFirst.isAway;
	}

	/** A region said something, and its rows are its own. Returns what of it to show here now. */
	take(region: string, updates: Updates, greeting: boolean, now: number): Updates {
		if (/* mutant: asks-after-greeting */ greeting || this.#isNewEpoch(region, updates)) this.#catchUp.want(region);
		// mutant: stores-what-regions-say
		this.#toKeep.putAll(updates);
		return this.#storedFirst.take(updates, now);
	}

	/** What is to be done now. `isInCharge` of a region: the others leave asking it to this node. */
	due(now: number, isInCharge: (region: string) => boolean): Due {
		const overdue = this.#storedFirst.overdue(() => mergeBatches(this.#keeping, this.#toKeep.waiting()), now);
		const keep = this.#toKeep.take(now, this.#cutOf(this.#keepHalvings));
		if (keep !== undefined) this.#keeping = keep;
		return {
			relays: this.lanes.take(now, this.#cutOf),
			// mutant: asks-what-changed
			asks: this.#catchUp.take(now, isInCharge),
			keep,
			overdue,
		};
	}

	/** Of a region's logs events are missing here: it is to be asked what changed there. */
	lacks(region: string): void {
		this.#catchUp.want(region);
	}

	arrived(relay: RelayBatch): void {
		this.lanes.arrived(relay);
	}

	failed(relay: RelayBatch, now: number): void {
		this.lanes.failed(relay, now);
	}

	tooLong(relay: RelayBatch, now: number): void {
		this.lanes.tooLong(relay, now);
	}

	/**
	 * A region was taken over to the end. Gives back whether its store began anew, as far as this node knows: what is in
	 * memory of it may be of videos that it does not know any more. The store may know of it already, from a time that was
	 * cut short.
	 */
	caughtUp(region: string, epoch: number, now: number): boolean {
		this.#catchUp.done(region, now);
		return this.learn(new Map([[region, epoch]]));
	}

	/** What the other dispatchers of this region are to be told again and again. */
	get epochs(): ReadonlyMap<string, number> {
		return this.#epochs;
	}

	/** Regions were taken over to the end, in these epochs. Gives back whether one of them is new to this node. */
	learn(epochs: ReadonlyMap<string, number>): boolean {
		let isNew = false;
		for (const [region, epoch] of epochs) {
			if (!this.others.includes(region) || epoch <= (this.#epochs.get(region) ?? 0)) continue;
			this.#epochs.set(region, epoch);
			isNew = true;
		}
		return isNew;
	}

	notCaughtUp(region: string, now: number): void {
		this.#catchUp.failed(region, now);
	}

	/**
	 * A batch is in the store. Returns what of it to show here now. `missing`, by region: the topics of which the store lacks
	 * events. The region is asked for them, and its log is not shown before the store has them.
	 */
	kept(batch: Updates, missing: ReadonlyMap<string, ReadonlyMap<string, number>>, now: number): Updates {
		this.#keeping = NO_UPDATES;
		this.#toKeep.arrived(batch);
		const shown = new Map(this.#storedFirst.kept(batch, this.#toKeep.isEmpty, now));
		for (const [region, topics] of missing) {
			if (topics.size > 0) this.lacks(region);
			for (const topic of topics.keys()) {
				const update = shown.get(topic);
				if (update !== undefined) shown.set(topic, withoutLogs(update, region));
			}
		}
		return shown;
	}

	/** The node with the store refuses a request that is so long: what is in it waits for a shorter one, or is asked for again. */
	tooLongToKeep(batch: Updates, now: number): void {
		this.#keeping = NO_UPDATES;
		if (this.#keepHalvings < MAX_HALVINGS) {
			this.#keepHalvings++;
			this.#toKeep.failed(batch, now);
			return;
		}
		this.#toKeep.arrived(batch);
		for (const region of this.others) this.lacks(region);
	}

	/** It waits with what comes, for the next try. */
	notKept(batch: Updates, now: number): void {
		this.#keeping = NO_UPDATES;
		// mutant: stores-again
		this.#toKeep.failed(batch, now);
	}

	/** Whether rows of a region tell for the first time that its store began anew. */
	#isNewEpoch(region: string, updates: Updates): boolean {
		const known = this.#epochs.get(region);
		// It is about to be asked for the first time.
		if (known === undefined) return false;
		const heard = this.#heardEpochs.get(region) ?? known;
		const highest = Math.max(...[...updates.values()].map(({ rows }) => rows[region]?.epoch ?? 0));
		if (highest <= Math.max(known, heard)) return false;
		this.#heardEpochs.set(region, highest);
		return true;
	}

	/** When `due` has something to do next; undefined when nothing waits. */
	get dueAt(): number | undefined {
		const dues = [this.lanes.dueAt, this.#catchUp.dueAt, this.#toKeep.dueAt, this.#storedFirst.dueAt].filter(
			(due) => due !== undefined,
		);
		return dues.length === 0 ? undefined : Math.min(...dues);
	}
}
