import { TYPING_MS } from '@likewire/protocol';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { EventParser } from '../../../test/event-parser.ts';
import { FakeViewer } from '../../../test/fake-viewer.ts';
import { type Register, regionKey } from '../../state/kinds/register.ts';
import type { Values } from '../../state/registers.ts';
import { Hub } from '../connections/hub.ts';
import { ValuesSection } from './values-section.ts';

const register = (order: number, value: unknown): Register => ({ order, value, from: 'eu' });
const typing = (user: string, order: number, value = true): Values => ({ typing: { [user]: register(order, value) } });
const viewers = (order: number, count: number, region = 'eu'): Values => ({
	viewers: { [region]: register(order, count) },
});

describe('the values of a topic', () => {
	let part: ValuesSection;
	beforeEach(() => {
		part = new ValuesSection('conversation:c1');
		part.flush(0);
	});

	function told(by: number | undefined) {
		return new EventParser().feed(part.textFrom(by)).map(({ name, data }) => ({ name, ...data }));
	}

	it('are told as they are now, to each viewer those that changed since', () => {
		part.merge({ ...viewers(1, 3), ...typing('ann', 1) });
		part.flush(0);
		const first = part.sequence;
		part.merge(viewers(2, 4));
		part.merge(viewers(3, 5));
		part.flush(10);
		expect(told(first)).toEqual([{ name: 'viewers', video: 'c1', count: 5 }]);
		expect(told(part.sequence)).toEqual([]);
	});

	it('are told under names that all objects have for something, as often as they change', () => {
		const names = ['constructor', 'toString', 'valueOf', 'hasOwnProperty'];
		for (const [order, value] of [true, false, true].entries()) {
			for (const name of names) part.merge(typing(name, order + 1, value));
			const before = part.sequence;
			part.flush(order);
			expect(told(before)).toMatchObject(names.map((user) => ({ user, typing: value })));
		}
		const before = part.sequence;
		part.flush(2 + TYPING_MS);
		expect(told(before)).toMatchObject(names.map((user) => ({ user, typing: false })));
	});

	it('under load are told as counters only; signals that are kept wait, the others are forgotten', () => {
		// It was to be told when the load was not there yet.
		part.merge(typing('bob', 1));
		const news = { ...viewers(1, 3), presence: { eu: register(1, { online: true, lastSeen: 1 }) } };
		part.merge({ ...news, ...typing('ann', 1) }, true);
		part.flush(0, true);
		expect(told(0)).toEqual([{ name: 'viewers', video: 'c1', count: 3 }]);
		expect(part.takeShed()).toBe(2);
		expect(part.isFresh(true)).toBe(false);
		const before = part.sequence;
		expect(part.isFresh()).toBe(true);
		part.flush(10);
		expect(told(before)).toEqual([{ name: 'presence', user: 'c1', online: true, lastSeen: 1 }]);
		expect(part.takeShed()).toBe(0);
	});

	it('that are shed leave nothing behind, and who typed before still ends', () => {
		part.merge(typing('bob', 1));
		part.flush(0);
		const before = part.sequence;
		for (let n = 2; n < 10_000; n++) {
			part.merge(typing(`u${n % 300}`, n), true);
			expect(part.isFresh(true)).toBe(false);
		}
		expect(part.takeShed()).toBe(9_998);
		expect([part.isFresh(), part.dueAt]).toEqual([false, TYPING_MS]);
		part.flush(TYPING_MS, true);
		expect(told(before)).toEqual([{ name: 'typing', conversation: 'c1', user: 'bob', typing: false }]);
	});

	it('that are not kept are news to those who came before them, though not all was known yet', () => {
		const fresh = new ValuesSection('conversation:c1');
		fresh.merge({ ...viewers(1, 3), ...typing('ann', 1) });
		fresh.flush(0);
		const first = fresh.sequence;
		expect([fresh.isFresh(), fresh.flush(50)]).toEqual([true, true]);
		const events = new EventParser().feed(fresh.textFrom(first));
		expect(events.map(({ data }) => data)).toEqual([{ conversation: 'c1', user: 'ann', typing: true }]);
	});

	it('of somebody nobody ever heard of say so to newcomers', () => {
		const person = new ValuesSection('user:eve');
		const events = new EventParser().feed(person.textFrom(undefined));
		expect(events.map(({ data }) => data)).toEqual([{ user: 'eve', online: false, lastSeen: null }]);
		expect(person.textFrom(0)).toBe('');
	});

	it('are shown to newcomers only if they are kept', () => {
		part.merge({ ...viewers(1, 3), ...typing('ann', 1) });
		part.flush(0);
		expect(told(undefined)).toEqual([{ name: 'viewers', video: 'c1', count: 3 }]);
	});

	it('change nothing when they are old', () => {
		part.merge(typing('ann', 5));
		part.flush(0);
		part.merge(typing('ann', 5));
		part.merge(typing('ann', 4, false));
		expect([part.isFresh(), part.flush(1)]).toEqual([false, false]);
	});

	it('of signals reach viewers from two regions whose clocks are a day apart', () => {
		const from = (region: string, order: number, value: boolean): Values => ({
			typing: { [regionKey(region, 'ann')]: { order, value, from: region } },
		});
		const states = [
			['eu', 86_400_000, true],
			['us', 1_000, true],
			['eu', 86_400_001, false],
			['us', 1_001, false],
			['us', 1_002, true],
		] as const;
		const seen = states.map(([region, order, value]) => {
			const before = part.sequence;
			part.merge(from(region, order, value));
			part.flush(0);
			return told(before);
		});
		const typed = (value: boolean) => [{ name: 'typing', conversation: 'c1', user: 'ann', typing: value }];
		expect(seen).toEqual([true, true, true, false, true].map(typed));
	});

	it('of a kind that expires end by themselves, unless they are renewed', () => {
		part.merge(typing('ann', 1_000));
		part.flush(0);
		part.merge(typing('ann', 5_000));
		part.flush(4_000);
		expect(part.dueAt).toBe(4_000 + TYPING_MS);
		expect(part.flush(4_000 + TYPING_MS - 1)).toBe(false);
		const before = part.sequence;
		expect(part.flush(4_000 + TYPING_MS)).toBe(true);
		expect(told(before)).toEqual([{ name: 'typing', conversation: 'c1', user: 'ann', typing: false }]);
		expect(part.dueAt).toBeUndefined();
	});

	it('of a kind that expires go on where they are renewed at the last moment, before the next flush', () => {
		part.merge(typing('ann', 1));
		part.flush(1_000);
		const first = part.sequence;
		part.merge(typing('ann', 2));
		part.flush(1_000 + TYPING_MS);
		expect(told(first)).toMatchObject([{ user: 'ann', typing: true }]);
		part.flush(999 + 2 * TYPING_MS);
		expect(told(first)).toMatchObject([{ user: 'ann', typing: true }]);
		part.flush(1_000 + 2 * TYPING_MS);
		expect(told(first)).toMatchObject([{ user: 'ann', typing: false }]);
	});

	it('that were renewed end all the same when the load lets no signal through', () => {
		part.merge(typing('ann', 1));
		part.flush(1_000);
		const first = part.sequence;
		part.merge(typing('ann', 2));
		part.flush(1_000 + TYPING_MS, true);
		expect(told(first)).toMatchObject([{ user: 'ann', typing: false }]);
	});

	it('that ended are not revived by the same news, and are by newer ones', () => {
		part.merge(typing('ann', 1_000));
		part.flush(0);
		part.flush(TYPING_MS);
		part.merge(typing('ann', 1_000));
		expect(part.flush(TYPING_MS)).toBe(false);
		part.merge(typing('ann', 1_001));
		expect(part.flush(TYPING_MS)).toBe(true);
	});

	it('that were taken back do not end again', () => {
		part.merge(typing('ann', 1_000));
		part.flush(0);
		part.merge(typing('ann', 1_001, false));
		part.flush(1);
		expect(part.dueAt).toBeUndefined();
	});

	it('are bounded, and who finds no room any more ends', () => {
		const typists = new Set<unknown>();
		const take = (before: number) => {
			for (const { name, data } of new EventParser().feed(part.textFrom(before))) {
				if (name !== 'typing') throw new Error(name);
				if (data.typing) typists.add(data.user);
				else typists.delete(data.user);
			}
		};
		for (let user = 0; user < 1_000; user++) {
			const before = part.sequence;
			part.merge(typing(`u${user}`, user));
			part.flush(0);
			take(before);
		}
		expect(typists.size).toBe(100);
		const before = part.sequence;
		part.flush(TYPING_MS);
		take(before);
		expect([typists.size, part.dueAt]).toEqual([0, undefined]);
		// What is remembered is bounded, too.
		expect(told(0).length).toBeLessThanOrEqual(300);
	});
});

