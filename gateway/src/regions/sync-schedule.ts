/** Each other region is asked so often what changed there, in milliseconds; what no relay brought heals then. */
export const SYNC_MS = 30_000;

/** A region that did not answer is asked again after so long, in milliseconds. */
export const SYNC_RETRY_MS = 1_000;

interface Region {
	/** When it is to be asked whether or not this node is in charge. */
	wantedAt: number;
	/** When it is to be asked if this node is in charge of it. */
	roundAt: number;
	asking: boolean;
}

/**
 * Decides when to ask other regions what changed there: the dispatcher that is in charge of a region every 30 s, anybody
 * whom it greets, and after a failure soon again. One question for each region at a time. Deterministic.
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

	/** The region is to be asked now: it has greeted. */
	want(region: string): void {
		const known = this.#regions.get(region);
		if (known !== undefined) known.wantedAt = Number.NEGATIVE_INFINITY;
	}

	/** The regions to ask now, each of which must be `done` or `failed`. `isInCharge` of a region: the others leave it to this node. */
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

	/** All that the region has to tell is known. */
	done(region: string, now: number): void {
		this.#end(region, now + SYNC_MS);
	}

	/** It did not answer to the end. */
	failed(region: string, now: number): void {
		const known = this.#end(region, now + SYNC_RETRY_MS);
		if (known !== undefined) known.wantedAt = Math.min(known.wantedAt, now + SYNC_RETRY_MS);
	}

	/** When `take` may have something to do; undefined while all are being asked. */
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
