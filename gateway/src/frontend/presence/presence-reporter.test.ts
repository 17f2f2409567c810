import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { viewOf } from '../../../test/views.ts';
import { PeerTooLongError } from '../../cluster/rpc/peer-client.ts';
import { createPresenceReporter } from './presence-reporter.ts';

it('sends the users of a message that a dispatcher refuses with 413 in shorter ones, none again as it was', async () => {
	const refused: string[] = [];
	const taken: string[] = [];
	const pulse = createPresenceReporter({
		presenceMs: 30_000,
		presenceGraceMs: 10_000,
		ring: viewOf({ dispatchers: ['d1'] }).ring,
		async beat(_, users) {
			if (users.length > 10) {
				refused.push(users.join());
				throw new PeerTooLongError('d1 refuses what is so long');
			}
			taken.push(...users);
		},
		logger: pino({ level: 'silent' }),
	});
	onTestFinished(() => pulse.close());
	const users = Array.from({ length: 60 }, (_, index) => `u${index}`);
	for (const user of users) pulse.present(user, true);
	await expect.poll(() => new Set(taken).size).toBe(users.length);
	expect(refused.length).toBeGreaterThan(0);
	expect(refused).toEqual([...new Set(refused)]);
});
