import { expect, it, vi } from 'vitest';
import { SingleFlight } from './single-flight.ts';

/** A read that the test answers. */
function reading() {
	const answers: ((answer: number) => void)[] = [];
	const failures: ((error: Error) => void)[] = [];
	const read = vi.fn(
		() =>
			new Promise<number>((resolve, reject) => {
				answers.push(resolve);
				failures.push(reject);
			}),
	);
	return { read, answers, failures };
}

it('shares one answer among callers with the same question', async () => {
	const reads = new SingleFlight<number>();
	const { read, answers } = reading();
	const asked = Array.from({ length: 10_000 }, () => reads.get('v1', 'first', 0, read));
	expect(read).toHaveBeenCalledTimes(1);
	answers[0]?.(7);
	expect(new Set(await Promise.all(asked))).toEqual(new Set([7]));
	reads.get('v1', 'first', 0, read);
	expect(read).toHaveBeenCalledTimes(2);
});

it('keeps an answer for `keepMs`', async () => {
	const reads = new SingleFlight<number>();
	const read = vi.fn(async () => 1);
	await reads.get('v1', 'first', 40, read);
	await reads.get('v1', 'first', 40, read);
	expect(read).toHaveBeenCalledTimes(1);
	await expect
		.poll(async () => {
			await reads.get('v1', 'first', 40, read);
			return read.mock.calls.length;
		})
		.toBe(2);
});

it('reads separately for other questions and other subjects', async () => {
	const reads = new SingleFlight<number>();
	const answers = await Promise.all([
		reads.get('v1', 'first', 1_000, async () => 1),
		reads.get('v1', 'second', 1_000, async () => 2),
		reads.get('v2', 'first', 1_000, async () => 3),
	]);
	expect(answers).toEqual([1, 2, 3]);
});

it('returns no answer from before a change of the subject, also when that arrives later', async () => {
	const reads = new SingleFlight<number>();
	const { read, answers } = reading();
	const before = reads.get('v1', 'first', 1_000, read);
	reads.forget('v1');
	const after = reads.get('v1', 'first', 1_000, read);
	answers[1]?.(2);
	expect(await after).toBe(2);
	answers[0]?.(1);
	expect(await before).toBe(1);
	expect(await reads.get('v1', 'first', 1_000, read)).toBe(2);
	expect(read).toHaveBeenCalledTimes(2);
});

it('rejects the callers that wait with a failure, and does not keep it', async () => {
	const reads = new SingleFlight<number>();
	const { read, failures } = reading();
	const asked = [reads.get('v1', 'first', 1_000, read), reads.get('v1', 'first', 1_000, read)];
	failures[0]?.(new Error('away'));
	for (const answer of asked) await expect(answer).rejects.toThrow('away');
	expect(await reads.get('v1', 'first', 1_000, async () => 5)).toBe(5);
});
