import { fileURLToPath } from 'node:url';
import { until, withEnvironment } from '../bench-environment.ts';
import { residentBytes } from '../measure/process-usage.ts';
import type { Scenario } from '../scenario.ts';

/** Memory is settled when this number of readings, a second apart, differ by less than STABLE_BYTES. */
const STABLE_READINGS = 5;
const STABLE_BYTES = 256 * 1024;

const COLLECT_GARBAGE = fileURLToPath(new URL('../processes/collect-garbage.mjs', import.meta.url));

/** The number of connections before the first reading, which allocate shared code and buffers. */
const WARM_UP_VIEWERS = 200;

export const memory: Scenario = {
	name: 'memory',
	about: 'resident bytes of a connection that follows a video without events',
	seconds: 45,

	run(options) {
		const { viewers: count, seconds, progress, gateway: build } = options;
		const nodeFlags = [...build.nodeFlags, '--expose-gc', '--import', COLLECT_GARBAGE];
		return withEnvironment({ ...options, gateway: { ...build, nodeFlags } }, [], async ({ gateway, viewers }) => {
			/** Measures before and after a garbage collection. */
			async function measure() {
				const asItIs = await settledBytes(gateway.pid, seconds * 1000);
				process.kill(gateway.pid, 'SIGUSR2');
				return { asItIs, collected: await settledBytes(gateway.pid, seconds * 1000) };
			}
			await viewers.open('warm-up', WARM_UP_VIEWERS);
			progress('waiting for the memory to settle');
			const before = await measure();
			progress(`opening ${count} viewers`);
			await viewers.open('idle', count);
			const after = await measure();
			return {
				figures: [
					{
						label: 'resident bytes of an idle connection',
						value: (after.asItIs - before.collected) / count,
						unit: 'B',
						target: { bound: 'under', value: 4096 },
					},
					{
						label: '… without the garbage of its opening',
						value: (after.collected - before.collected) / count,
						unit: 'B',
					},
					{ label: 'gateway with all of them', value: after.asItIs / 1024 / 1024, unit: 'MiB' },
				],
				checks: [],
				details: { before, after },
			};
		});
	},
};

/** Resolves with the resident bytes when they are settled, or with the least of the last readings after the timeout. */
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
