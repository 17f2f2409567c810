import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Ring } from '../../../gateway/src/cluster/membership/ring.ts';
import { SubscriptionTable } from '../../../gateway/src/dispatcher/fan-out/subscription-table.ts';
import type { Digest } from '../../../gateway/src/state/topics/registration.ts';
import { videoTopic } from '../../../gateway/src/state/topics/topic.ts';

const DISPATCHERS = 10;
const LOOKUPS = 2_000_000;

/** A digest that differs: the table computes its sums. */
const NO_SUMS: Digest = { rows: '', states: '' };

const topicsOf = (count: number) => Array.from({ length: count }, (_, index) => videoTopic(`bench-${index}`));

/** Returns the number of topics whose owner a second of CPU finds. */
export function ringLookups(): number {
	const members = Array.from({ length: DISPATCHERS }, (_, index) => ({ node: `dispatcher-${index}`, incarnation: 1 }));
	const ring = new Ring(members);
	const topics = topicsOf(1_000);
	const look = (times: number) => {
		for (let i = 0; i < times; i++) ring.owner(topics[i % topics.length] as string);
	};
	look(LOOKUPS / 10);
	const before = process.cpuUsage();
	look(LOOKUPS);
	return LOOKUPS / (process.cpuUsage(before).user / 1e6);
}

/** Returns the heap bytes of each row of a table in which all frontends follow all topics. */
export function bytesPerRow(frontends: number, topicCount: number): number {
	setFlagsFromString('--expose-gc');
	const collectGarbage = runInNewContext('gc') as () => void;
	const heap = () => {
		collectGarbage();
		return process.memoryUsage().heapUsed;
	};
	const topics = topicsOf(topicCount);
	const before = heap();
	const table = new SubscriptionTable();
	for (let index = 0; index < frontends; index++) {
		const registrations = topics.map((topic) => ({ topic, count: 1, hash: undefined, revision: 0 }));
		const message = { frontend: `frontend-${index}`, incarnation: 1, seq: 1, view: '', dropped: [] };
		table.subscribe({ ...message, digest: NO_SUMS, topics: registrations }, 0);
	}
	// Includes the caches that the table fills when it routes.
	for (const topic of topics) table.audience(topic);
	return (heap() - before) / table.rowCount;
}
