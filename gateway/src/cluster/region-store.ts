import type { LikesRows } from '../delivery/likes.ts';
import type { Known } from '../delivery/update.ts';
import type { Store } from '../store/store.ts';
import { subjectOf, topicOfSubject } from '../store/subject.ts';

/** What dispatchers want of the store of their region, by topic where {@link Store} goes by subject. */
export interface RegionStore extends Pick<Store, 'changes' | 'positions' | 'replicate'> {
	/** All that is known of the topics. */
	read(topics: readonly string[]): Promise<ReadonlyMap<string, Known>>;
}

/** The store of this node. */
export function ownStore(store: Store): RegionStore {
	return {
		async read(topics) {
			const rows = byTopic(await store.read(topics.map(subjectOf)));
			return new Map([...rows].map(([topic, likes]): [string, Known] => [topic, { rows: likes }]));
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
	};
}

function byTopic(rows: ReadonlyMap<string, LikesRows>): Map<string, LikesRows> {
	return new Map([...rows].map(([subject, likes]) => [topicOfSubject(subject), likes]));
}
