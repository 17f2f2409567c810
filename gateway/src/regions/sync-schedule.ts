/**
 * The time between two syncs with a region, in milliseconds.
 *
 * A sync brings the changes that no relay brought.
 */
export const SYNC_MS = 30_000;

/** The time between a failed sync with a region and the next, in milliseconds. */
export const SYNC_RETRY_MS = 1_000;

interface Region {
	/** The time of its next sync by this node in any case. */
	wantedAt: number;
	/** The time of its next sync if this node is in charge of it. */
	roundAt: number;
	/** Whether a sync with it runs. */
	asking: boolean;
}

/**
 * Decides when a dispatcher syncs with other regions. Deterministic.
 *
 * Each region has at most one sync at a time. The dispatcher in charge of a region syncs every 30 s, a dispatcher that gets
 * a greeting at once, and either again 1 s after a failure.
 */
export class SyncSchedule {
	readonly #regions: ReadonlyMap<string, Region>;

	constructor(others: readonly string[]) {
		const makeRegion = (): Region => ({
			wantedAt: Number.POSITIVE_INFINITY,
			roundAt: Number.NEGATIVE_INFINITY,
			asking: false,
		});
		this.#regions = new Map(others.map((region) => [region, makeRegion()]));
	}

	/** Requests a sync with a region now. */
	want(region: string): void {
		const known = this.#regions.get(region);
		if (known !== undefined) known.wantedAt = Number.NEGATIVE_INFINITY;
	}

	/** Returns the regions to sync with now. The caller ends each sync with `done` or `failed`. */
	take(now: number, isInCharge: (region: string) => boolean): string[] {
		const due: string[] = [];
		for (const [region, known] of this.#regions) {
			if (known.asking || Math.min(known.roundAt, known.wantedAt) > now) continue;
			if (/* mutant: asks-when-greeted */ known.wantedAt > now && !isInCharge(region)) {
				known.roundAt = now + SYNC_RETRY_MS;
				continue;
			}
			known.asking = true;
			known.wantedAt = Number.POSITIVE_INFINITY;
			due.push(region);
		}
		return due;
	}

	/** Notes a complete sync. */
	done(region: string, now: number): void {
		this.#end(region, now + SYNC_MS);
	}

	/** Notes a failed sync. */
	failed(region: string, now: number): void {
		const known = this.#end(region, now + SYNC_RETRY_MS);
		if (known !== undefined) known.wantedAt = Math.min(known.wantedAt, now + SYNC_RETRY_MS);
	}

	/** The time at which `take` may return a region; undefined while a sync with each of them runs. */
	get dueAt(): number | undefined {
		let due = Number.POSITIVE_INFINITY;
		for (const { asking, wantedAt, roundAt } of this.#regions.values()) {
			if (!asking) due = Math.min(due, wantedAt, roundAt);
		}
		return due === Number.POSITIVE_INFINITY ? undefined : due;
	}

	#end(region: string, roundAt: number): Region | undefined {
		const known = this.#regions.get(region);
		if (known === undefined) return undefined;
		known.asking = false;
		known.roundAt = roundAt;
		return known;
	}
}
