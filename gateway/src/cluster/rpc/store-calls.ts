import type { z } from 'zod';
import type { CounterRows } from '../../state/counters.ts';
import { MAX_UPDATE_EVENTS } from '../../state/log.ts';
import type { Known } from '../../state/update.ts';
import type { Reached } from '../../store/store.ts';
import { MAX_HALVINGS } from './batches.ts';
import { eventsAnswer, findAnswer, MAX_TOPICS, missingAnswer } from './log-messages.ts';
import { changesAnswer, knownMessage, positionsAnswer } from './messages.ts';
import { eventPages, PAGE_BYTES, rowPages, valuePages } from './pagination.ts';
import { PeerError, PeerTooLongError } from './peer-client.ts';
import { peerPaths } from './peer-paths.ts';
import { timelineAnswer } from './timeline-messages.ts';
import type { TopicStore } from './topic-store.ts';

/** Requests to a node with the store. Both methods reject with a {@link PeerError}. */
export interface StoreWays {
	ask<Schema extends z.ZodType>(path: string, question: unknown, schema: Schema): Promise<z.infer<Schema>>;
	send(path: string, message: unknown): Promise<void>;
}

/** Cuts data by topic into pages of at most `bytes`. */
type PagesOf<Value> = (byTopic: ReadonlyMap<string, Value>, bytes: number) => Iterable<Record<string, Value>>;

/** Returns the store of the region at another node. `node` is its name in errors. */
export function createStoreCalls(node: string, { ask, send }: StoreWays): TopicStore {
	/** Sends pages, one after another. A page that the node refuses as too long is sent in shorter pages. */
	async function sendPages<Value>(
		byTopic: ReadonlyMap<string, Value>,
		pagesOf: PagesOf<Value>,
		sendPage: (page: Record<string, Value>) => Promise<void>,
		bytes = PAGE_BYTES,
	): Promise<void> {
		for (const page of pagesOf(byTopic, bytes)) {
			try {
				await sendPage(page);
			} catch (cause) {
				const left = new Map(Object.entries(page));
				await sendPages(left, pagesOf, sendPage, shorterThan(cause, left, pagesOf, bytes));
			}
		}
	}

	return {
		async read(topics) {
			const all = new Map<string, Known>();
			for (let left = topics; left.length > 0; ) {
				const page = await ask(peerPaths.read, { topics: left }, knownMessage);
				for (const [topic, known] of page.known) all.set(topic, known);
				if (page.left.length >= left.length) throw new PeerError(`${node} has no room for ${left[0]}`);
				left = page.left;
			}
			return all;
		},
		changes: (since, limit) => ask(peerPaths.changes, { since, limit }, changesAnswer),
		positions: () => ask(peerPaths.positions, {}, positionsAnswer),
		async replicate(region, rows, reached) {
			const sendPage = (page: Record<string, CounterRows>, at?: Reached) =>
				send(peerPaths.replicate, { region, rows: page, reached: at });
			let bytes = PAGE_BYTES;
			const [first = {}, second] = rowPages(rows, bytes);
			if (second === undefined) {
				try {
					await sendPage(first, reached);
					return;
				} catch (cause) {
					bytes = shorterThan(cause, rows, rowPages, bytes);
				}
			}
			await sendPages(rows, rowPages, sendPage, bytes);
			// The position says that all rows are stored, so it follows the last of them.
			if (reached !== undefined) await sendPage({}, reached);
		},
		events(topic, region, after, most) {
			const limit = Math.min(most, MAX_UPDATE_EVENTS);
			return ask(peerPaths.events, { topic, region, after, limit }, eventsAnswer);
		},
		find: async (topic, id) => (await ask(peerPaths.find, { topic, id }, findAnswer)).found,
		keepEvents: (region, logs) =>
			sendPages(logs, eventPages, (page) => send(peerPaths.keepEvents, { region, logs: page })),
		async missing(region, topics) {
			const missing = new Map<string, number>();
			for (let first = 0; first < topics.length; first += MAX_TOPICS) {
				const asked = topics.slice(first, first + MAX_TOPICS);
				const part = await ask(peerPaths.missing, { region, topics: asked }, missingAnswer);
				for (const [topic, after] of part) missing.set(topic, after);
			}
			return missing;
		},
		timeline: (range) => ask(peerPaths.timeline, range, timelineAnswer),
		keepValues: (values) => sendPages(values, valuePages, (page) => send(peerPaths.keepValues, { values: page })),
	};
}

/**
 * Returns a shorter length of pages after a node refused a page as too long. Throws the refusal when
 * the page cannot be cut further, and any other error: the caller sends nothing again unchanged.
 */
function shorterThan<Value>(
	cause: unknown,
	refused: ReadonlyMap<string, Value>,
	pagesOf: PagesOf<Value>,
	bytes: number,
): number {
	if (!(cause instanceof PeerTooLongError)) throw cause;
	for (let halved = bytes / 2; halved >= PAGE_BYTES >> MAX_HALVINGS; halved /= 2) {
		const [, second] = pagesOf(refused, halved);
		if (second !== undefined) return halved;
	}
	throw cause;
}
