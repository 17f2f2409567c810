import fc from 'fast-check';
import { describe, it } from 'vitest';
import { PresenceModel } from '../../../test/models/presence-model.ts';
import { GONE } from '../../../test/presence-dispatcher.ts';

describe('PresenceTracker while owners change, die, stall and return', () => {
	const step = fc.record({
		what: fc.constantFrom('come', 'leave', 'join', 'part', 'stall', 'kill', 'nothing'),
		user: fc.integer({ min: 0, max: 3 }),
		waits: fc.integer({ min: 0, max: 6 }),
	});
	const USERS = ['u0', 'u1', 'u2', 'u3'];

	it('shows no user as online for ever after an owner published what it did not store', () => {
		const model = new PresenceModel(USERS);
		model.act('come', 'u1');
		model.act('leave', 'u1');
		model.pass(1_000);
		model.act('part', 'u0');
		model.pass(4 * GONE);
		model.check();
	});

	it('shows no online user as offline, no offline user as online, and in the end the truth', () => {
		fc.assert(
			fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
				const model = new PresenceModel(USERS);
				for (const { what, user, waits } of steps) {
					model.act(what, USERS[user] as string);
					model.pass(waits * 1_000);
				}
				model.heal();
				model.pass(3 * GONE);
				model.check();
			}),
			{ numRuns: 200 },
		);
	});
});
