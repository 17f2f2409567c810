import { describe, expect, it } from 'vitest';
import { Members, peerOf, settled, threeDispatchers } from '../../../test/members.ts';
import { Membership } from './membership.ts';

describe('Membership.takePings', () => {
	it('returns all nodes on a dispatcher, and the dispatchers and the Likes nodes on other nodes', () => {
		const members = new Members('dispatcher-1', 'dispatcher-2', 'frontend-1', 'frontend-2', 'likes-1');
		expect(new Set(members.ping())).toEqual(
			new Set(
				['frontend-1', 'frontend-2', 'likes-1']
					.flatMap((node) => ['dispatcher-1', 'dispatcher-2'].flatMap((of) => [`${node}>${of}`, `${of}>${node}`]))
					.concat('dispatcher-1>dispatcher-2', 'dispatcher-2>dispatcher-1', 'frontend-1>likes-1', 'frontend-2>likes-1'),
			),
		);
	});

	it('is due each second, and returns no node whose last ping has no answer', () => {
		const members = threeDispatchers();
		const { dueAt } = members.of('frontend-1');
		expect(dueAt).toBe(1_000);
		members.now = 999;
		expect(members.ping()).toEqual([]);
		const membership = members.of('frontend-1');
		expect(membership.takePings(1_000)).toHaveLength(4);
		expect(membership.takePings(2_000)).toEqual([]);
		membership.unanswered('dispatcher-2', 2_100);
		expect(membership.takePings(3_000)).toEqual(['dispatcher-2']);
	});

	it('is due at once for a new view', () => {
		const members = threeDispatchers();
		members.start('dispatcher-2', 2);
		members.of('dispatcher-1').received(members.identity('dispatcher-2'), members.now, true);
		expect(members.of('dispatcher-1').dueAt).toBe(Number.NEGATIVE_INFINITY);
		expect(members.of('dispatcher-1').takePings(members.now)).toEqual([
			'dispatcher-2',
			'dispatcher-3',
			'frontend-1',
			'likes-1',
		]);
	});

	it('leads to one ring of all dispatchers on all nodes', () => {
		const members = threeDispatchers();
		const views = ['dispatcher-1', 'dispatcher-2', 'dispatcher-3', 'frontend-1', 'likes-1'].map(
			(name) => members.of(name).view.ring.view,
		);
		expect(new Set(views).size).toBe(1);
		expect(members.ring('frontend-1')).toEqual(['dispatcher-1', 'dispatcher-2', 'dispatcher-3']);
	});
});

