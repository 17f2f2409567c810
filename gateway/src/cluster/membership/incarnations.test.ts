import { describe, expect, it } from 'vitest';
import { threeDispatchers } from '../../../test/members.ts';

describe('Membership with a second node of one name', () => {
	it('refuses it while the first node answers at its address, and pings that address at once', () => {
		const members = threeDispatchers();
		const membership = members.of('dispatcher-1');
		const second = { node: 'frontend-1', incarnation: 2, view: 'x' };
		expect(membership.received(second, members.now)).toBe('double');
		expect(membership.takePings(members.now)).toEqual(['frontend-1']);
		membership.unanswered('frontend-1', members.now);
		members.pass(5_000);
		expect(membership.received(second, members.now)).toBe('double');
		expect(membership.view.incarnations.get('frontend-1')).toBe(1);
	});

	it('takes it for the next life of the first node when it answers at that address, or after the first one left', () => {
		const members = threeDispatchers();
		const membership = members.of('dispatcher-1');
		members.start('frontend-1', 2);
		expect(membership.received(members.identity('frontend-1'), members.now)).toBe('double');
		expect(membership.received(members.identity('frontend-1'), members.now, true)).toBe('received');
		members.of('frontend-1').leave(members.now);
		members.settle();
		members.pass(1_000);
		members.start('frontend-1', 3);
		expect(membership.received(members.identity('frontend-1'), members.now)).toBe('received');
	});

	it('accepts it once the first node has been silent for 3 s', () => {
		const members = threeDispatchers();
		members.stop('frontend-1');
		members.pass(2_000);
		const second = { node: 'frontend-1', incarnation: 2, view: 'x' };
		expect(members.of('dispatcher-1').received(second, members.now)).toBe('received');
	});
});

describe('Membership of a node that stops', () => {
	it('removes it from all rings with one ping', () => {
		const members = threeDispatchers();
		members.of('dispatcher-2').leave(members.now);
		members.ping();
		for (const name of ['dispatcher-1', 'dispatcher-2', 'frontend-1', 'likes-1']) {
			expect([name, members.ring(name)]).toEqual([name, ['dispatcher-1', 'dispatcher-3']]);
		}
		expect(members.of('frontend-1').statusOf('dispatcher-2')).toBe('leaving');
		members.pass(5_000);
		expect(members.ring('frontend-1')).toEqual(['dispatcher-1', 'dispatcher-3']);
	});

	it('adds it to the ring under another view after a restart', () => {
		const members = threeDispatchers();
		const { view } = members.identity('frontend-1');
		members.of('dispatcher-2').leave(members.now);
		members.settle();
		members.start('dispatcher-2', 2);
		members.settle();
		expect(members.ring('frontend-1')).toEqual(['dispatcher-1', 'dispatcher-2', 'dispatcher-3']);
		expect(members.identity('frontend-1').view).not.toBe(view);
		expect(members.of('frontend-1').view.incarnations.get('dispatcher-2')).toBe(2);
	});
});

describe('Membership.received', () => {
	it('returns foreign for a node that is not among the peers', () => {
		const membership = threeDispatchers().of('dispatcher-1');
		for (const node of ['frontend-2', '', '__proto__', 'constructor']) {
			expect(membership.received({ node, incarnation: 1, view: '' }, 0)).toBe('foreign');
		}
	});

	it('returns double for another node with the own name, and changes nothing', () => {
		const members = threeDispatchers();
		const membership = members.of('dispatcher-1');
		const { view } = membership;
		for (const incarnation of [0, 2]) {
			expect(membership.received({ node: 'dispatcher-1', incarnation, view: 'x' }, 0)).toBe('double');
		}
		expect(membership.received(members.identity('dispatcher-1'), 0)).toBe('received');
		expect(membership.view).toBe(view);
	});

	it('returns stale for an earlier life while the later one sends messages', () => {
		const members = threeDispatchers();
		const former = members.identity('dispatcher-2');
		members.start('dispatcher-2', 2);
		members.settle();
		const membership = members.of('dispatcher-1');
		expect(membership.received(former, members.now)).toBe('stale');
		members.pass(10_000);
		expect(membership.received(former, members.now + 2_999)).toBe('stale');
		expect(membership.view.incarnations.get('dispatcher-2')).toBe(2);
	});

	it('accepts a lower incarnation after a clock was set back, once the higher one is silent', () => {
		const members = threeDispatchers();
		members.start('dispatcher-2', 9);
		members.settle();
		members.start('dispatcher-2', 5);
		members.settle();
		expect(members.of('frontend-1').view.incarnations.get('dispatcher-2')).toBe(9);
		members.pass(5_000);
		expect(members.of('frontend-1').view.incarnations.get('dispatcher-2')).toBe(5);
		expect(members.of('frontend-1').statusOf('dispatcher-2')).toBe('alive');
	});

	it('resets the missed pings of a node with a new life', () => {
		const members = threeDispatchers();
		members.stop('dispatcher-2');
		members.pass(5_000);
		expect(members.of('frontend-1').statusOf('dispatcher-2')).toBe('out');
		members.start('dispatcher-2', 2);
		members.of('frontend-1').received(members.identity('dispatcher-2'), members.now);
		expect(members.of('frontend-1').statusOf('dispatcher-2')).toBe('alive');
	});

	it('accepts the views that a node named in a ping, and only its own', () => {
		const members = threeDispatchers();
		const membership = members.of('dispatcher-1');
		const word = { ...members.identity('frontend-1'), view: 'ffffffffffffffff' };
		membership.received(word, 0);
		expect(membership.isIntroduced('frontend-1', word.view)).toBe(false);
		membership.pinged(word, false, 0);
		expect(membership.isIntroduced('frontend-1', word.view)).toBe(true);
		expect(membership.isIntroduced('frontend-2', word.view)).toBe(false);
		expect(membership.isIntroduced('likes-1', word.view)).toBe(false);
		expect(membership.isIntroduced('frontend-2', membership.view.ring.view)).toBe(true);
	});
});
