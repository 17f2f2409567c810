import type { LikesRows } from '../delivery/likes.ts';
import { kindOf } from '../delivery/topic.ts';
import type { Known } from '../delivery/update.ts';
import type { LogStore } from '../store/log-store.ts';
import type { Store } from '../store/store.ts';
import { subjectOf, topicOfSubject } from '../store/subject.ts';

/** What dispatchers and frontends want of the store of their region, by topic where {@link Store} goes by subject. */
export interface RegionStore
	extends Pick<Store, 'changes' | 'positions' | 'replicate'>,
		Pick<LogStore, 'events' | 'keepEvents' | 'missing' | 'keepValues'> {
	/** All that is known of the topics. */
	read(topics: readonly string[]): Promise<ReadonlyMap<string, Known>>;
}

/** Kinds of topics whose values are stored: who read what, and who was there. */
const WITH_VALUES = ['conversation', 'user'];

/** The store of this node. */
export function ownStore(store: Store): RegionStore {
	return {
		async read(topics) {
			const [rows, values] = await Promise.all([
				store.read(topics.map(subjectOf)),
				store.values(topics.filter((topic) => WITH_VALUES.includes(kindOf(topic)))),
			]);
			return new Map(
				[...byTopic(rows)].map(([topic, likes]): [string, Known] => [
					topic,
					{ rows: likes, values: values.get(topic) },
				]),
			);
		},
		async changes(since, limit) {
			const changes = await store.changes(since, limit);
			return { ...changes, rows: byTopic(changes.rows) };
		},
		positions: () => store.positions(),
		replicate(region, rows, reached) {
			const byVideo = new Map([...rows].map(([topic, likes]) => [subjectOf(topic), likes]));
			return store.replicate(region, byVideo, reached);
		},
		events: (topic, region, after, limit) => store.events(topic, region, after, limit),
		keepEvents: (region, logs) => store.keepEvents(region, logs),
		missing: (region, topics) => store.missing(region, topics),
		keepValues: (values) => store.keepValues(values),
	};
}

/** The store at the first of the Likes nodes, the most dependable first, that does what is asked. */
export function storeOfOthers(nodes: () => readonly string[], storeAt: (node: string) => RegionStore): RegionStore {
	async function first<Result>(ask: (store: RegionStore) => Promise<Result>): Promise<Result> {
		let reason: unknown = new Error('there is no Likes node');
		for (const node of nodes()) {
			try {
				return await ask(storeAt(node));
			} catch (error) {
				reason = error;
			}
		}
		throw reason;
	}
	return {
		read: (topics) => first((store) => store.read(topics)),
		changes: (since, limit) => first((store) => store.changes(since, limit)),
		positions: () => first((store) => store.positions()),
		replicate: (region, rows, reached) => first((store) => store.replicate(region, rows, reached)),
		events: (topic, region, after, limit) => first((store) => store.events(topic, region, after, limit)),
		keepEvents: (region, logs) => first((store) => store.keepEvents(region, logs)),
		missing: (region, topics) => first((store) => store.missing(region, topics)),
		keepValues: (values) => first((store) => store.keepValues(values)),
	};
}

function byTopic(rows: ReadonlyMap<string, LikesRows>): Map<string, LikesRows> {
	return new Map([...rows].map(([subject, likes]) => [topicOfSubject(subject), likes]));
}