describe('Membership.statusOf', () => {
	it('is unknown at first, then alive, suspect after one missed ping, out after three, and alive with an answer', () => {
		const members = new Members('dispatcher-1', 'dispatcher-2', 'dispatcher-3', 'frontend-1');
		const status = () => members.of('frontend-1').statusOf('dispatcher-2');
		expect(status()).toBe('unknown');
		members.settle();
		expect(status()).toBe('alive');
		members.cut.add('frontend-1>dispatcher-2');
		members.now = 1_000;
		members.ping();
		expect([status(), members.ring('frontend-1').length]).toEqual(['suspect', 3]);
		members.now = 2_000;
		members.ping();
		expect([status(), members.ring('frontend-1').length]).toEqual(['suspect', 3]);
		members.now = 3_000;
		members.ping();
		expect([status(), members.ring('frontend-1')]).toEqual(['out', ['dispatcher-1', 'dispatcher-3']]);
		members.cut.clear();
		members.now = 4_000;
		members.ping();
		expect([status(), members.ring('frontend-1').length]).toEqual(['alive', 3]);
	});

	it('is out when the answers say that the pings of the peer do not arrive', () => {
		const members = threeDispatchers();
		members.cut.add('dispatcher-1>frontend-1');
		members.pass(3_000);
		expect(members.of('dispatcher-1').statusOf('frontend-1')).toBe('out');
		expect(members.of('frontend-1').statusOf('dispatcher-1')).toBe('out');
		expect(members.ring('frontend-1')).toEqual(['dispatcher-2', 'dispatcher-3']);
		members.cut.clear();
		members.pass(2_000);
		expect(members.ring('frontend-1')).toEqual(['dispatcher-1', 'dispatcher-2', 'dispatcher-3']);
	});

	it('keeps a frontend that reaches any dispatcher, and marks it as silent for the others', () => {
		const members = threeDispatchers();
		const frontends = () => [...members.of('dispatcher-1').view.frontends];
		members.cut.add('dispatcher-1>frontend-1');
		members.pass(10_000);
		expect(frontends()).toEqual(['frontend-1']);
		members.cut.add('frontend-1>dispatcher-1');
		members.pass(10_000);
		expect(frontends()).toEqual(['frontend-1']);
		expect([...members.of('dispatcher-1').view.silent]).toEqual(['frontend-1']);
		expect([...members.of('dispatcher-2').view.silent]).toEqual([]);
		for (const other of ['dispatcher-2', 'dispatcher-3']) {
			members.cut.add(`${other}>frontend-1`).add(`frontend-1>${other}`);
		}
		members.pass(10_000);
		expect(frontends()).toEqual([]);
		members.cut.clear();
		members.pass(1_000);
		expect(frontends()).toEqual(['frontend-1']);
		expect([...members.of('dispatcher-1').view.silent]).toEqual([]);
	});

	it('sorts Likes nodes behind those that answer pings', () => {
		const members = settled('dispatcher-1', 'likes-1', 'likes-2', 'likes-3');
		expect(members.of('dispatcher-1').view.likes).toEqual(['likes-1', 'likes-2', 'likes-3']);
		members.stop('likes-1');
		members.pass(1_000);
		expect(members.of('dispatcher-1').view.likes).toEqual(['likes-2', 'likes-3', 'likes-1']);
		members.of('likes-2').leave(members.now);
		members.pass(4_000);
		expect(members.of('dispatcher-1').view.likes).toEqual(['likes-3', 'likes-1', 'likes-2']);
	});
});

describe('Membership.view', () => {
	it('is the same object while nothing changes', () => {
		const members = threeDispatchers();
		const views = () => ['dispatcher-1', 'frontend-1', 'likes-1'].map((name) => members.of(name).view);
		const before = views();
		members.pass(20_000);
		for (const [index, view] of views().entries()) expect(view).toBe(before[index]);
	});

	it('includes new nodes at once, and pings them later when they may not know this node yet', () => {
		const membership = new Membership({ ...peerOf('dispatcher-1'), incarnation: 1 });
		membership.name([peerOf('dispatcher-2')], 1_000, 250);
		expect(membership.received({ node: 'dispatcher-2', incarnation: 1, view: '' }, 1_000)).toBe('received');
		expect([membership.takePings(1_001), membership.dueAt]).toEqual([[], 1_250]);
		expect([1_249, 1_250].map((now) => membership.isSettling('dispatcher-2', now))).toEqual([true, false]);
		expect(membership.takePings(1_250)).toEqual(['dispatcher-2']);
		membership.name(['dispatcher-2', 'dispatcher-3'].map(peerOf), 1_300, 250);
		expect(membership.takePings(1_549)).toEqual([]);
		expect(membership.takePings(1_550)).toEqual(['dispatcher-3']);
	});

	it('keeps its ring when only other parts change', () => {
		const members = threeDispatchers();
		const { view } = members.of('dispatcher-1');
		members.start('frontend-1', 2);
		members.settle();
		expect(members.of('dispatcher-1').view).not.toBe(view);
		expect(members.of('dispatcher-1').view.ring).toBe(view.ring);
	});

	it('forgets nodes that the list does not name, and adds new dispatchers after their first message', () => {
		const members = threeDispatchers();
		const membership = members.of('frontend-1');
		const named = membership.peers().filter(({ node }) => node !== 'dispatcher-2');
		membership.name(named, members.now);
		expect(members.ring('frontend-1')).toEqual(['dispatcher-1', 'dispatcher-3']);
		expect(membership.peer('dispatcher-2')).toBeUndefined();
		expect(membership.received(members.identity('dispatcher-2'), members.now)).toBe('foreign');
	});
});
