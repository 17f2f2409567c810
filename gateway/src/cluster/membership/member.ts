import type { Role } from './peer.ts';

/** A node as the others, and its operators, see it. */
export interface Member {
	readonly node: string;
	readonly region: string;
	readonly roles: readonly Role[];
	readonly version: string;
	/** Since when it runs, in Unix milliseconds; tells one life of a node from the next. */
	readonly incarnation: number;
}

/** What a node counts of itself. */
export interface NodeFigures {
	/** The ring it goes by. */
	readonly view: string;
	/** Streams of viewers. */
	readonly connections: number;
	/** Connections of clients: those that are open, the most that there may be, and how many were refused. */
	readonly sockets: { readonly open: number; readonly max: number; readonly refused: number };
	/** Videos that its viewers follow. */
	readonly topics: number;
	/** Rows of its part of the subscription table: pairs of a video and a frontend. */
	readonly rows: number;
	/** Updates that found no room on their way to a frontend; digests bring what they told. */
	readonly dropped: number;
	/** How often each path was taken, since the start. */
	readonly counters: Readonly<Record<string, number>>;
	/** How much a frontend has to do, and what it leaves out: its level from 0 to 3, and the signs of it. */
	readonly load?: Readonly<Record<string, number>>;
	/** How it stands with the other regions. */
	readonly regions: readonly RegionStatus[];
	/** Requests that were refused, by reason. */
	readonly refused: Readonly<Record<string, number>>;
}

/** Whether another region answers this node, and how much waits for it. */
export interface RegionStatus {
	readonly region: string;
	/** Whether the last relay arrived; undefined when none was sent yet. */
	readonly answers: boolean | undefined;
	/** Topics with updates that wait for it. */
	readonly waiting: number;
}

/** A node with its figures. */
export type MemberReport = Member & NodeFigures;