describe('viewers of values', () => {
	const step = fc.oneof(
		fc.record({
			kind: fc.constant('news' as const),
			region: fc.constantFrom('eu', 'us'),
			order: fc.integer({ min: 0, max: 30 }),
		}),
		fc.record({ kind: fc.constantFrom('stall', 'resume', 'leave', 'join'), viewer: fc.integer({ min: 0, max: 2 }) }),
		fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 100 }) }),
	);

	it('are told the newest in the end, whatever order news come in and whoever does not read', () => {
		fc.assert(
			fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
				const hub = new Hub({
					windowMs: 50,
					commentsPerSecond: 0,
					heartbeatMs: 15_000,
					blockedTimeoutMs: 30_000,
					lifetimeBye: () => new Uint8Array(),
					onCount: () => undefined,
					onUser: () => undefined,
				});
				const audience: (FakeViewer | undefined)[] = [];
				const newest = new Map<string, number>();
				let now = 0;
				const tell = (values: Values) =>
					hub.topics.deliver(new Map([['video:v1', { rows: {}, complete: true, sample: [], at: 0, values }]]));
				const join = { kind: 'join', viewer: 0 } as const;
				for (const [index, one] of [join, ...steps, join].entries()) {
					if (one.kind === 'pass') now += one.ms;
					else if (one.kind === 'news') {
						newest.set(one.region, Math.max(newest.get(one.region) ?? 0, one.order));
						tell(viewers(one.order, one.order, one.region));
					} else {
						const known = audience[one.viewer];
						if (one.kind === 'stall') known?.stall();
						else if (one.kind === 'resume') known?.resume(now);
						else if (one.kind === 'leave' && known !== undefined) {
							hub.disconnect(known.connection, now);
							audience[one.viewer] = undefined;
						} else if (one.kind === 'join' && known === undefined) {
							const joined = new FakeViewer(hub, `viewer-${index}`, { now });
							hub.subscribe(joined.connection, 'video:v1', now);
							audience[one.viewer] = joined;
						}
					}
					hub.run(now);
				}
				newest.set('eu', 99);
				tell(viewers(99, 99));
				while (hub.run(now) !== undefined) now += 50;
				const count = [...newest.values()].reduce((sum, one) => sum + one, 0);
				for (const known of audience) {
					known?.resume(now);
					const counts = known?.events.filter(({ name }) => name === 'viewers').map(({ data }) => data);
					if (known !== undefined) expect(counts?.at(-1)).toEqual({ video: 'v1', count });
				}
			}),
		);
	});
});

