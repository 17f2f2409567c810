import type { EtcdEntry } from './etcd-entry.ts';

/** What etcd says of a key: what stands there, nothing any more, or what cannot be read. */
export interface Sighting {
	readonly key: string;
	readonly entry: EtcdEntry | 'none' | 'unreadable';
	/** The revision of the whole store that it is of. */
	readonly revision: number;
}

interface Known {
	readonly entry: EtcdEntry;
	/** A list did not have it: it is forgotten then, by the monotonic clock; undefined while it is there. */
	missingUntil: number | undefined;
}

/**
 * The nodes that stand in etcd, as a state machine. What a watch says is believed at once, since nothing is missing
 * between its words. A node that is missing from a list is kept for one TTL: etcd may have lost it, with all its data or
 * with a lease that could not be kept, and whoever lives comes back in that time. While etcd is out of reach nobody is
 * forgotten.
 */
export class EtcdRegistry {
	readonly #ttlMs: number;
	readonly #known = new Map<string, Known>();
	#listRevision = 0;

	/** `ttlMs`: after so long without a word of it, etcd forgets a node, in milliseconds. */
	constructor(ttlMs: number) {
		this.#ttlMs = ttlMs;
	}

	/** The nodes, by name. */
	get entries(): EtcdEntry[] {
		return [...this.#known.values()].map(({ entry }) => entry).sort((a, b) => (a.node < b.node ? -1 : 1));
	}

	/** How many nodes are kept though the last list did not have them. */
	get missing(): number {
		return [...this.#known.values()].filter(({ missingUntil }) => missingUntil !== undefined).length;
	}

	/** All that stands there, as of a revision. */
	listed(sightings: readonly Sighting[], revision: number, now: number): void {
		this.#listRevision = revision;
		const there = new Set(sightings.map(({ key }) => key));
		for (const [key, known] of this.#known) {
			if (there.has(key)) known.missingUntil = undefined;
			else if (known.missingUntil === undefined || known.missingUntil === Number.POSITIVE_INFINITY)
				known.missingUntil = now + this.#ttlMs;
		}
		for (const sighting of sightings) this.#see(sighting);
	}

	/** A key changed. A change that a list has shown already is no news. */
	changed(sighting: Sighting): void {
		if (sighting.revision > this.#listRevision) this.#see(sighting);
	}

	/** etcd is out of reach: who is missing has no way to come back meanwhile, and gets all the time after the next list. */
	cut(): void {
		for (const known of this.#known.values()) {
			if (known.missingUntil !== undefined) known.missingUntil = Number.POSITIVE_INFINITY;
		}
	}

	/** Forgets those whose time is over. */
	forget(now: number): void {
		for (const [key, { missingUntil }] of this.#known) {
			if (missingUntil !== undefined && now >= missingUntil) this.#known.delete(key);
		}
	}

	/** When there is somebody to forget; undefined when there is not. */
	get dueAt(): number | undefined {
		const times = [...this.#known.values()].map(({ missingUntil = Number.POSITIVE_INFINITY }) => missingUntil);
		const first = Math.min(...times);
		return Number.isFinite(first) ? first : undefined;
	}

	#see({ key, entry }: Sighting): void {
		// What cannot be read leaves what could be.
		if (entry === 'unreadable') return;
		if (entry === 'none') this.#known.delete(key);
		else this.#known.set(key, { entry, missingUntil: undefined });
	}
}
