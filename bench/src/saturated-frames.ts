import { after, VIDEO, withEnvironment } from './bench-environment.ts';
import { likesAtRate } from './load/like-load.ts';
import { Histogram } from './measure/histogram.ts';
import { type CpuCores, coresUsed, cpuTime } from './measure/process-usage.ts';
import type { Check, ScenarioOptions } from './scenario.ts';

/** Enough that an update waits whenever a pass ends: with the least window the gateway never idles. */
export const LIKES_PER_SECOND = 100;
export const WINDOW_MS = 1;

/** The time without measurement at the start, in which V8 compiles the code, in milliseconds. */
const WARM_UP_MS = 3_000;

/** What a gateway sent whose passes over the viewers followed each other without a pause. */
export interface SaturatedFrames {
	/** Frames a second. */
	readonly rate: number;
	readonly bytesPerFrame: number;
	/** The cores that the process of the gateway used, without its workers; undefined without /proc. */
	readonly cores: CpuCores | undefined;
	/** The cores that the clients used. */
	readonly clientCores: number;
	/** The time from the acceptance of a like until viewers received it. */
	readonly latency: Histogram;
	readonly elapsedSeconds: number;
	readonly check: Check;
}

/** Sends frames to all viewers without a pause. `flags`: further flags of the gateway. */
export function saturateFrames(options: ScenarioOptions, flags: readonly string[] = []): Promise<SaturatedFrames> {
	const { seconds, progress, viewers: count } = options;
	return withEnvironment(options, ['--window-ms', String(WINDOW_MS), ...flags], async ({ gateway, viewers }) => {
		progress(`opening ${count} viewers`);
		await viewers.open('all', count);
		progress(`sending frames without a pause for ${seconds} s`);
		const load = { port: gateway.port, video: VIDEO, seconds: seconds + WARM_UP_MS / 1000, connections: 32 };
		const likes = likesAtRate(LIKES_PER_SECOND, load);
		await after(WARM_UP_MS);
		const clientBefore = (await viewers.report()).cpuSeconds;
		viewers.reset();
		const from = cpuTime(gateway.pid);
		const startedAt = performance.now();
		await likes;
		const report = await viewers.report();
		const elapsedSeconds = (performance.now() - startedAt) / 1000;
		const cores = coresUsed(from, cpuTime(gateway.pid));

		const group = report.groups.get('all');
		if (group === undefined) throw new Error('the client reported no viewers');
		const latency = new Histogram();
		latency.merge(group.latency.buckets);
		return {
			rate: group.frames / elapsedSeconds,
			bytesPerFrame: group.bytes / group.frames,
			cores,
			clientCores: (report.cpuSeconds - clientBefore) / elapsedSeconds,
			latency,
			elapsedSeconds,
			check: {
				label: 'snapshot + deltas = totals in every frame',
				ok: Object.values(group.violations).every((times) => times === 0) && group.closed === 0,
				detail: JSON.stringify({ ...group.violations, closed: group.closed }),
			},
		};
	});
}
