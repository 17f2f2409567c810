import type { SqliteDatabase } from '../src/store/sqlite-database.ts';
import type { Network } from './network.ts';
import type { Node } from './node.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

/** Where all of it happens. */
export const REGION = 'local';

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

/** Where nodes run: on one virtual time, with one source of chance, around one store. */
export interface World {
	readonly timeline: Timeline;
	readonly random: Random;
	readonly network: Network;
	readonly database: SqliteDatabase;
	/** The newest life of each node. */
	readonly nodes: Map<string, Node>;
	readonly counts: Counts;
	/** A batch for an owner gathers for so long, in milliseconds. */
	readonly windowMs: number;
	/** The probability that a read of the store fails. */
	readFaults: number;
	/** Frontends take no news now, though they are there. */
	frontendsRefuse: boolean;
	/** Machines that are gone altogether: nobody says that a connection is refused. */
	readonly silent: Set<string>;
	/** A transaction is in the store. */
	onCommit(video: string, revision: number): void;
	/** A Likes node got to where one is to be killed. */
	onTrap(node: Node, trap: Trap): void;
}

/** Points in the life of a like at which a Likes node may be killed. */
export type Trap = 'committed' | 'answered';
