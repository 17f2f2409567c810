import { residentBytes } from '../process-usage.ts';
import type { Scenario } from '../scenario.ts';
import { until, withStage } from '../stage.ts';

/** Memory is taken as settled when so many readings in a row, a second apart, hardly differ. */
const STABLE_READINGS = 5;
const STABLE_BYTES = 256 * 1024;

/** Some connections come and go before the first reading, so that code and buffers that all share are there. */
const WARM_UP_VIEWERS = 200;

export const memory: Scenario = {
	name: 'memory',
	about: 'resident bytes of a connection that follows a video on which nothing happens',
	seconds: 45,

	run(options) {
		const { viewers: count, seconds, progress } = options;
		return withStage(options, [], async ({ gateway, viewers }) => {
			const settled = () => settledBytes(gateway.pid, seconds * 1000);
			await viewers.open('warm-up', WARM_UP_VIEWERS);
			progress('waiting for the memory to settle');
			const before = await settled();
			const half = Math.floor(count / 2);
			progress(`opening ${half} viewers`);
			await viewers.open('idle', half);
			const between = await settled();
			progress(`opening ${count - half} more`);
			await viewers.open('idle', count - half);
			const after = await settled();
			return {
				figures: [
					{
						label: 'resident bytes of an idle connection',
						value: (after - before) / count,
						unit: 'B',
						target: { bound: 'under', value: 4096 },
					},
					{ label: '… of each in the second half', value: (after - between) / (count - half), unit: 'B' },
					{ label: 'gateway with all of them', value: after / 1024 / 1024, unit: 'MiB' },
				],
				checks: [],
				details: { before, between, after },
			};
		});
	},
};

/** The resident bytes once they hardly change, or the least that were seen by the end of the time. */
async function settledBytes(pid: number, timeoutMs: number): Promise<number> {
	const readings: number[] = [];
	await until(
		() => {
			readings.push(residentBytes(pid) ?? Number.NaN);
			const last = readings.slice(-STABLE_READINGS);
			return last.length === STABLE_READINGS && Math.max(...last) - Math.min(...last) < STABLE_BYTES;
		},
		timeoutMs,
		1_000,
	);
	return Math.min(...readings.slice(-STABLE_READINGS));
}
