import { describe, expect, it } from 'vitest';
import { MAX_READS, TopicReads } from './topic-reads.ts';

describe('TopicReads', () => {
	it('returns each topic once, and a bounded number at a time', () => {
		const reads = new TopicReads();
		for (let index = 0; index <= MAX_READS; index++) for (const _ of [1, 2]) reads.want(`video:${index}`);
		expect(reads.take()).toHaveLength(MAX_READS);
		expect(reads.take()).toEqual([]);
		reads.done('video:0');
		expect(reads.take()).toEqual([`video:${MAX_READS}`]);
	});

	it('reads a topic once more after the read under way, only when that may have come too late', () => {
		const reads = new TopicReads();
		reads.want('video:a');
		expect(reads.take()).toEqual(['video:a']);
		reads.want('video:a');
		reads.done('video:a');
		expect(reads.take()).toEqual([]);
		reads.want('video:a');
		reads.take();
		reads.wantAgain('video:a');
		expect(reads.take()).toEqual([]);
		reads.done('video:a');
		expect(reads.take()).toEqual(['video:a']);
	});

	it('reads again what could not be read, unless it is wanted no more', () => {
		const reads = new TopicReads();
		for (const topic of ['video:a', 'video:b']) reads.want(topic);
		for (const topic of reads.take()) reads.failed(topic);
		expect(reads.take()).toEqual([]);
		reads.retry((topic) => topic === 'video:b');
		expect(reads.take()).toEqual(['video:b']);
	});
});
