import { NO_UPDATES } from '../outbox/batch.ts';
import type { CounterRows } from '../state/counters.ts';
import type { Update, Updates } from '../state/update.ts';

/** A log of another region waits at most this long for the store, in milliseconds: it is shown while the store does not work. */
export const STORED_FIRST_MS = 500;

/**
 * Decides when this region shows what another region says. How far a log is, and its events, come after the store has them:
 * a frontend that knows of a deletion never reads the comment from a store that does not. All else is shown at once.
 * Deterministic.
 */
export class StoredFirst {
	/** Since when logs wait for the store; undefined while none do. */
	#waitsSince: number | undefined;
	#isAway = false;

	/** The store took nothing of what waited, so nothing waits for it until it takes something. */
	get isAway(): boolean {
		return this.#isAway;
	}

	/** When `overdue` has something to show; undefined while nothing waits. */
	get dueAt(): number | undefined {
		return this.#waitsSince === undefined ? undefined : this.#waitsSince + STORED_FIRST_MS;
	}

	/** Takes what a region says and is about to be stored. Returns what to show now. */
	take(updates: Updates, now: number): Updates {
		if (this.#isAway) return updates;
		if (onlyWithLogs(updates).size === 0) return updates;
		this.#waitsSince ??= now;
		return new Map([...updates].map(([topic, update]) => [topic, withoutLogs(update)]));
	}

	/** The store has a batch; `isAll`: nothing else waits for it. Returns what of the batch to show. */
	kept(batch: Updates, isAll: boolean, now: number): Updates {
		this.#isAway = false;
		this.#waitsSince = isAll ? undefined : now;
		return onlyWithLogs(batch);
	}

	/** Returns what to show of the updates that wait though the store has not taken them; nothing while they may wait. */
	overdue(waiting: () => Updates, now: number): Updates {
		if (this.dueAt === undefined || now < this.dueAt) return NO_UPDATES;
		this.#waitsSince = undefined;
		this.#isAway = true;
		return onlyWithLogs(waiting());
	}
}

/** An update without what it says of logs; with `region`, of the log of that one. */
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
