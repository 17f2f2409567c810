import { describe, expect, it } from 'vitest';
import { MAX_READS, TopicReads } from './topic-reads.ts';

describe('TopicReads', () => {
	it('returns each topic once, and at most 64 at a time', () => {
		const reads = new TopicReads();
		for (let index = 0; index <= MAX_READS; index++) for (const _ of [1, 2]) reads.want(`video:${index}`);
		expect(reads.take()).toHaveLength(MAX_READS);
		expect(reads.take()).toEqual([]);
		reads.done('video:0');
		expect(reads.take()).toEqual([`video:${MAX_READS}`]);
	});

	it('reads a topic again after the read under way only on `wantAgain`', () => {
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

	it('repeats failed reads of topics that are still wanted', () => {
		const reads = new TopicReads();
		for (const topic of ['video:a', 'video:b']) reads.want(topic);
		for (const topic of reads.take()) reads.failed(topic);
		expect(reads.take()).toEqual([]);
		reads.retry((topic) => topic === 'video:b');
		expect(reads.take()).toEqual(['video:b']);
	});
});
