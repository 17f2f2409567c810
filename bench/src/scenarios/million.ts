import { sumTotals } from '@likewire/protocol';
import { after, until, VIDEO, withEnvironment } from '../bench-environment.ts';
import { likesAtRate } from '../load/like-load.ts';
import { Histogram } from '../measure/histogram.ts';
import { coresUsed, cpuTime } from '../measure/process-usage.ts';
import { deliveryFigures } from '../report/delivery-figures.ts';
import { checkStore, checkViewers, readStoredLikes, readVideo } from '../report/stored-likes.ts';
import type { Scenario } from '../scenario.ts';
import { sameTotals } from '../viewers/likes-stream.ts';
import type { ViewersReport } from '../viewers/viewers.ts';

const LIKES_PER_SECOND = 100;

/** The fraction of viewers that join in the middle. */
const LATE_SHARE = 0.09;
/** The fraction of viewers that do not read for half of the time. */
const SLOW_SHARE = 0.01;

/** The receive buffer of a slow viewer, in bytes: small, so that the gateway notices within seconds. */
const SLOW_RECEIVE_BUFFER = 4_096;

/** The time for the last like to reach all viewers, in milliseconds. */
const SETTLE_TIMEOUT_MS = 15_000;

export const million: Scenario = {
	name: 'million',
	about: '10,000 viewers of one video, 100 likes a second: a million deliveries a second, each exact',
	seconds: 20,

	run(options) {
		const { seconds, progress } = options;
		const late = Math.round(options.viewers * LATE_SHARE);
		const slow = Math.round(options.viewers * SLOW_SHARE);
		const steady = options.viewers - late - slow;
		return withEnvironment(options, [], async ({ gateway, viewers }) => {
			progress(`opening ${steady + slow} viewers`);
			await viewers.open('steady', steady);
			await viewers.open('slow', slow, SLOW_RECEIVE_BUFFER);
			viewers.reset();

			progress(`${LIKES_PER_SECOND} likes a second for ${seconds} s`);
			const cpuBefore = cpuTime(gateway.pid);
			const load = { port: gateway.port, video: VIDEO, seconds, connections: 32 };
			const likes = likesAtRate(LIKES_PER_SECOND, load);
			const part = (share: number) => after(seconds * 1000 * share);
			await part(0.25);
			viewers.pause('slow');
			await part(0.25);
			progress(`${slow} viewers are not reading; ${late} more join`);
			await viewers.open('late', late);
			await Promise.race([part(0.25), likes]);
			viewers.resume('slow');
			const ledger = await likes;
			const cpuAfter = cpuTime(gateway.pid);

			const stored = readStoredLikes(gateway.dataDir, VIDEO);
			const isExact = ({ groups }: ViewersReport) =>
				[...groups.values()].every(
					({ lowest, highest }) => sameTotals(lowest, stored.counted) && sameTotals(highest, stored.counted),
				);
			await until(async () => isExact(await viewers.report()), SETTLE_TIMEOUT_MS);
			const report = await viewers.report();
			const groups = Object.fromEntries(report.groups);
			const watched = [...report.groups.values()];
			const total = (key: 'frames' | 'deliveries' | 'bytes') => watched.reduce((sum, group) => sum + group[key], 0);

			// Frames for slow viewers wait in the kernel, so their latency is not that of the gateway.
			const latency = new Histogram();
			for (const { name, latency: seen } of watched) if (name !== 'slow') latency.merge(seen.buckets);
			const cores = coresUsed(cpuBefore, cpuAfter);
			const framesOf = (name: string) => (groups[name]?.frames ?? 0) / (groups[name]?.opened || 1);
			return {
				figures: [
					...deliveryFigures({
						deliveries: total('deliveries'),
						frames: total('frames'),
						seconds,
						latency,
						answer: ledger.answerMs,
					}),
					{ label: 'gateway, main thread', value: cores?.mainThread ?? Number.NaN, unit: 'cores' },
					{ label: 'frames to a steady viewer', value: framesOf('steady'), unit: '' },
					{ label: 'frames to a viewer blocked for a while', value: framesOf('slow'), unit: '' },
				],
				checks: [
					...checkViewers(report, options.viewers, stored),
					...checkStore(ledger, stored, await readVideo(gateway.port, VIDEO)),
				],
				details: {
					likes: sumTotals(stored.counted),
					viewers: { steady, late, slow },
					latency: latency.summary(),
					answer: ledger.answerMs.summary(),
					shownOfDelivered: watched.reduce((sum, { shown }) => sum + shown, 0) / total('deliveries'),
					bytesPerFrame: total('bytes') / total('frames'),
					gatewayCores: cores,
					clientCpuSeconds: report.cpuSeconds,
				},
			};
		});
	},
};
