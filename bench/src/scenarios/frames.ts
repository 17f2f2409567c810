import { after, VIDEO, withEnvironment } from '../bench-environment.ts';
import { likesAtRate } from '../load/like-load.ts';
import { Histogram } from '../measure/histogram.ts';
import { coresUsed, cpuTime } from '../measure/process-usage.ts';
import { plainSendRate } from '../plain-send.ts';
import type { Scenario, ScenarioResult } from '../scenario.ts';

/** Enough that an update waits whenever a pass ends: with the least window the gateway never idles. */
const LIKES_PER_SECOND = 100;
const WINDOW_MS = 1;

/** The time without measurement at the start, in which V8 compiles the code, in milliseconds. */
const WARM_UP_MS = 3_000;

export const frames: Scenario = {
	name: 'frames',
	about: 'the most frames a second: one pass over all viewers follows another without a pause',
	seconds: 10,

	async run(options) {
		const { seconds, progress, viewers: count, client } = options;
		const measured = await withEnvironment<ScenarioResult & { readonly bytesPerFrame: number }>(
			options,
			['--window-ms', String(WINDOW_MS)],
			async ({ gateway, viewers }) => {
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
				const elapsed = (performance.now() - startedAt) / 1000;
				const cores = coresUsed(from, cpuTime(gateway.pid));

				const group = report.groups.get('all');
				if (group === undefined) throw new Error('the client reported no viewers');
				const latency = new Histogram();
				latency.merge(group.latency.buckets);
				const rate = group.frames / elapsed;
				const bytesPerFrame = group.bytes / group.frames;
				return {
					bytesPerFrame,
					figures: [
						{ label: 'frames', value: rate, unit: '/s' },
						{
							label: 'frames for a second of the main thread',
							value: rate / (cores?.mainThread ?? 1),
							unit: '/s',
							target: { bound: 'at least', value: 200_000 },
						},
						{ label: 'gateway, main thread', value: cores?.mainThread ?? Number.NaN, unit: 'cores' },
						{ label: 'gateway, all threads', value: cores?.process ?? Number.NaN, unit: 'cores' },
						{ label: 'bytes of a frame', value: bytesPerFrame, unit: 'B' },
						{ label: 'client', value: (report.cpuSeconds - clientBefore) / elapsed, unit: 'cores' },
						{ label: 'accept → receive P90', value: latency.percentile(0.9), unit: 'ms' },
					],
					checks: [
						{
							label: 'snapshot + deltas = totals in every frame',
							ok: Object.values(group.violations).every((times) => times === 0) && group.closed === 0,
							detail: JSON.stringify({ ...group.violations, closed: group.closed }),
						},
					],
					details: {
						windowMs: WINDOW_MS,
						likesPerSecond: LIKES_PER_SECOND,
						elapsedSeconds: elapsed,
						latency: latency.summary(),
						bytesPerFrame,
					},
				};
			},
		);
		progress('the same with a C program that only sends');
		const ceiling = await plainSendRate(client, count, measured.bytesPerFrame);
		return {
			...measured,
			figures: [
				...measured.figures,
				{
					label: 'send() of the same bytes in C alone',
					value: ceiling ?? Number.NaN,
					unit: '/s',
					isFloor: true,
				},
			],
		};
	},
};
