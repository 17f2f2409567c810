import { plainSendRate } from '../plain-send.ts';
import { withoutPinning } from '../processes/pinning.ts';
import { saturateFrames } from '../saturated-frames.ts';
import type { Figure, Scenario, ScenarioOptions } from '../scenario.ts';

const WORKERS = [1, 2];

export const workers: Scenario = {
	name: 'workers',
	about: 'the most frames a second with one worker and with two, and of as many C programs that only send; not pinned',
	seconds: 8,

	async run(options) {
		const runs = await withoutPinning(async () => {
			const measured: Run[] = [];
			for (const count of WORKERS) measured.push(await runOf(options, count));
			return measured;
		});
		const [one, two] = runs;
		const gain = (of: (run: Run) => number) => (one && two ? of(two) / of(one) : Number.NaN);
		return {
			figures: [
				...runs.flatMap(figuresOf),
				{ label: 'gain by the second worker', value: gain(({ rate }) => rate), unit: '×' },
				{ label: 'gain by the second sender in C', value: gain(({ floor }) => floor), unit: '×' },
			],
			checks: runs.map(({ check, count }) => ({ ...check, label: `${check.label}, ${count} workers` })),
			details: { runs: runs.map(({ count, rate, floor }) => ({ workers: count, rate, floor })) },
		};
	},
};

type Run = Awaited<ReturnType<typeof runOf>>;

async function runOf(options: ScenarioOptions, count: number) {
	options.progress(`a gateway with --workers ${count}`);
	const measured = await saturateFrames(options, ['--workers', String(count)]);
	options.progress(`as many C programs that only send: ${count}`);
	const floor = await plainSendRate(options.client, options.viewers, measured.bytesPerFrame, count);
	return { ...measured, count, floor: floor?.perSecond ?? Number.NaN };
}

function figuresOf({ count, rate, floor, latency }: Run): Figure[] {
	return [
		{ label: `frames, --workers ${count}`, value: rate, unit: '/s' },
		{ label: `  send() in C, ${count === 1 ? 'one program' : `${count} programs`}`, value: floor, unit: '/s' },
		{ label: '  share of it', value: rate / floor, unit: '' },
		{ label: '  accept → receive P90', value: latency.percentile(0.9), unit: 'ms' },
	];
}
