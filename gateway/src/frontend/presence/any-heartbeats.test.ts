import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVERY, GRACE, one, TIMES, two } from '../../../test/heartbeats.ts';
import { Heartbeats } from './heartbeats.ts';

describe('Heartbeats after any events', () => {
	const step = fc.record({
		what: fc.constantFrom('come', 'leave', 'ring', 'lose', 'wait'),
		user: fc.integer({ min: 0, max: 9 }),
		waits: fc.integer({ min: 0, max: 4_000 }),
	});

	it('reaches the owner of each online user within a period, once more for a user that went, and for no other', () => {
		fc.assert(
			fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
				const all = new Heartbeats(TIMES, one, 0);
				const here = new Set<string>();
				/** When each user went. */
				const left = new Map<string, number>();
				/** Users that went, without a last heartbeat so far. */
				const pendingLast = new Set<string>();
				let ring = one;
				let now = 0;
				const pass = (ms: number, lose: boolean) => {
					const reported = new Set<string>();
					const from = now;
					for (const end = now + ms; now < end; now += 20) {
						for (const beat of all.take(now)) {
							for (const user of beat.users) {
								if (!here.has(user)) expect(now - (left.get(user) ?? -EVERY)).toBeLessThan(2 * GRACE);
								expect(ring.owner(`user:${user}`)).toBe(beat.to);
								reported.add(user);
								if (!lose) pendingLast.delete(user);
							}
							if (lose) all.failed(beat, now);
							else all.arrived(beat);
						}
					}
					// The longest pause between two tries.
					const isReported = (user: string) =>
						lose || now - from < 2_000 || (left.get(user) ?? 0) + 2 * GRACE < from + 2_000 || !pendingLast.has(user);
					expect([...pendingLast].filter((user) => !isReported(user))).toEqual([]);
					return reported;
				};
				for (const { what, user, waits } of steps) {
					if (what === 'come') {
						here.add(`u${user}`);
						pendingLast.delete(`u${user}`);
					}
					if (what === 'leave' && here.delete(`u${user}`)) {
						left.set(`u${user}`, now);
						pendingLast.add(`u${user}`);
					}
					if (what === 'come' || what === 'leave') all.present(`u${user}`, what === 'come', now);
					if (what === 'ring') {
						ring = ring === one ? two : one;
						all.setRing(ring, now);
					}
					pass(waits, what === 'lose');
				}
				expect(all.size).toBe(here.size);
				const reported = pass(EVERY + 2_000, false);
				expect([...reported].filter((user) => here.has(user)).sort()).toEqual([...here].sort());
			}),
			{ numRuns: 100 },
		);
	});
});
