import { describe, expect, it } from 'vitest';
import { GroupCommit } from './group-commit.ts';

const machine = () => new GroupCommit<string>({ windowMs: 5, maxBatch: 3, maxWaiting: 6 });

describe('GroupCommit', () => {
	it('commits the first item after a quiet time at once', () => {
		const commits = machine();
		commits.add('a');
		expect(commits.dueAt).toBeLessThanOrEqual(1_000);
		expect(commits.take(1_000)).toEqual(['a']);
	});

	it('commits the items of a window in one transaction, in order', () => {
		const commits = machine();
		commits.add('a');
		commits.take(1_000);
		commits.finish();
		commits.add('b');
		commits.add('c');
		expect(commits.dueAt).toBe(1_005);
		expect(commits.take(1_004)).toBeUndefined();
		expect(commits.take(1_005)).toEqual(['b', 'c']);
	});

	it('runs one transaction at a time', () => {
		const commits = machine();
		commits.add('a');
		commits.take(1_000);
		commits.add('b');
		expect(commits.dueAt).toBeUndefined();
		expect(commits.take(9_000)).toBeUndefined();
		commits.finish();
		expect(commits.take(9_000)).toEqual(['b']);
	});

	it('does not wait for the window once a batch is full', () => {
		const commits = machine();
		commits.add('a');
		commits.take(1_000);
		commits.finish();
		for (const item of ['b', 'c', 'd', 'e']) commits.add(item);
		expect(commits.take(1_000)).toEqual(['b', 'c', 'd']);
		commits.finish();
		expect(commits.dueAt).toBe(1_005);
		expect(commits.take(1_005)).toEqual(['e']);
	});

	it('refuses an item when too many wait, and accepts items again after a transaction', () => {
		const commits = machine();
		for (const item of ['a', 'b', 'c', 'd', 'e', 'f']) expect(commits.add(item)).toBe(true);
		expect(commits.add('g')).toBe(false);
		expect(commits.take(0)).toEqual(['a', 'b', 'c']);
		expect(commits.add('h')).toBe(true);
		commits.finish();
		expect(commits.take(100)).toEqual(['d', 'e', 'f']);
		commits.finish();
		expect(commits.take(200)).toEqual(['h']);
	});

	it('is idle when no item waits and no transaction runs', () => {
		const commits = machine();
		expect(commits.idle).toBe(true);
		commits.add('a');
		expect(commits.idle).toBe(false);
		commits.take(0);
		expect(commits.idle).toBe(false);
		commits.finish();
		expect(commits.idle).toBe(true);
		expect(commits.dueAt).toBeUndefined();
	});
});
