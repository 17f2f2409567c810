import type { Buckets } from '../measure/histogram.ts';

/** The fake nodes around a dispatcher. */
export interface FakeCluster {
	readonly dispatcher: { readonly node: string; readonly url: string };
	readonly secret: string;
	/** The port of each sink; `frontend-0` first. */
	readonly frontendPorts: readonly number[];
	/** The incarnation of the sinks. */
	readonly frontendIncarnation: number;
	/** The port of each Likes node; `likes-0` first. */
	readonly likesPorts: readonly number[];
	/** The number of videos that every frontend follows, with the hot video. */
	readonly videos: number;
	/** Viewers of each video on each frontend. */
	readonly viewersEach: number;
}

/** Likes a second over all Likes nodes, and the fraction for the hot video; the rest is evenly distributed. */
export interface LoadRate {
	readonly perSecond: number;
	readonly hotShare: number;
}

/** A command for the process with the fake nodes. */
export type LoadCommand =
	| { readonly ask: 'play'; readonly cluster: FakeCluster }
	| { readonly ask: 'rate'; readonly rate: LoadRate }
	| { readonly ask: 'reset' }
	| { readonly ask: 'report' };

/** The counts of the Likes nodes since the last reset. */
export interface LoadReport {
	/** Published likes. */
	readonly events: number;
	/** Published updates, one for each video and batch. */
	readonly updates: number;
	readonly batches: number;
	/** Updates that went to every frontend, since the dispatcher did not answer in time. */
	readonly floods: number;
	/** Batches that were sent again. */
	readonly retries: number;
	/** From sending a batch to its answer. */
	readonly answered: Buckets;
	/** CPU of the process, in seconds since its start. */
	readonly cpuSeconds: number;
}

/** `done` answers `rate`, `reset`, and `play` when every frontend is registered. */
export type LoadAnswer = { readonly answer: 'done' } | { readonly answer: 'report'; readonly report: LoadReport };
