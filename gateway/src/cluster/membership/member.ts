import type { Role } from './peer.ts';

/** A node, as other nodes and operators see it. */
export interface Member {
	readonly node: string;
	readonly region: string;
	readonly roles: readonly Role[];
	readonly version: string;
	/** When it started, in Unix milliseconds; distinguishes one life of a node from the next. */
	readonly incarnation: number;
}

/** The figures that a node reports. */
export interface NodeFigures {
	/** The name of its ring. */
	readonly view: string;
	/** Streams of viewers. */
	readonly connections: number;
	/** Connections of clients: open ones, the limit, and refused ones. */
	readonly sockets: { readonly open: number; readonly max: number; readonly refused: number };
	/** Topics that its viewers follow. */
	readonly topics: number;
	/** Rows of its subscription table: pairs of a topic and a frontend. */
	readonly rows: number;
	/** Updates for other nodes that found no room; digests, or a sync of regions, bring their content. */
	readonly dropped: number;
	/** How often each path was taken since the start. */
	readonly counters: Readonly<Record<string, number>>;
	/** The load of a frontend: its level from 0 to 3, and the measurements behind it. */
	readonly load?: Readonly<Record<string, number>>;
	/** The state of the links to other regions. */
	readonly regions: readonly RegionStatus[];
	/** Refused requests, by reason. */
	readonly refused: Readonly<Record<string, number>>;
	/** The processes with its viewers; undefined when one process has all roles. */
	readonly workers?: readonly WorkerFigures[];
}

/** The figures of a worker process of a node. Those of viewers are missing while it does not answer. */
export interface WorkerFigures extends Partial<Pick<NodeFigures, 'connections' | 'sockets' | 'topics' | 'load'>> {
	/** Its number, from 1 on. */
	readonly worker: number;
	/** Its process; undefined while it does not serve viewers. */
	readonly pid?: number | undefined;
}

/** Whether another region answers this node, and the number of updates that wait for it. */
export interface RegionStatus {
	readonly region: string;
	/** Whether the last relayed batch arrived; undefined before the first one. */
	readonly answers: boolean | undefined;
	/** The number of topics with updates that wait for it. */
	readonly waiting: number;
}

export type MemberReport = Member & NodeFigures;
