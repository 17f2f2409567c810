import { TYPING_MS } from '@likewire/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { EventParser } from '../../../test/event-parser.ts';
import { type Register, regionKey } from '../../state/kinds/register.ts';
import type { Values } from '../../state/registers.ts';
import { ValuesSection } from './values-section.ts';

const register = (order: number, value: unknown): Register => ({ order, value, from: 'eu' });
const typing = (user: string, order: number, value = true): Values => ({ typing: { [user]: register(order, value) } });
const viewers = (order: number, count: number, region = 'eu'): Values => ({
	viewers: { [region]: register(order, count) },
});

describe('ValuesSection', () => {
	let part: ValuesSection;
	beforeEach(() => {
		part = new ValuesSection('conversation:c1');
		part.flush(0);
	});

	function eventsFrom(by: number | undefined) {
		return new EventParser().feed(part.textFrom(by)).map(({ name, data }) => ({ name, ...data }));
	}

	it('sends each viewer the newest values that changed since its last flush', () => {
		part.merge({ ...viewers(1, 3), ...typing('ann', 1) });
		part.flush(0);
		const first = part.sequence;
		part.merge(viewers(2, 4));
		part.merge(viewers(3, 5));
		part.flush(10);
		expect(eventsFrom(first)).toEqual([{ name: 'viewers', video: 'c1', count: 5 }]);
		expect(eventsFrom(part.sequence)).toEqual([]);
	});

	it('sends changes under names that all objects have, such as constructor', () => {
		const names = ['constructor', 'toString', 'valueOf', 'hasOwnProperty'];
		for (const [order, value] of [true, false, true].entries()) {
			for (const name of names) part.merge(typing(name, order + 1, value));
			const before = part.sequence;
			part.flush(order);
			expect(eventsFrom(before)).toMatchObject(names.map((user) => ({ user, typing: value })));
		}
		const before = part.sequence;
		part.flush(2 + TYPING_MS);
		expect(eventsFrom(before)).toMatchObject(names.map((user) => ({ user, typing: false })));
	});

	it('under load sends counters, delays signals that are kept, and drops the others', () => {
		// This signal came before the load.
		part.merge(typing('bob', 1));
		const update = { ...viewers(1, 3), presence: { eu: register(1, { online: true, lastSeen: 1 }) } };
		part.merge({ ...update, ...typing('ann', 1) }, true);
		part.flush(0, true);
		expect(eventsFrom(0)).toEqual([{ name: 'viewers', video: 'c1', count: 3 }]);
		expect(part.takeShed()).toBe(2);
		expect(part.isFresh(true)).toBe(false);
		const before = part.sequence;
		expect(part.isFresh()).toBe(true);
		part.flush(10);
		expect(eventsFrom(before)).toEqual([{ name: 'presence', user: 'c1', online: true, lastSeen: 1 }]);
		expect(part.takeShed()).toBe(0);
	});

	it('keeps nothing of shed signals, and still ends an earlier value', () => {
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
		expect(eventsFrom(before)).toEqual([{ name: 'typing', conversation: 'c1', user: 'bob', typing: false }]);
	});

	it('sends signals that came before it was complete to viewers of the first flush', () => {
		const fresh = new ValuesSection('conversation:c1');
		fresh.merge({ ...viewers(1, 3), ...typing('ann', 1) });
		fresh.flush(0);
		const first = fresh.sequence;
		expect([fresh.isFresh(), fresh.flush(50)]).toEqual([true, true]);
		const events = new EventParser().feed(fresh.textFrom(first));
		expect(events.map(({ data }) => data)).toEqual([{ conversation: 'c1', user: 'ann', typing: true }]);
	});

	it('sends new viewers that an unknown user is offline', () => {
		const person = new ValuesSection('user:eve');
		const events = new EventParser().feed(person.textFrom(undefined));
		expect(events.map(({ data }) => data)).toEqual([{ user: 'eve', online: false, lastSeen: null }]);
		expect(person.textFrom(0)).toBe('');
	});

	it('sends new viewers only values that are kept', () => {
		part.merge({ ...viewers(1, 3), ...typing('ann', 1) });
		part.flush(0);
		expect(eventsFrom(undefined)).toEqual([{ name: 'viewers', video: 'c1', count: 3 }]);
	});

	it('ignores old values', () => {
		part.merge(typing('ann', 5));
		part.flush(0);
		part.merge(typing('ann', 5));
		part.merge(typing('ann', 4, false));
		expect([part.isFresh(), part.flush(1)]).toEqual([false, false]);
	});

	it('sends signals of two regions whose clocks are one day apart', () => {
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
			return eventsFrom(before);
		});
		const typed = (value: boolean) => [{ name: 'typing', conversation: 'c1', user: 'ann', typing: value }];
		expect(seen).toEqual([true, true, true, false, true].map(typed));
	});

	it('ends values of a kind that expires, unless a signal renews them', () => {
		part.merge(typing('ann', 1_000));
		part.flush(0);
		part.merge(typing('ann', 5_000));
		part.flush(4_000);
		expect(part.dueAt).toBe(4_000 + TYPING_MS);
		expect(part.flush(4_000 + TYPING_MS - 1)).toBe(false);
		const before = part.sequence;
		expect(part.flush(4_000 + TYPING_MS)).toBe(true);
		expect(eventsFrom(before)).toEqual([{ name: 'typing', conversation: 'c1', user: 'ann', typing: false }]);
		expect(part.dueAt).toBeUndefined();
	});

	it('keeps a value that a signal renews at the last moment, before the next flush', () => {
		part.merge(typing('ann', 1));
		part.flush(1_000);
		const first = part.sequence;
		part.merge(typing('ann', 2));
		part.flush(1_000 + TYPING_MS);
		expect(eventsFrom(first)).toMatchObject([{ user: 'ann', typing: true }]);
		part.flush(999 + 2 * TYPING_MS);
		expect(eventsFrom(first)).toMatchObject([{ user: 'ann', typing: true }]);
		part.flush(1_000 + 2 * TYPING_MS);
		expect(eventsFrom(first)).toMatchObject([{ user: 'ann', typing: false }]);
	});

	it('ends a renewed value when the load lets no signal through', () => {
		part.merge(typing('ann', 1));
		part.flush(1_000);
		const first = part.sequence;
		part.merge(typing('ann', 2));
		part.flush(1_000 + TYPING_MS, true);
		expect(eventsFrom(first)).toMatchObject([{ user: 'ann', typing: false }]);
	});

	it('revives an ended value only with a newer update', () => {
		part.merge(typing('ann', 1_000));
		part.flush(0);
		part.flush(TYPING_MS);
		part.merge(typing('ann', 1_000));
		expect(part.flush(TYPING_MS)).toBe(false);
		part.merge(typing('ann', 1_001));
		expect(part.flush(TYPING_MS)).toBe(true);
	});

	it('ends a value that was taken back only once', () => {
		part.merge(typing('ann', 1_000));
		part.flush(0);
		part.merge(typing('ann', 1_001, false));
		part.flush(1);
		expect(part.dueAt).toBeUndefined();
	});

	it('bounds its values, and ends a value that finds no room', () => {
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
		// The remembered keys are bounded, too.
		expect(eventsFrom(0).length).toBeLessThanOrEqual(300);
	});
});
