import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type LikesEvent, paths } from '@likewire/protocol';
import { after, until, VIDEO, withEnvironment } from '../bench-environment.ts';
import { LikeConnection } from '../load/like-connection.ts';
import { Ledger, reactionAt } from '../load/like-load.ts';
import { Histogram } from '../measure/histogram.ts';
import { checkStore, readStoredLikes, readVideo } from '../report/stored-likes.ts';
import type { Scenario } from '../scenario.ts';
import { Group, LikesStream } from '../viewers/likes-stream.ts';

/** Longer than the window, so that the gateway is idle, and random, so that likes fall on different moments of its timers. */
const PAUSE_MS = [80, 120] as const;

export const single: Scenario = {
	name: 'single',
	about: 'one like at a time on an idle gateway with one viewer',
	seconds: 20,

	run(options) {
		return withEnvironment(options, [], async ({ gateway }) => {
			const group = new Group('single');
			const sentToReceived = new Histogram();
			const sentAt = new Map<string, number>();
			const ledger = new Ledger();

			const stream = new LikesStream(group, ({ recent }: LikesEvent) => {
				for (const { id } of recent) {
					sentToReceived.record(performance.now() - (sentAt.get(id) ?? Number.NaN));
					sentAt.delete(id);
				}
			});
			const viewer = connect({ host: '127.0.0.1', port: gateway.port, noDelay: true });
			viewer.on('data', (chunk) => stream.receive(chunk, performance.timeOrigin + performance.now()));
			await once(viewer, 'connect');
			viewer.write(`GET ${paths.stream}?video=${VIDEO} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
			await until(() => stream.sum !== undefined, 5_000, 20);

			const connection = new LikeConnection(gateway.port, VIDEO);
			const end = performance.now() + options.seconds * 1000;
			options.progress(`a like every ${PAUSE_MS.join(' to ')} ms for ${options.seconds} s`);
			while (performance.now() < end) {
				const [least, most] = PAUSE_MS;
				await after(least + Math.random() * (most - least));
				const id = randomUUID();
				const from = performance.now();
				sentAt.set(id, from);
				await new Promise<void>((resolve) => {
					connection.like(id, reactionAt(ledger.sent++), ({ status }) => {
						ledger.record(id, status, performance.now() - from);
						resolve();
					});
				});
			}
			await until(() => sentAt.size === 0, 5_000, 20);
			connection.close();
			viewer.destroy();

			const stored = readStoredLikes(gateway.dataDir, VIDEO);
			const { violations } = group;
			return {
				figures: [
					{ label: 'accept → receive P50', value: group.latency.percentile(0.5), unit: 'ms' },
					{
						label: 'accept → receive P99',
						value: group.latency.percentile(0.99),
						unit: 'ms',
						target: { bound: 'under', value: 20 },
					},
					{ label: 'send → receive P50', value: sentToReceived.percentile(0.5), unit: 'ms' },
					{ label: 'send → receive P99', value: sentToReceived.percentile(0.99), unit: 'ms' },
					{ label: 'POST → 201 P50', value: ledger.answerMs.percentile(0.5), unit: 'ms' },
				],
				checks: [
					{
						label: 'each like was received, and snapshot + deltas = totals',
						ok: sentAt.size === 0 && Object.values(violations).every((times) => times === 0),
						detail: `${ledger.sent} sent, ${sentAt.size} not received; ${JSON.stringify(violations)}`,
					},
					...checkStore(ledger, stored, await readVideo(gateway.port, VIDEO)),
				],
				details: {
					likes: ledger.sent,
					acceptToReceive: group.latency.summary(),
					sendToReceive: sentToReceived.summary(),
				},
			};
		});
	},
};
