import { VIDEO, withEnvironment } from '../bench-environment.ts';
import { likesAtFullSpeed } from '../load/like-load.ts';
import { coresUsed, cpuTime } from '../measure/process-usage.ts';
import { checkStore, readStoredLikes, readVideo } from '../report/stored-likes.ts';
import type { Scenario } from '../scenario.ts';

/** The number of likes in flight. */
const CONNECTIONS = 256;

export const ingest: Scenario = {
	name: 'ingest',
	about: `durable likes a second: ${CONNECTIONS} connections, each sends its next like after an answer`,
	seconds: 10,

	run(options) {
		const { seconds, progress } = options;
		return withEnvironment(options, [], async ({ gateway }) => {
			const load = { port: gateway.port, video: VIDEO, connections: CONNECTIONS };
			await likesAtFullSpeed({ ...load, video: 'warm-up', seconds: 2 });
			progress(`likes at full speed for ${seconds} s`);
			const from = cpuTime(gateway.pid);
			const own = process.cpuUsage();
			const startedAt = performance.now();
			const ledger = await likesAtFullSpeed({ ...load, seconds });
			const elapsed = (performance.now() - startedAt) / 1000;
			const cores = coresUsed(from, cpuTime(gateway.pid));
			const { user, system } = process.cpuUsage(own);
			const answer = await readVideo(gateway.port, VIDEO);
			await gateway.stop();
			return {
				figures: [
					{
						label: 'durable likes accepted',
						value: ledger.accepted.size / elapsed,
						unit: '/s',
						target: { bound: 'at least', value: 10_000 },
					},
					{ label: 'POST → 201 P50', value: ledger.answerMs.percentile(0.5), unit: 'ms' },
					{ label: 'POST → 201 P99', value: ledger.answerMs.percentile(0.99), unit: 'ms' },
					{ label: 'gateway, main thread', value: cores?.mainThread ?? Number.NaN, unit: 'cores' },
					{ label: 'gateway, all threads', value: cores?.process ?? Number.NaN, unit: 'cores' },
					{ label: 'load generator', value: (user + system) / 1e6 / elapsed, unit: 'cores' },
				],
				checks: checkStore(ledger, readStoredLikes(gateway.dataDir, VIDEO), answer),
				details: {
					accepted: ledger.accepted.size,
					others: Object.fromEntries(ledger.others),
					answer: ledger.answerMs.summary(),
				},
			};
		});
	},
};
