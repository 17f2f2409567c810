import { type CounterRows, mergeLikes } from '../src/state/counters.ts';
import type { Changes, LikeCommand, Position, Store } from '../src/store/store.ts';
import { like } from './like-commands.ts';

/** Returns a like of ann with a new id. */
export const newLike = (topic?: string, type = 'heart'): LikeCommand => like({ ...(topic && { topic }), type });

/** Resolves with all pages of a store since a position, and with the position after them. */
export async function allChanges(
	store: Store,
	since?: Position,
	limit = 1_000,
): Promise<{ pages: Changes[]; next: Position }> {
	const pages: Changes[] = [];
	for (let from = since; ; ) {
		const page = await store.changes(from, limit);
		pages.push(page);
		from = page.next;
		if (!page.more) return { pages, next: page.next };
	}
}

/** Returns the merged rows of pages. */
export function sumOf(pages: readonly Changes[]): Map<string, CounterRows> {
	const sum = new Map<string, CounterRows>();
	for (const { rows } of pages) {
		for (const [topic, likes] of rows) sum.set(topic, mergeLikes(sum.get(topic) ?? {}, likes));
	}
	return sum;
}
