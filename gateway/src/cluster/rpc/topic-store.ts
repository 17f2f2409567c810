import { NEWEST_LIKED_COMMENTS } from '../../state/comment-likes.ts';
import type { CounterRows } from '../../state/counters.ts';
import type { Values } from '../../state/registers.ts';
import { followedTopic, kindOf, type TopicKind } from '../../state/topics/topic.ts';
import type { Known } from '../../state/update.ts';
import type { Store } from '../../store/store.ts';
import { cutPart } from './pagination.ts';

/** Kinds of topics with stored registers. */
const WITH_VALUES: readonly TopicKind[] = ['conversation', 'user'];

/**
 * The parts of the store of a region that other roles use. `events` may return fewer events than the
 * log has and the caller asked for, when they are long: more follow while the last one is before the
 * head.
 */
export interface TopicStore
	extends Pick<
		Store,
		'changes' | 'positions' | 'replicate' | 'events' | 'find' | 'keepEvents' | 'missing' | 'keepValues' | 'timeline'
	> {
	/** Resolves with the state of the topics, without their logs. */
	read(topics: readonly string[]): Promise<ReadonlyMap<string, Known>>;
}

/** Returns the store of this node. */
export function localTopicStore(store: Store): TopicStore {
	return {
		async read(topics) {
			const withValues = topics.filter((topic) => WITH_VALUES.includes(kindOf(topic)));
			const videos = topics.filter((topic) => kindOf(topic) === 'video');
			const [rows, values, comments] = await Promise.all([
				store.read(topics),
				withValues.length === 0 ? undefined : store.values(withValues),
				videos.length === 0 ? undefined : store.liked(videos, NEWEST_LIKED_COMMENTS),
			]);
			const ofVideos = byFollowed(comments ?? new Map());
			return new Map(
				[...rows].map(([topic, likes]) => [topic, knownOf(likes, values?.get(topic), ofVideos.get(topic))]),
			);
		},
		changes: (since, limit) => store.changes(since, limit),
		positions: () => store.positions(),
		replicate: (region, rows, reached) => store.replicate(region, rows, reached),
		events: async (topic, region, after, limit) => cutPart(await store.events(topic, region, after, limit)),
		find: (topic, id) => store.find(topic, id),
		keepEvents: (region, logs) => store.keepEvents(region, logs),
		missing: (region, topics) => store.missing(region, topics),
		keepValues: (values) => store.keepValues(values),
		timeline: (range) => store.timeline(range),
	};
}

/** Returns a store that asks the Likes nodes in turn, and resolves with the first success. */
export function remoteTopicStore(nodes: () => readonly string[], storeAt: (node: string) => TopicStore): TopicStore {
	async function first<Result>(ask: (store: TopicStore) => Promise<Result>): Promise<Result> {
		let reason: unknown = new Error('the cluster has no Likes node');
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
		find: (topic, id) => first((store) => store.find(topic, id)),
		keepEvents: (region, logs) => first((store) => store.keepEvents(region, logs)),
		missing: (region, topics) => first((store) => store.missing(region, topics)),
		keepValues: (values) => first((store) => store.keepValues(values)),
		timeline: (range) => first((store) => store.timeline(range)),
	};
}

function knownOf(
	rows: CounterRows,
	values: Values | undefined,
	comments: ReadonlyMap<string, CounterRows> | undefined,
): Known {
	return { rows, ...(values && { values }), ...(comments && { comments }) };
}

/** Returns the likes of comments by the topic of their video. */
function byFollowed(rows: ReadonlyMap<string, CounterRows>): Map<string, Map<string, CounterRows>> {
	const byVideo = new Map<string, Map<string, CounterRows>>();
	for (const [topic, likes] of rows) {
		const video = followedTopic(topic);
		const comments = byVideo.get(video) ?? new Map<string, CounterRows>();
		byVideo.set(video, comments.set(topic, likes));
	}
	return byVideo;
}
