import type { EtcdEntry } from './etcd-entry.ts';

/** The state of a key in etcd: an entry, no entry, or an unreadable one. */
export interface Sighting {
	readonly key: string;
	readonly entry: EtcdEntry | 'none' | 'unreadable';
	/** The revision of the whole store. */
	readonly revision: number;
}

interface Known {
	readonly entry: EtcdEntry;
	/** When a missing entry is forgotten, by the monotonic clock; undefined while it is present. */
	missingUntil: number | undefined;
}

/**
 * The nodes in etcd, as a state machine. It applies the changes of a watch at once, since a watch
 * misses none. It keeps a node that is missing from a list for one TTL: etcd may have lost its data or
 * the lease, and a live node registers again in that time. While etcd is unreachable, it forgets no
 * node.
 */
export class EtcdRegistry {
	readonly #ttlMs: number;
	readonly #known = new Map<string, Known>();
	#listRevision = 0;

	/** `ttlMs`: etcd forgets a node that sent nothing for this long, in milliseconds. */
	constructor(ttlMs: number) {
		this.#ttlMs = ttlMs;
	}

	/** The nodes, ordered by name. */
	get entries(): EtcdEntry[] {
		return [...this.#known.values()].map(({ entry }) => entry).sort((a, b) => (a.node < b.node ? -1 : 1));
	}

	/** The number of nodes that the last list did not have. */
	get missing(): number {
		return [...this.#known.values()].filter(({ missingUntil }) => missingUntil !== undefined).length;
	}

	/** Takes the complete list of a revision. */
	listed(sightings: readonly Sighting[], revision: number, now: number): void {
		this.#listRevision = revision;
		const present = new Set(sightings.map(({ key }) => key));
		for (const [key, known] of this.#known) {
			if (present.has(key)) known.missingUntil = undefined;
			else if (known.missingUntil === undefined || known.missingUntil === Number.POSITIVE_INFINITY)
				known.missingUntil = now + this.#ttlMs;
		}
		for (const sighting of sightings) this.#see(sighting);
	}

	/** Takes the change of a key. Ignores a change that the last list includes. */
	changed(sighting: Sighting): void {
		if (sighting.revision > this.#listRevision) this.#see(sighting);
	}

	/** Notes that etcd is unreachable: the TTL of missing nodes begins again with the next list. */
	cut(): void {
		for (const known of this.#known.values()) {
			if (known.missingUntil !== undefined) known.missingUntil = Number.POSITIVE_INFINITY;
		}
	}

	/** Forgets the missing nodes whose TTL is over. */
	forget(now: number): void {
		for (const [key, { missingUntil }] of this.#known) {
			if (missingUntil !== undefined && now >= missingUntil) this.#known.delete(key);
		}
	}

	/** When the next node is due to be forgotten; undefined without one. */
	get dueAt(): number | undefined {
		const times = [...this.#known.values()].map(({ missingUntil = Number.POSITIVE_INFINITY }) => missingUntil);
		const first = Math.min(...times);
		return Number.isFinite(first) ? first : undefined;
	}

	#see({ key, entry }: Sighting): void {
		// An unreadable value does not replace a readable one.
		if (entry === 'unreadable') return;
		if (entry === 'none') this.#known.delete(key);
		else this.#known.set(key, { entry, missingUntil: undefined });
	}
}
