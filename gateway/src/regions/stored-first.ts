import { NO_UPDATES } from '../outbox/batch.ts';
import type { CounterRows } from '../state/counters.ts';
import type { Update, Updates } from '../state/update.ts';

/**
 * The longest time that a remote log waits for the store, in milliseconds.
 *
 * Then viewers get it from memory.
 */
export const STORED_FIRST_MS = 500;

/**
 * Decides when viewers of this region get remote updates. Deterministic.
 *
 * The head of a log and its events come after the store has them: otherwise a frontend that knows of a deletion could read
 * the comment from a store without the deletion. All other updates come at once.
 */
export class StoredFirst {
	/** The time since which logs wait for the store; undefined while none waits. */
	#waitsSince: number | undefined;
	#isStoreDown = false;

	/**
	 * Whether the store took no update within `STORED_FIRST_MS`.
	 *
	 * No update waits for it then, until it takes one.
	 */
	get isStoreDown(): boolean {
		return this.#isStoreDown;
	}

	/** The time at which `overdue` returns updates; undefined while none waits. */
	get dueAt(): number | undefined {
		return this.#waitsSince === undefined ? undefined : this.#waitsSince + STORED_FIRST_MS;
	}

	/** Takes updates of a region that are about to be stored. Returns the part that viewers get now. */
	take(updates: Updates, now: number): Updates {
		if (this.#isStoreDown) return updates;
		if (onlyWithLogs(updates).size === 0) return updates;
		this.#waitsSince ??= now;
		return new Map([...updates].map(([topic, update]) => [topic, withoutLogs(update)]));
	}

	/**
	 * Notes that the store has a batch. Returns the part that viewers get now.
	 *
	 * `isAll`: no other update waits for the store.
	 */
	kept(batch: Updates, isAll: boolean, now: number): Updates {
		this.#isStoreDown = false;
		this.#waitsSince = isAll ? undefined : now;
		return onlyWithLogs(batch);
	}

	/** Returns the waiting updates that viewers get without the store; none before `dueAt`. */
	overdue(waiting: () => Updates, now: number): Updates {
		if (this.dueAt === undefined || now < this.dueAt) return NO_UPDATES;
		this.#waitsSince = undefined;
		this.#isStoreDown = true;
		return onlyWithLogs(waiting());
	}
}

/** Returns an update without log heads and events; with `region`, without those of that region's log. */
export function withoutLogs(update: Update, region?: string): Update {
	if (!hasLogs(update)) return update;
	const isMeant = (store: string) => region === undefined || store === region;
	const rows: CounterRows = Object.fromEntries(
		Object.entries(update.rows).map(([store, likes]) => {
			const { logHead, ...others } = likes;
			return [store, isMeant(store) ? others : likes];
		}),
	);
	const log = Object.fromEntries(Object.entries(update.log ?? {}).filter(([store]) => !isMeant(store)));
	return { ...update, rows, log: Object.keys(log).length === 0 ? undefined : log };
}

function hasLogs({ rows, log }: Update): boolean {
	return log !== undefined || Object.values(rows).some(({ logHead }) => logHead !== undefined);
}

function onlyWithLogs(updates: Updates): Updates {
	const some = new Map<string, Update>();
	for (const [topic, update] of updates) if (hasLogs(update)) some.set(topic, update);
	return some;
}
