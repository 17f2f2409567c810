import { randomUUID } from 'node:crypto';
import { videoTopic } from '../src/state/topics/topic.ts';
import { createSqliteStore } from '../src/store/sqlite/sqlite-store.ts';
import { testDirectory } from './temporary-directory.ts';

/**
 * The kernel holds some megabytes that a viewer does not read, so frames are large here: an event has
 * the totals of every reaction, and the reactions are many, with long names.
 */
const REACTIONS = Array.from({ length: 4_000 }, (_, index) => `r${index}-`.padEnd(32, 'x'));

/** One of the reactions. */
export const FIRST = REACTIONS[0] ?? '';

const WORKER = new URL('../dist/sqlite-worker.js', import.meta.url);

/** Resolves with the settings of a gateway whose store has a like of each reaction for the video. */
export async function largeFrames(video: string) {
	const dataDir = testDirectory();
	const store = await createSqliteStore(dataDir, 'local', WORKER);
	await store.commit(
		REACTIONS.map((type) => ({
			kind: 'like',
			topic: videoTopic(video),
			id: randomUUID(),
			user: 'ann',
			type,
			once: false,
			at: 1,
		})),
	);
	await store.close();
	return { dataDir, reactions: REACTIONS.join(','), windowMs: '1', commitWindowMs: '0' };
}