describe('the end of a video', () => {
	it('is told once, with the final totals, and to who comes later', () => {
		const hub = new Hub({
			windowMs: 50,
			commentsPerSecond: 0,
			heartbeatMs: 15_000,
			blockedTimeoutMs: 30_000,
			lifetimeBye: () => new Uint8Array(),
			onCount: () => undefined,
			onUser: () => undefined,
		});
		const early = new FakeViewer(hub, 'early');
		hub.subscribe(early.connection, 'video:v1', 0);
		const deliver = (hearts: readonly [number, number], endedAt?: number) => {
			const update = {
				rows: { eu: { epoch: 1, counts: { heart: hearts }, endedAt } },
				complete: true,
				sample: [],
				at: 0,
			};
			hub.topics.deliver(new Map([['video:v1', update]]));
		};
		deliver([3, 0]);
		hub.run(0);
		deliver([3, 0], 1_700_000_000_000);
		hub.run(100);
		deliver([3, 1], 1_700_000_000_000);
		hub.run(200);
		const late = new FakeViewer(hub, 'late');
		hub.subscribe(late.connection, 'video:v1', 300);
		const ends = (viewer: FakeViewer) => viewer.events.filter(({ name }) => name === 'ended').map(({ data }) => data);
		expect(ends(early)).toEqual([{ video: 'v1', totals: { heart: 3 } }]);
		expect(ends(late)).toEqual([{ video: 'v1', totals: { heart: 2 } }]);
		expect(early.likes.map(({ totals }) => totals.heart)).toEqual([3, 3, 2]);
	});
});
