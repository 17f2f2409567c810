import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Members, peerOf } from '../../../test/members.ts';
import { Membership } from './membership.ts';

const three = () => settled('dispatcher-1', 'dispatcher-2', 'dispatcher-3', 'frontend-1', 'likes-1');

function settled(...names: string[]): Members {
	const members = new Members(...names);
	members.settle();
	return members;
}

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
		const members = three();
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
		const members = three();
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
		const members = three();
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
		const members = three();
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
		const members = three();
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

describe('Membership with a second node of one name', () => {
	it('refuses it while the first node answers at its address, and pings that address at once', () => {
		const members = three();
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
		const members = three();
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
		const members = three();
		members.stop('frontend-1');
		members.pass(2_000);
		const second = { node: 'frontend-1', incarnation: 2, view: 'x' };
		expect(members.of('dispatcher-1').received(second, members.now)).toBe('received');
	});
});

describe('Membership of a node that is cut off', () => {
	it.each([1, 2, 6, 9])('drops at most a third of %i dispatchers at once', (others) => {
		const names = Array.from({ length: others }, (_, index) => `dispatcher-${index + 1}`);
		const members = settled('frontend-1', ...names);
		for (const name of names) members.cut.add(`frontend-1>${name}`);
		const sizes = [members.ring('frontend-1').length];
		for (let second = 0; second < 40; second++) {
			members.now += 1_000;
			members.settle();
			sizes.push(members.ring('frontend-1').length);
		}
		for (const [index, size] of sizes.entries()) {
			const before = sizes[index - 1] ?? size;
			expect(before - size).toBeLessThanOrEqual(Math.max(1, Math.floor(before / 3)));
			// It drops no further one in the next two seconds.
			if (size < before) expect(new Set(sizes.slice(index, index + 3)).size).toBe(1);
		}
		expect(sizes.slice(0, 3)).toEqual([others, others, others]);
		expect(sizes.at(-1)).toBe(0);
	});

	it('never drops more at once while random links fail, and has all dispatchers after they work again', () => {
		const names = ['dispatcher-1', 'dispatcher-2', 'dispatcher-3', 'dispatcher-4', 'frontend-1'];
		const link = fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names));
		fc.assert(
			fc.property(fc.array(fc.array(link, { maxLength: 12 }), { maxLength: 20 }), (seconds) => {
				const members = settled(...names);
				for (const cut of seconds) {
					members.cut.clear();
					for (const [from, to] of cut) members.cut.add(`${from}>${to}`);
					const before = names.map((name) => members.ring(name));
					members.now += 1_000;
					members.settle();
					for (const [index, name] of names.entries()) {
						const left = members.ring(name);
						const lost = before[index]?.filter((node) => !left.includes(node)) ?? [];
						expect(lost.length).toBeLessThanOrEqual(1);
					}
				}
				members.cut.clear();
				members.pass(3_000);
				const views = new Set(names.map((name) => members.of(name).view.ring.view));
				expect([views.size, members.ring('frontend-1').length]).toEqual([1, 4]);
			}),
			{ numRuns: 50 },
		);
	});
});

describe('Membership of a node that stops', () => {
	it('removes it from all rings with one ping', () => {
		const members = three();
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
		const members = three();
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
		const membership = three().of('dispatcher-1');
		for (const node of ['frontend-2', '', '__proto__', 'constructor']) {
			expect(membership.received({ node, incarnation: 1, view: '' }, 0)).toBe('foreign');
		}
	});

	it('returns double for another node with the own name, and changes nothing', () => {
		const members = three();
		const membership = members.of('dispatcher-1');
		const { view } = membership;
		for (const incarnation of [0, 2]) {
			expect(membership.received({ node: 'dispatcher-1', incarnation, view: 'x' }, 0)).toBe('double');
		}
		expect(membership.received(members.identity('dispatcher-1'), 0)).toBe('received');
		expect(membership.view).toBe(view);
	});

	it('returns stale for an earlier life while the later one sends messages', () => {
		const members = three();
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
		const members = three();
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
		const members = three();
		members.stop('dispatcher-2');
		members.pass(5_000);
		expect(members.of('frontend-1').statusOf('dispatcher-2')).toBe('out');
		members.start('dispatcher-2', 2);
		members.of('frontend-1').received(members.identity('dispatcher-2'), members.now);
		expect(members.of('frontend-1').statusOf('dispatcher-2')).toBe('alive');
	});

	it('accepts the views that a node named in a ping, and only its own', () => {
		const members = three();
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

describe('Membership.view', () => {
	it('is the same object while nothing changes', () => {
		const members = three();
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
		const members = three();
		const { view } = members.of('dispatcher-1');
		members.start('frontend-1', 2);
		members.settle();
		expect(members.of('dispatcher-1').view).not.toBe(view);
		expect(members.of('dispatcher-1').view.ring).toBe(view.ring);
	});

	it('forgets nodes that the list does not name, and adds new dispatchers after their first message', () => {
		const members = three();
		const membership = members.of('frontend-1');
		const named = membership.peers().filter(({ node }) => node !== 'dispatcher-2');
		membership.name(named, members.now);
		expect(members.ring('frontend-1')).toEqual(['dispatcher-1', 'dispatcher-3']);
		expect(membership.peer('dispatcher-2')).toBeUndefined();
		expect(membership.received(members.identity('dispatcher-2'), members.now)).toBe('foreign');
	});
});
