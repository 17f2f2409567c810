import { after, until, VIDEO, withEnvironment } from '../bench-environment.ts';
import { commentsAtRate, readHistory } from '../load/comment-load.ts';
import { likesAtRate } from '../load/like-load.ts';
import { Histogram } from '../measure/histogram.ts';
import { coresUsed, cpuTime } from '../measure/process-usage.ts';
import type { GatewayProcess } from '../processes/gateway-process.ts';
import { deliveryFigures } from '../report/delivery-figures.ts';
import { checkStore, checkViewers, readStoredLikes, readVideo } from '../report/stored-likes.ts';
import type { Scenario, ScenarioOptions } from '../scenario.ts';
import { sameTotals } from '../viewers/likes-stream.ts';
import type { GroupReport } from '../viewers/viewer-report.ts';
import type { ViewersReport } from '../viewers/viewers.ts';

/** Enough for an update in every window. */
const LIKES_PER_SECOND = 200;
const COMMENTS_PER_SECOND = 20;
const SIGNALS_PER_SECOND = 50;

/** The ratio of requested frames to those that the frontend can send. */
const OVERLOAD = 3;

/** The time to measure the most frames, and the time of load before it, in milliseconds. */
const TRIAL_MS = 3_000;
const WARM_UP_MS = 2_000;

/** The time for the last like to reach all viewers, in milliseconds. */
const SETTLE_TIMEOUT_MS = 30_000;

/** The load of a frontend in the answer of `GET /v1/cluster`. */
interface LoadReport {
	readonly level: number;
	readonly shed: number;
	readonly updateAgeMs: number;
	readonly loopDelayMs: number;
}

async function readLoad({ internalUrl }: GatewayProcess): Promise<LoadReport> {
	const response = await fetch(`${internalUrl}/v1/cluster`);
	const { members } = (await response.json()) as { members: readonly { load: LoadReport }[] };
	const [self] = members;
	if (self === undefined) throw new Error('the gateway reported no member');
	return self.load;
}

/** Measures the most frames a second: with the least window one pass follows another without a pause. */
async function mostFrames(options: ScenarioOptions): Promise<number> {
	return withEnvironment(options, ['--window-ms', '1'], async ({ gateway, viewers }) => {
		await viewers.open('all', options.viewers);
		const seconds = (WARM_UP_MS + TRIAL_MS) / 1000;
		const likes = likesAtRate(LIKES_PER_SECOND, { port: gateway.port, video: VIDEO, seconds, connections: 32 });
		await after(WARM_UP_MS);
		viewers.reset();
		const startedAt = performance.now();
		await likes;
		const frames = (await viewers.report()).groups.get('all')?.frames ?? 0;
		return (frames * 1000) / (performance.now() - startedAt);
	});
}

function groupOf({ groups }: ViewersReport): GroupReport {
	const [group] = groups.values();
	if (group === undefined) throw new Error('the client reported no viewers');
	return group;
}

/** Returns the latency of likes over several reports. */
function latencyOf(...groups: readonly GroupReport[]): Histogram {
	const latency = new Histogram();
	for (const group of groups) latency.merge(group.latency.buckets);
	return latency;
}

export const overload: Scenario = {
	name: 'overload',
	about: 'three times as many frames as the frontend can send: what it omits, and what it delivers',
	seconds: 20,

	async run(options) {
		const { seconds, progress, viewers: count } = options;
		progress('measuring the most frames');
		const most = await mostFrames(options);
		const windowMs = Math.max(1, Math.round((count * 1000) / (OVERLOAD * most)));
		return withEnvironment(options, ['--window-ms', String(windowMs)], async ({ gateway, viewers }) => {
			progress(`opening ${count} viewers`);
			await viewers.open('all', count);
			viewers.reset();
			progress(`a window of ${windowMs} ms, ${LIKES_PER_SECOND} likes, comments and signals for ${seconds} s`);
			const levels: number[] = [];
			let shed = 0;
			const polling = setInterval(() => {
				readLoad(gateway).then(
					(load) => {
						levels.push(load.level);
						shed = load.shed;
					},
					() => levels.push(Number.NaN),
				);
			}, 1_000);
			const cpuBefore = cpuTime(gateway.pid);
			const load = { port: gateway.port, video: VIDEO, seconds };
			const [ledger, comments, firstHalf] = await Promise.all([
				likesAtRate(LIKES_PER_SECOND, { ...load, connections: 32 }),
				commentsAtRate({ ...load, commentsPerSecond: COMMENTS_PER_SECOND, signalsPerSecond: SIGNALS_PER_SECOND }),
				after(seconds * 500).then(async () => {
					const half = groupOf(await viewers.report());
					viewers.reset();
					return half;
				}),
			]);
			const cores = coresUsed(cpuBefore, cpuTime(gateway.pid));
			clearInterval(polling);

			const stored = readStoredLikes(gateway.dataDir, VIDEO);
			await until(async () => {
				const { groups } = await viewers.report();
				const [all] = groups.values();
				return all !== undefined && sameTotals(all.lowest, stored.counted) && sameTotals(all.highest, stored.counted);
			}, SETTLE_TIMEOUT_MS);
			const report = await viewers.report();
			const halves = [firstHalf, groupOf(report)];
			const [first, second] = halves.map((half) => latencyOf(half));
			const latency = latencyOf(...halves);
			const history = await readHistory(gateway.port, VIDEO);
			const missing = [...comments.accepted].filter((id) => !history.has(id)).length;
			const frames = halves.reduce((sum, half) => sum + half.frames, 0);
			const deliveries = halves.reduce((sum, half) => sum + half.deliveries, 0);
			const p90s = [first, second].map((half) => half?.percentile(0.9) ?? Number.NaN);
			const [, , p90, ...rest] = deliveryFigures({ deliveries, frames, seconds, latency, answer: ledger.answerMs });
			return {
				figures: [
					{ label: 'frames that it can send', value: most, unit: '/s' },
					{ label: 'frames asked for', value: (count * 1000) / windowMs, unit: '/s' },
					{ label: 'frames sent', value: frames / seconds, unit: '/s' },
					...(p90 === undefined ? [] : [p90]),
					...rest,
					{ label: 'highest level of load', value: Math.max(0, ...levels), unit: '' },
					{ label: 'signals left out', value: shed, unit: '' },
					{ label: 'gateway, main thread', value: cores?.mainThread ?? Number.NaN, unit: 'cores' },
				],
				checks: [
					...checkViewers(report, count, stored),
					...checkStore(ledger, stored, await readVideo(gateway.port, VIDEO)),
					{
						label: 'every comment answered with 201 is in the history',
						ok: missing === 0 && comments.accepted.size > 0,
						detail: `${comments.accepted.size} answered with 201, ${history.size} in the history, ${missing} missing`,
					},
					{
						label: 'the latency of likes does not grow',
						ok: (p90s[1] ?? Number.NaN) < 2 * (p90s[0] ?? Number.NaN),
						detail: `P90 ${p90s.map((ms) => `${Math.round(ms)} ms`).join(' in the first half, ')} in the second`,
					},
					{
						label: 'the gateway answered each second during the overload',
						ok: levels.length > 0 && levels.every((level) => !Number.isNaN(level)),
						detail: `levels ${levels.join(' ')}`,
					},
				],
				details: {
					windowMs,
					levels,
					latency: latency.summary(),
					answer: ledger.answerMs.summary(),
					commentAnswer: comments.answerMs.summary(),
					comments: { accepted: comments.accepted.size, others: Object.fromEntries(comments.others) },
				},
			};
		});
	},
};
