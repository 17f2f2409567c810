import type { Buckets } from '../measure/histogram.ts';

/** What is played around a dispatcher. */
export interface FakeCluster {
	readonly dispatcher: { readonly node: string; readonly url: string };
	readonly secret: string;
	/** Where each frontend takes what is delivered; `frontend-0` first. */
	readonly frontendPorts: readonly number[];
	/** Since when they run. */
	readonly frontendIncarnation: number;
	/** Where each Likes node listens; `likes-0` first. */
	readonly likesPorts: readonly number[];
	/** Videos that every frontend follows: the hot one and the others. */
	readonly videos: number;
	/** Viewers of each video on each frontend. */
	readonly viewersEach: number;
}

/** Likes a second over all Likes nodes, and the part of them that is for the hot video; the rest is spread evenly. */
export interface LoadRate {
	readonly perSecond: number;
	readonly hotShare: number;
}

/** What is asked of the process that plays the cluster. */
export type LoadCommand =
	| { readonly ask: 'play'; readonly cluster: FakeCluster }
	| { readonly ask: 'rate'; readonly rate: LoadRate }
	| { readonly ask: 'reset' }
	| { readonly ask: 'report' };

/** What the Likes nodes did since the last reset. */
export interface LoadReport {
	/** Likes that were published. */
	readonly events: number;
	/** Updates in which they were, one a video and batch. */
	readonly updates: number;
	readonly batches: number;
	/** Updates that went to every frontend, since the dispatcher did not answer in time. */
	readonly floods: number;
	/** Batches that were sent again. */
	readonly retries: number;
	/** From a batch to its answer. */
	readonly answered: Buckets;
	/** CPU of the process, in seconds since its start. */
	readonly cpuSeconds: number;
}

/** `done` answers `play`, once every frontend is registered, `rate` and `reset`. */
export type LoadAnswer = { readonly answer: 'done' } | { readonly answer: 'report'; readonly report: LoadReport };
