import { SETTINGS } from '../../src/config/settings.ts';
import type { Clock } from '../engine/clock.ts';
import type { Counts } from '../engine/counts.ts';
import type { Network } from '../engine/network.ts';
import type { Random } from '../engine/random.ts';
import type { SimulatedStore } from '../store/simulated-store.ts';
import type { Endpoint } from './endpoint.ts';

/**
 * The periods of presence of a gateway by default, in milliseconds. No simulation scales them: pings,
 * deadlines, retries and digests have the lengths that ship, and a grace must outlast those.
 */
export const PRESENCE_PERIODS = {
	presenceMs: Number(SETTINGS.presenceMs.default),
	presenceGraceMs: Number(SETTINGS.presenceGraceMs.default),
} as const;

/** What the nodes of one region share: a virtual clock, a source of randomness, a network and a store. */
export interface Environment {
	readonly clock: Clock;
	readonly random: Random;
	readonly network: Network;
	/** The name of the region. */
	readonly region: string;
	readonly store: SimulatedStore;
	/** The dispatchers that other regions know. */
	readonly dispatchers: readonly string[];
	/** Undefined in a simulation of one region. */
	readonly remote: RemoteRegions | undefined;
	/** The newest life of each node. */
	readonly nodes: ReadonlyMap<string, Endpoint>;
	readonly counts: Counts;
	/** The time that a batch for an owner gathers, in milliseconds. */
	readonly windowMs: number;
	/** The period of heartbeats, in milliseconds. */
	readonly presenceMs: number;
	/** The longest delay of a heartbeat, in milliseconds. */
	readonly presenceGraceMs: number;
	/** The largest error of the clock of a node, in milliseconds. */
	readonly clockErrorMs: number;
	/** The time by which the clocks of machines are ahead of that, in milliseconds, by the names of nodes. */
	readonly aheadMs: Map<string, number>;
	/** Returns what the clock of a Likes node that appends to a log is off by, in milliseconds. */
	readonly appendErrorMs: () => number;
	/** The probability that a read of the store fails. */
	readFaults: number;
	/** The same for a write of what another region has, where no read fails. */
	writeFaults: number;
	/** Whether frontends refuse updates, though they run. */
	frontendsRefuse: boolean;
	/** Machines that are gone: a request to them gets no refusal, only silence. */
	readonly silent: Set<string>;
	/** A frontend sends a heartbeat of users, or a dispatcher that owns them receives it. */
	onHeartbeat(users: readonly string[], what: 'sent' | 'received', at: Endpoint): void;
	/** A Likes node committed a transaction. */
	onCommit(video: string, revision: number, node: Endpoint): void;
	/** A node reached a failpoint. */
	onFailpoint(node: Endpoint, failpoint: Failpoint): void;
}

/** The other regions, as a region reaches them. */
export interface RemoteRegions {
	/** The environments of the other regions, by name. */
	readonly environments: ReadonlyMap<string, Environment>;
	/** The links between regions, by their names. */
	readonly links: Network;
	/** The largest number of changes in a page: small, so that a scan takes several pages. */
	readonly maxPageSize: number;
	/** The probability that a message of a region arrives again, up to 20 s later. */
	replays: number;
	/**
	 * Relays are cut to this number of bytes, and regions refuse those of more than half of it. Undefined:
	 * as shipped.
	 */
	readonly relayBytes: number | undefined;
	/**
	 * Comments that viewers received, or whose deletions they received, while the store of the region did
	 * not work.
	 */
	readonly shownUnstored: Set<string>;
}

/**
 * Where a fault may kill a node: a Likes node after a commit or an answer, a dispatcher after a relay
 * of another region.
 */
export type Failpoint = 'committed' | 'answered' | 'received';
