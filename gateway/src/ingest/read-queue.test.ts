import { describe, expect, it } from 'vitest';
import { ReadQueue } from './read-queue.ts';

describe('ReadQueue', () => {
	it('runs one read at a time, in order, also after one that fails', async () => {
		const queue = new ReadQueue();
		let running = 0;
		const order: number[] = [];
		const reads = Array.from({ length: 10 }, (_, index) =>
			queue.run(async () => {
				expect(++running).toBe(1);
				await new Promise(setImmediate);
				running--;
				order.push(index);
				if (index === 3) throw new Error('away');
				return index;
			}),
		);
		const settled = await Promise.allSettled(reads);
		expect(order).toEqual(settled.map((_, index) => index));
		expect(settled.map((one) => (one.status === 'fulfilled' ? one.value : 'failed'))).toEqual(
			order.map((index) => (index === 3 ? 'failed' : index)),
		);
	});

	it('refuses reads while 100 wait, and takes them later', async () => {
		const queue = new ReadQueue();
		const reads = Array.from({ length: 100 }, () => queue.run(() => new Promise(setImmediate)));
		await expect(queue.run(async () => 1)).rejects.toMatchObject({ code: 'overloaded', status: 503 });
		await Promise.all(reads);
		expect(await queue.run(async () => 1)).toBe(1);
	});
});
