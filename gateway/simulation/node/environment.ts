import { SETTINGS } from '../../src/config/settings.ts';
import type { Timeline } from '../engine/clock.ts';
import type { Network } from '../engine/network.ts';
import type { Random } from '../engine/random.ts';
import type { SimulatedStore } from '../store/simulated-store.ts';
import type { Node } from './node.ts';

/**
 * The periods of presence of a gateway by default, in milliseconds. No simulation scales them: pings, deadlines, retries
 * and digests have the lengths that ship, and a grace must outlast those.
 */
export const PRESENCE_PERIODS = {
	presenceMs: Number(SETTINGS.presenceMs.default),
	presenceGraceMs: Number(SETTINGS.presenceGraceMs.default),
} as const;

/** What a viewer, or the schedule, found wrong. */
export class Violation extends Error {
	override name = 'Violation';
}

/** How often each thing happened. */
export class Counts {
	readonly #counts = new Map<string, number>();

	add(name: string, count = 1): void {
		this.#counts.set(name, (this.#counts.get(name) ?? 0) + count);
	}

	addAll(counts: Iterable<readonly [string, number]>): void {
		for (const [name, count] of counts) this.add(name, count);
	}

	get(name: string): number {
		return this.#counts.get(name) ?? 0;
	}

	/** By name, in the order of names. */
	entries(): [string, number][] {
		return [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1));
	}
}

/** Where the nodes of a region run: on one virtual time, with one source of chance, around one store. */
export interface World {
	readonly timeline: Timeline;
	readonly random: Random;
	readonly network: Network;
	/** The name of the region. */
	readonly region: string;
	readonly store: SimulatedStore;
	/** The dispatchers that other regions know of. */
	readonly dispatchers: readonly string[];
	/** Undefined when there are no other regions. */
	readonly abroad: Abroad | undefined;
	/** The newest life of each node. */
	readonly nodes: Map<string, Node>;
	readonly counts: Counts;
	/** A batch for an owner gathers for so long, in milliseconds. */
	readonly windowMs: number;
	/** Everybody who is there is heard of so often, in milliseconds, … */
	readonly presenceMs: number;
	/** … and may be late by so much. */
	readonly presenceGraceMs: number;
	/** The clocks of nodes are off by so much at the most, in milliseconds. */
	readonly clockErrorMs: number;
	/** The probability that a read of the store fails. */
	readFaults: number;
	/** Frontends take no news now, though they are there. */
	frontendsRefuse: boolean;
	/** Machines that are gone altogether: nobody says that a connection is refused. */
	readonly silent: Set<string>;
	/** A frontend says that people are there, and the dispatcher that owns them hears it. */
	onHeartbeat(users: readonly string[], what: 'sent' | 'heard', at: Node): void;
	/** A Likes node has a transaction in the store. */
	onCommit(video: string, revision: number, node: Node): void;
	/** A Likes node got to where one is to be killed. */
	onTrap(node: Node, trap: Trap): void;
}

/** What is beyond a region. */
export interface Abroad {
	/** The other regions, by name. */
	readonly worlds: ReadonlyMap<string, World>;
	/** The ways between regions, by their names. */
	readonly ways: Network;
	/** How many changes a page has at the most: so few that there are several. */
	readonly mostOfPage: number;
	/** The probability that what a region said comes once more, much later. */
	replays: number;
	/** Relays are cut to so many bytes, and every region refuses those of more than half of that; undefined for the bounds of the product. */
	readonly relayBytes: number | undefined;
	/** Comments that viewers were sent, or whose deletions they were sent, while the store of the region did not work. */
	readonly shownUnstored: Set<string>;
}

/** Points at which a node may be killed: a Likes node in the life of a like, a dispatcher that has just heard of another region. */
export type Trap = 'committed' | 'answered' | 'heard';
