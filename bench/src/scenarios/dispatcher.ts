import { type FanOut, type FanOutMeasure, withFanOut } from '../fan-out/fan-out-environment.ts';
import type { Figure, Plot, Scenario } from '../scenario.ts';

/** More than the hundred frontends of LinkedIn's talk. */
const FRONTENDS = 180;

/** The number of videos, with the hot video. */
const VIDEOS = 1_001;

/** Increasing rates in likes a second. The next rate follows when the dispatcher kept up with the last. */
const RATES = [5_000, 10_000, 20_000, 35_000, 50_000, 75_000, 100_000];

/** The number of attempts for a rate, since other processes may disturb one. */
const ATTEMPTS = 3;

/** Half of the likes are for the hot video; the others are evenly distributed. */
const HALF_HOT = 0.5;

/** The largest P99 of the delay of likes to frontends, in milliseconds. */
const MAX_DELAY_MS = 100;

/** The largest P99 of the time to answer a batch, in milliseconds: after it senders flood. */
const MAX_ANSWER_MS = 50;

export const dispatcher: Scenario = {
	name: 'dispatcher',
	about: `the likes a second of one dispatcher, with ${FRONTENDS} frontends that all follow a hot video and ${VIDEOS - 1} others`,
	seconds: 2,

	async run({ gateway, quick, seconds, progress }) {
		const environment = { gateway, frontends: FRONTENDS, videos: VIDEOS, viewersEach: 50 };
		const rates = quick ? RATES.slice(0, 2) : RATES;
		progress(`${FRONTENDS} frontends register ${VIDEOS} videos each`);
		const [mixed, hot] = await withFanOut(environment, async (fanOut) => [
			await climb(fanOut, rates, HALF_HOT, seconds, progress),
			await climb(fanOut, rates, 1, seconds, progress),
		]);
		return {
			figures: [...figuresOf('half hot', mixed), ...figuresOf('hot only', hot)],
			checks: [],
			plots: plotsOf({ 'half hot': mixed, 'hot only': hot }),
			details: { frontends: FRONTENDS, videos: VIDEOS, mixed, hot },
		};
	},
};

/** Raises the rate until the dispatcher cannot keep up. */
async function climb(
	fanOut: FanOut,
	rates: readonly number[],
	hotShare: number,
	seconds: number,
	progress: (text: string) => void,
): Promise<FanOutMeasure[]> {
	const measures: FanOutMeasure[] = [];
	let failures = 0;
	for (let index = 0; index < rates.length && failures < ATTEMPTS; ) {
		const perSecond = rates[index] ?? 0;
		const measure = await fanOut.measure({ perSecond, hotShare }, seconds);
		measures.push(measure);
		const { events, mainThread, requests, delay, answered } = measure;
		progress(
			`${Math.round(events)} likes/s (${hotShare * 100} % hot): ${mainThread.toFixed(2)} cores, ` +
				`${Math.round(requests)} requests/s, delay P99 ${delay.p99} ms, answers P99 ${answered.p99} ms`,
		);
		if (keptUp(measure)) {
			failures = 0;
			index++;
		} else failures++;
	}
	return measures;
}

function keptUp({ rate, events, delay, answered, floods, retries, dropped }: FanOutMeasure): boolean {
	const inTime = delay.p99 <= MAX_DELAY_MS && answered.p99 <= MAX_ANSWER_MS;
	return inTime && floods + retries + dropped === 0 && events > rate.perSecond * 0.95;
}

/** Returns the figures of the highest rate that the dispatcher kept up with. */
function figuresOf(load: string, measures: readonly FanOutMeasure[]): Figure[] {
	const best = measures.findLast(keptUp) ?? measures[0];
	if (best === undefined) return [];
	const { events, updates, mainThread, sinks, requests, megabytes, delay, answered } = best;
	const target = { bound: 'at least', value: 50_000 } as const;
	return [
		{ label: `${load}: likes kept up with`, value: events, unit: '/s', target },
		{ label: '  in updates', value: updates, unit: '/s' },
		{ label: '  event loop of the dispatcher', value: mainThread, unit: 'cores' },
		{ label: '  likes for a second of it', value: events / mainThread, unit: '/s' },
		{ label: '  requests sent', value: requests, unit: '/s' },
		{ label: '  bytes sent', value: megabytes, unit: 'MB/s' },
		{ label: '  published → delivered P50', value: delay.p50, unit: 'ms' },
		{ label: '  published → delivered P99', value: delay.p99, unit: 'ms' },
		{ label: '  a batch → its answer P99', value: answered.p99, unit: 'ms' },
		{ label: '  the frontends', value: sinks, unit: 'cores' },
	];
}

/** Returns the plots of all attempts by the rate of likes. */
function plotsOf(loads: Readonly<Record<string, readonly FanOutMeasure[]>>): Plot[] {
	const plot = (name: string, title: string, y: string, valueIn: (measure: FanOutMeasure) => number): Plot => ({
		...{ name, title: `${title}, by likes a second`, x: 'likes/s', y, logarithmic: 'x' },
		lines: Object.entries(loads).map(([load, measures]) => ({
			name: load,
			points: measures.map((measure) => [measure.rate.perSecond, valueIn(measure)] as const),
		})),
	});
	return [
		plot('cores', 'Event loop of a dispatcher', 'cores', ({ mainThread }) => mainThread),
		plot('delay', 'Published → delivered P99', 'ms', ({ delay }) => delay.p99),
	];
}
