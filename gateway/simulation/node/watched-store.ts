import { PeerError, PeerFailedError } from '../../src/cluster/rpc/peer-client.ts';
import type { TopicStore } from '../../src/cluster/rpc/topic-store.ts';
import { MAX_FETCHED } from '../../src/frontend/topic/log-sequencer.ts';
import type { Counts } from '../engine/counts.ts';

/** Returns the store of the region, as a node uses it. Counts reads; `onBroken` is called when the store failed one. */
export function watchStore(store: TopicStore, counts: Counts, onBroken: () => void): TopicStore {
	return {
		...store,
		async read(topics) {
			try {
				return await store.read(topics);
			} catch (error) {
				counts.add('reads that failed');
				throw error;
			}
		},
		async keepValues(values) {
			try {
				await store.keepValues(values);
			} catch (error) {
				if ([...values.keys()].some((topic) => topic.startsWith('user:'))) {
					counts.add('presence that could not be stored');
				}
				throw error;
			}
		},
		async events(topic, region, after, limit) {
			counts.add(limit === MAX_FETCHED ? 'holes of logs fetched' : 'beginnings of logs fetched');
			try {
				return await store.events(topic, region, after, limit);
			} catch (error) {
				counts.add('fetches of logs that failed');
				// A node that does not answer says nothing of the store.
				if (!(error instanceof PeerError) || error instanceof PeerFailedError) onBroken();
				throw error;
			}
		},
	};
}
