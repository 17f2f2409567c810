import { type CounterRows, mergeLikes } from '../src/state/counters.ts';
import type { Changes, LikeCommand, Position, Store } from '../src/store/store.ts';
import { like } from './like-commands.ts';

/** A like of ann, with an id of its own. */
export const newLike = (topic?: string, type = 'heart'): LikeCommand => like({ ...(topic && { topic }), type });

/** All pages of a store from a position, and where they end. */
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

/** What pages tell together. */
export function sumOf(pages: readonly Changes[]): Map<string, CounterRows> {
	const sum = new Map<string, CounterRows>();
	for (const { rows } of pages) {
		for (const [topic, likes] of rows) sum.set(topic, mergeLikes(sum.get(topic) ?? {}, likes));
	}
	return sum;
}
