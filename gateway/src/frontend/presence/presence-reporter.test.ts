import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { viewOf } from '../../../test/views.ts';
import { PeerTooLongError } from '../../cluster/rpc/peer-client.ts';
import { createPresenceReporter } from './presence-reporter.ts';

it('sends the users of a message that a dispatcher refuses with 413 in shorter ones, and never the same message', async () => {
	const refused: string[] = [];
	const taken: string[] = [];
	const reporter = createPresenceReporter({
		presenceMs: 30_000,
		presenceGraceMs: 10_000,
		ring: viewOf({ dispatchers: ['d1'] }).ring,
		async sendHeartbeats(_, users) {
			if (users.length > 10) {
				refused.push(users.join());
				throw new PeerTooLongError('d1 refuses a message of this length');
			}
			taken.push(...users);
		},
		logger: pino({ level: 'silent' }),
	});
	onTestFinished(() => reporter.close());
	const users = Array.from({ length: 60 }, (_, index) => `u${index}`);
	for (const user of users) reporter.present(user, true);
	await expect.poll(() => new Set(taken).size).toBe(users.length);
	expect(refused.length).toBeGreaterThan(0);
	expect(refused).toEqual([...new Set(refused)]);
});
