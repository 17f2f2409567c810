import { RecentBytes } from './recent-bytes.ts';

/** Pages and frames for viewers who come back, of all topics of a process, take at most this much together, in bytes. */
export const MAX_REPLAY_BYTES = 24 * 1024 * 1024;

/** What all logs of a process share: the memory for replays, and whether the store can be asked. */
export interface LogSupply {
	readonly memory: RecentBytes;
	/** Whether the store of this region, which has all that is missing here, is known to live. */
	readonly lives: () => boolean;
}

/** Makes it for a process. */
export function createLogSupply(lives: LogSupply['lives'] = () => true): LogSupply {
	return { memory: new RecentBytes(MAX_REPLAY_BYTES), lives };
}
