import { type Due, ReplicationState, type ReplicationStateOptions } from '../../src/regions/replication-state.ts';
import { deletionOf } from '../../src/state/log.ts';
import type { Updates } from '../../src/state/update.ts';
import type { Counts } from '../engine/counts.ts';

/** The shipping state of replication, which counts what happens and notes what it shows without the store. */
export class WatchedReplication extends ReplicationState {
	readonly #counts: Counts;
	readonly #shownUnstored: Set<string>;
	/** Whether it learns an epoch by a sync of its own. */
	#isSyncing = false;

	constructor(options: ReplicationStateOptions, counts: Counts, shownUnstored: Set<string>) {
		super(options);
		this.#counts = counts;
		this.#shownUnstored = shownUnstored;
	}

	override take(region: string, updates: Updates, greeting: boolean, now: number): Updates {
		const shown = super.take(region, updates, greeting, now);
		if (this.isStoreDown) this.#note(shown);
		return shown;
	}

	override due(now: number, isInCharge: (region: string) => boolean): Due {
		const due = super.due(now, isInCharge);
		this.#note(due.overdue);
		return due;
	}

	override synced(region: string, epoch: number, now: number): boolean {
		this.#isSyncing = true;
		const isNew = super.synced(region, epoch, now);
		this.#isSyncing = false;
		this.#counts.add(isNew ? 'regions synced in a new epoch' : 'regions synced');
		return isNew;
	}

	override syncFailed(region: string, now: number): void {
		this.#counts.add('regions that could not be synced');
		super.syncFailed(region, now);
	}

	override learn(epochs: ReadonlyMap<string, number>): boolean {
		const isNew = super.learn(epochs);
		if (isNew && !this.#isSyncing) this.#counts.add('epochs learned from peers');
		return isNew;
	}

	override notKept(batch: Updates, now: number): void {
		this.#counts.add('updates of other regions that could not be stored');
		super.notKept(batch, now);
	}

	override kept(batch: Updates, missing: ReadonlyMap<string, ReadonlyMap<string, number>>, now: number): Updates {
		for (const topics of missing.values()) {
			if (topics.size > 0) this.#counts.add('events of other regions that were missed');
		}
		return super.kept(batch, missing, now);
	}

	/**
	 * Notes updates that viewers get while the store does not work. When it works again, it may hold a
	 * comment that viewers know to be deleted; and a frontend that does not know a deletion may send the
	 * comment.
	 */
	#note(updates: Updates): void {
		for (const { log = {} } of updates.values()) {
			for (const event of Object.values(log).flatMap(({ events }) => events)) {
				this.#counts.add('events shown that the store has not taken');
				const deletion = deletionOf(event);
				if (deletion) this.#shownUnstored.add(`${deletion.comment} ${deletion.user}`);
				else if (event.kind === 'comment') this.#shownUnstored.add(`${event.id} ${event.user}`);
			}
		}
	}
}
