import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Gateway } from '../gateway-access.ts';
import { createTopic } from '../topics/topic.ts';
import { createOwnTyping } from './own-typing.ts';
import { createTypists } from './typing.ts';

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

function talk() {
	const sent: boolean[] = [];
	const signal: Gateway['signal'] = async (_, body) => {
		sent.push((body as { typing: boolean }).typing);
	};
	const topic = createTopic('conversation:c1', { write: () => new Promise(() => {}) });
	return { topic, signal, sent };
}

it('createOwnTyping sends one signal each 3 seconds however fast the user types, and the end 6 seconds after the last key', async () => {
	const { topic, signal, sent } = talk();
	const typing = topic.part(createOwnTyping, { signal });
	for (let ms = 0; ms < 7_000; ms += 100) {
		typing(true);
		await vi.advanceTimersByTimeAsync(100);
	}
	expect(sent).toEqual([true, true, true]);
	await vi.advanceTimersByTimeAsync(5_800);
	expect(sent).toEqual([true, true, true, true, true]);
	await vi.advanceTimersByTimeAsync(200);
	expect(sent).toEqual([true, true, true, true, true, false]);
	await vi.advanceTimersByTimeAsync(60_000);
	expect(sent).toHaveLength(6);
	expect(vi.getTimerCount()).toBe(0);
});

it('createTypists removes a user after 12 seconds without an update', () => {
	const { topic } = talk();
	const typists = topic.part(createTypists);
	typists.set('ann', true);
	vi.advanceTimersByTime(11_000);
	typists.set('ann', true);
	vi.advanceTimersByTime(11_999);
	expect(typists.users).toEqual(['ann']);
	vi.advanceTimersByTime(1);
	expect(typists.users).toEqual([]);
	typists.set('ann', true);
	topic.life.emit('left', undefined);
	expect(vi.getTimerCount()).toBe(0);
});
