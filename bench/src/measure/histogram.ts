/** Buckets a millisecond; the C client has the same. */
const PER_MS = 10;

/** The number of durations in each tenth of a millisecond: `[tenths, count]`. */
export type Buckets = readonly (readonly [bucket: number, count: number])[];

/** Durations by tenths of a millisecond. Histograms of several processes can be merged. */
export class Histogram {
	readonly #counts = new Map<number, number>();
	#count = 0;

	get count(): number {
		return this.#count;
	}

	record(ms: number): void {
		this.merge([[Math.max(0, Math.floor(ms * PER_MS)), 1]]);
	}

	merge(buckets: Buckets): void {
		for (const [bucket, count] of buckets) {
			this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + count);
			this.#count += count;
		}
	}

	buckets(): Buckets {
		return [...this.#counts].sort(([a], [b]) => a - b);
	}

	/** Returns the duration in milliseconds that a fraction `p` of all does not exceed; NaN when empty. */
	percentile(p: number): number {
		let left = Math.max(1, Math.ceil(this.#count * p));
		for (const [bucket, count] of this.buckets()) {
			left -= count;
			if (left <= 0) return (bucket + 1) / PER_MS;
		}
		return Number.NaN;
	}

	/** Returns the count and percentiles in milliseconds. */
	summary(): { count: number; p50: number; p90: number; p99: number; max: number } {
		return {
			count: this.#count,
			p50: this.percentile(0.5),
			p90: this.percentile(0.9),
			p99: this.percentile(0.99),
			max: this.percentile(1),
		};
	}
}
