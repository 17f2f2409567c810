import { RecentBytes } from './recent-bytes.ts';

/** All pages of logs that a process fetched for viewers who come back take at most so much, in bytes; who needs more waits. */
export const MAX_PAGES_BYTES = 16 * 1024 * 1024;

/** All frames for viewers who come back take at most so much, in bytes; beyond it they are made again. */
export const MAX_STEPS_BYTES = 8 * 1024 * 1024;

/** What all logs of a process share: the memory for replays, and whether there is anybody to fetch from. */
export interface LogSupply {
	readonly pages: RecentBytes;
	readonly steps: RecentBytes;
	/** Whether the store of this region, which has all that is missing here, is known to live. */
	readonly lives: () => boolean;
}

/** Makes it for a process. */
export function createLogSupply(lives: LogSupply['lives'] = () => true): LogSupply {
	return { pages: new RecentBytes(MAX_PAGES_BYTES), steps: new RecentBytes(MAX_STEPS_BYTES), lives };
}
