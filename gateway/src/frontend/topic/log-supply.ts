import { RecentBytes } from './recent-bytes.ts';

/**
 * The most memory of pages and frames for resuming viewers, of all topics of a process together, in
 * bytes.
 */
export const MAX_REPLAY_BYTES = 24 * 1024 * 1024;

/** The resources that all logs of a process share: memory for replays, and the state of the store. */
export interface LogSupply {
	readonly memory: RecentBytes;
	/** Returns whether the store of this region, which has all missing events, is known to live. */
	readonly lives: () => boolean;
}

/** Creates the supply of a process. */
export function createLogSupply(lives: LogSupply['lives'] = () => true): LogSupply {
	return { memory: new RecentBytes(MAX_REPLAY_BYTES), lives };
}
