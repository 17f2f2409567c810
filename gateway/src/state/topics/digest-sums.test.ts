import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DIGEST_BUCKETS, type DigestedTopic, DigestSums } from './digest-sums.ts';

/** The sums of topics that change, and the topics as they are. */
class Side {
	readonly topics = new Map<string, DigestedTopic>();
	readonly sums = new DigestSums((topic) => this.topics.get(topic));

	set(topic: string, now: DigestedTopic | undefined): void {
		if (now === undefined) this.topics.delete(topic);
		else this.topics.set(topic, now);
		this.sums.touch(topic);
	}

	/** Returns the sums of the same topics, of which each came once. */
	again(): DigestSums {
		const side = new Side();
		for (const [topic, now] of [...this.topics].reverse()) side.set(topic, now);
		return side.sums;
	}
}

const text = ({ rows, states, buckets }: DigestSums) => ({ rows, states, buckets });

const name = fc.oneof(fc.constantFrom('video:a', 'video:b', 'user:c', 'x'), fc.string());
const topic = fc.record({ count: fc.nat(3), hash: fc.option(fc.nat({ max: 2 ** 32 - 1 }), { nil: undefined }) });
const change = fc.tuple(name, fc.option(topic, { nil: undefined }), fc.boolean());

describe('DigestSums', () => {
	it('equals, after any changes, the sums of the same topics from the beginning', () => {
		fc.assert(
			fc.property(fc.array(change, { maxLength: 60, size: 'max' }), (changes) => {
				const side = new Side();
				for (const [at, now, isAsked] of changes) {
					side.set(at, now);
					if (isAsked) expect(text(side.sums)).toEqual(text(side.again()));
				}
				expect(text(side.sums)).toEqual(text(side.again()));
				expect(side.sums.topics().sort()).toEqual([...side.topics.keys()].sort());
				const all = side.sums.topicsIn(Array(DIGEST_BUCKETS).keys());
				expect(all.sort()).toEqual([...side.topics.keys()].sort());
			}),
		);
	});

	it('names the buckets of exactly the topics that differ', () => {
		const names = fc.uniqueArray(name, { minLength: 1, maxLength: 40 });
		fc.assert(
			fc.property(names, topic, fc.array(fc.nat(2), { minLength: 40, maxLength: 40 }), (all, now, kinds) => {
				const [one, other] = [new Side(), new Side()];
				const different = new Set<string>();
				for (const [index, at] of all.entries()) {
					one.set(at, now);
					if (kinds[index] === 0) other.set(at, now);
					else different.add(at);
					if (kinds[index] === 1) other.set(at, { ...now, count: now.count + 1 });
				}
				const buckets = one.sums.differing(other.sums.buckets);
				expect(other.sums.differing(one.sums.buckets)).toEqual(buckets);
				const listed = new Set(one.sums.topicsIn(buckets));
				for (const at of different) expect(listed).toContain(at);
				expect(buckets.length).toBeLessThanOrEqual(different.size);
			}),
		);
	});

	it('has another sum of rows for another count, and another one of states for another hash', () => {
		const one = new Side();
		one.set('video:a', { count: 1, hash: 5 });
		const before = text(one.sums);
		one.set('video:a', { count: 2, hash: 5 });
		expect(one.sums.rows).not.toBe(before.rows);
		expect(one.sums.states).toBe(before.states);
		for (const hash of [6, 0, undefined]) {
			one.set('video:a', { count: 1, hash });
			expect(one.sums.rows).toBe(before.rows);
			expect(one.sums.states).not.toBe(before.states);
		}
		one.set('video:a', { count: 1, hash: 5 });
		expect(text(one.sums)).toEqual(before);
	});

	it('spreads topics with names in order evenly over the buckets', () => {
		const side = new Side();
		const topics = 100 * DIGEST_BUCKETS;
		for (let index = 0; index < topics; index++) side.set(`video:bench-${index}`, { count: 1, hash: 1 });
		const sizes = Array.from({ length: DIGEST_BUCKETS }, (_, bucket) => side.sums.topicsIn([bucket]).length);
		expect(Math.max(...sizes)).toBeLessThan(160);
		expect(Math.min(...sizes)).toBeGreaterThan(50);
	});

	it('takes sums of another length as different', () => {
		const side = new Side();
		side.set('video:a', { count: 1, hash: 5 });
		for (const buckets of ['', 'AAAA', '!', 'A'.repeat(10_000)]) {
			expect(side.sums.differing(buckets)).toHaveLength(DIGEST_BUCKETS);
		}
	});
});
