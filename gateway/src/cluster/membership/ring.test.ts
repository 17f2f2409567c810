import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ring, type RingMember } from './ring.ts';

const ringOf = (...nodes: string[]) => new Ring(nodes.map((node) => ({ node, incarnation: 1 })));
const named = (count: number) => Array.from({ length: count }, (_, index) => `dispatcher-${index + 1}`);
const topics = (count: number) => Array.from({ length: count }, (_, index) => `video:v${index}`);

describe('Ring', () => {
	it('returns the recorded owners in every process', () => {
		const ring = ringOf(...named(4));
		const owners = Object.fromEntries(
			[...topics(8), 'video:', 'video:ü~:._-'].map((topic) => [topic, ring.owner(topic)]),
		);
		expect(owners).toMatchInlineSnapshot(`
			{
			  "video:": "dispatcher-4",
			  "video:v0": "dispatcher-2",
			  "video:v1": "dispatcher-3",
			  "video:v2": "dispatcher-2",
			  "video:v3": "dispatcher-3",
			  "video:v4": "dispatcher-3",
			  "video:v5": "dispatcher-1",
			  "video:v6": "dispatcher-2",
			  "video:v7": "dispatcher-3",
			  "video:ü~:._-": "dispatcher-3",
			}
		`);
		expect(ring.view).toMatchInlineSnapshot(`"714e52ef798cbdbc"`);
		expect(ringOf().view).toMatchInlineSnapshot(`"ab3e7c0bcc1116a1"`);
	});

	it('returns no owner without dispatchers', () => {
		expect(ringOf().owner('video:v1')).toBeUndefined();
		expect(ringOf().shares()).toEqual(new Map());
	});

	const someNodes = fc.uniqueArray(fc.stringMatching(/^[\w.~:-]{1,20}$/), { minLength: 1, maxLength: 12 });

	it('returns one of its dispatchers for every topic', () => {
		fc.assert(
			fc.property(someNodes, fc.string(), (nodes, topic) => {
				expect(nodes).toContain(ringOf(...nodes).owner(topic));
			}),
		);
	});

	it('does not depend on the order of its dispatchers', () => {
		fc.assert(
			fc.property(someNodes, fc.array(fc.string()), (nodes, some) => {
				const [ring, other] = [ringOf(...nodes), ringOf(...[...nodes].reverse())];
				expect(other.view).toBe(ring.view);
				for (const topic of some) expect(other.owner(topic)).toBe(ring.owner(topic));
			}),
		);
	});

	it('moves only the topics of a dispatcher that leaves', () => {
		fc.assert(
			fc.property(someNodes, fc.nat(), fc.array(fc.string(), { minLength: 20 }), (nodes, index, some) => {
				const gone = nodes[index % nodes.length];
				const [before, after] = [ringOf(...nodes), ringOf(...nodes.filter((node) => node !== gone))];
				for (const topic of some) {
					const owner = before.owner(topic);
					if (owner !== gone) expect(after.owner(topic)).toBe(owner);
				}
			}),
		);
	});

	it('has a name that depends on the ids and the incarnations of its dispatchers', () => {
		const members: RingMember[] = [
			{ node: 'a', incarnation: 1 },
			{ node: 'b', incarnation: 2 },
		];
		const views = new Set([
			new Ring(members).view,
			new Ring(members.slice(1)).view,
			new Ring([{ node: 'a', incarnation: 2 }, members[1] as RingMember]).view,
			new Ring([{ node: 'a', incarnation: 12 }]).view,
			new Ring([{ node: 'a1', incarnation: 2 }]).view,
		]);
		expect(views.size).toBe(5);
		for (const view of views) expect(view).toMatch(/^[0-9a-f]{16}$/);
	});

	it('keeps all owners when a dispatcher restarts', () => {
		const restarted = new Ring(named(3).map((node, index) => ({ node, incarnation: index === 1 ? 99 : 1 })));
		for (const topic of topics(1_000)) expect(restarted.owner(topic)).toBe(ringOf(...named(3)).owner(topic));
	});

	it('gives none of ten dispatchers a quarter more topics than the mean', () => {
		const ring = ringOf(...named(10));
		const counts = new Map<string, number>();
		for (const topic of topics(100_000)) {
			const owner = ring.owner(topic) ?? '';
			counts.set(owner, (counts.get(owner) ?? 0) + 1);
		}
		expect(Math.max(...counts.values()) / 10_000).toBeLessThan(1.25);
	});

	it('returns the shares of its dispatchers, which match the owners of topics', () => {
		const ring = ringOf(...named(5));
		const shares = ring.shares();
		expect([...shares.values()].reduce((sum, share) => sum + share)).toBeCloseTo(1, 10);
		const found = topics(50_000).filter((topic) => ring.owner(topic) === 'dispatcher-1').length / 50_000;
		expect(Math.abs(found - (shares.get('dispatcher-1') ?? 0))).toBeLessThan(0.02);
	});
});
