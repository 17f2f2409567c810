import { type FanOutMeasure, withFanOut } from '../fan-out/fan-out-environment.ts';
import { bytesPerRow, ringLookups } from '../fan-out/in-process.ts';
import { reregister } from '../fan-out/many-topics.ts';
import type { Figure, Plot, Scenario } from '../scenario.ts';

/** The number of videos, with the hot video. */
const VIDEOS = 1_001;

/** Likes a second, half of them for the hot video. */
const RATE = { perSecond: 5_000, hotShare: 0.5 };

const FRONTENDS = [1, 10, 60, 180];

/** Viewers of each video, over ten frontends. */
const VIEWERS = [10, 1_000_000];

const TEN = 10;

export const growth: Scenario = {
	name: 'growth',
	about: 'the cost of a like at a dispatcher by frontends and viewers; its ring, its table, and a change of owners',
	seconds: 2,

	async run({ gateway, quick, seconds, progress }) {
		async function measure(frontends: number, viewersEach: number): Promise<FanOutMeasure> {
			progress(`${frontends} frontends, each with ${viewersEach} viewers of a video`);
			const options = { gateway, frontends, videos: VIDEOS, viewersEach };
			return withFanOut(options, (fanOut) => fanOut.measure(RATE, seconds));
		}

		const byFrontends: FanOutMeasure[] = [];
		for (const frontends of quick ? FRONTENDS.slice(0, 2) : FRONTENDS) byFrontends.push(await measure(frontends, 50));
		const byViewers: FanOutMeasure[] = [];
		for (const viewers of VIEWERS) byViewers.push(await measure(TEN, viewers / TEN));
		progress('10,000 topics change their owner');
		const { left, joined } = await reregister(gateway);
		const table = { frontends: 180, topics: VIDEOS };
		return {
			figures: [
				...byFrontends.map((measured, index) => costOf(`${FRONTENDS[index]} frontends`, measured)),
				...byViewers.map((measured, index) => costOf(`${TEN} frontends, ${VIEWERS[index]} viewers`, measured)),
				{ label: 'ring lookups for a second of CPU', value: ringLookups(), unit: '/s' },
				{ label: 'a row, 180 frontends to a topic', value: bytesPerRow(table.frontends, table.topics), unit: 'B' },
				{ label: 'a row, 1 frontend to a topic', value: bytesPerRow(1, 100_000), unit: 'B' },
				{ label: '10,000 topics: ring changed → registered with the remaining dispatcher', value: left, unit: 'ms' },
				{ label: '10,000 topics: ring changed → half registered with a new dispatcher', value: joined, unit: 'ms' },
			],
			checks: [],
			plots: [
				plotOf('frontends', 'frontends', 'dispatcher', byFrontends, FRONTENDS),
				plotOf('viewers', 'viewers of a video, over ten frontends', 'dispatcher', byViewers, VIEWERS),
			],
			details: { rate: RATE, videos: VIDEOS, byFrontends, byViewers },
		};
	},
};

function costOf(label: string, measured: FanOutMeasure): Figure {
	return { label: `${label}: dispatcher, for a like`, value: microsecondsOf(measured), unit: 'µs of CPU' };
}

function microsecondsOf({ process, events }: FanOutMeasure): number {
	return (process / events) * 1e6;
}

function plotOf(
	name: string,
	x: string,
	line: string,
	measures: readonly FanOutMeasure[],
	at: readonly number[],
): Plot {
	const points = measures.map((measured, index) => [at[index] ?? Number.NaN, microsecondsOf(measured)] as const);
	const title = `CPU of a dispatcher for a like, by ${name}`;
	return { name, title, x, y: 'µs of CPU', logarithmic: 'x', lines: [{ name: line, points }] };
}
