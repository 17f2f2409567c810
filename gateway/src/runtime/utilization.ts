import { performance } from 'node:perf_hooks';

/** Returns the share of the time since the last call, from 0 to 1, in which the event loop of the process did not wait. */
export type UtilizationMeter = () => number;

/** Measures the event loop of this process, from now on. */
export function createUtilizationMeter(): UtilizationMeter {
	let before = performance.eventLoopUtilization();
	return () => {
		const now = performance.eventLoopUtilization();
		const { utilization } = performance.eventLoopUtilization(now, before);
		before = now;
		return utilization;
	};
}
