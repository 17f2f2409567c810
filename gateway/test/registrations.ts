import { DIGEST_BUCKETS, DigestSums } from '../src/state/topics/digest-sums.ts';
import type { Digest, Registration, Registrations } from '../src/state/topics/registration.ts';

/** Returns the registration of a topic by a frontend without state. */
export function registrationOf(topic: string, more: Partial<Registration> = {}): Registration {
	return { topic, count: 1, hash: undefined, revision: 0, ...more };
}

/** Returns the digest of a frontend that follows these topics only. */
export function sumsOf(topics: readonly Registration[]): Digest {
	const byName = new Map(topics.map((registration) => [registration.topic, registration]));
	const sums = new DigestSums((topic) => byName.get(topic));
	for (const topic of byName.keys()) sums.touch(topic);
	return { rows: sums.rows, states: sums.states };
}

/** Returns the digest that ends a list of these topics, the only ones that the frontend follows. */
export function listOf(topics: readonly Registration[], since: number): Digest {
	return { ...sumsOf(topics), listed: { buckets: [...Array(DIGEST_BUCKETS).keys()], since } };
}

/** Returns a list of all topics in one message: the frontend follows these topics only. */
export function digestOf(
	frontend: string,
	view: string,
	seq: number,
	names: readonly string[] = [],
	more: Partial<Registrations> = {},
): Registrations {
	const topics = more.topics ?? names.map((topic) => registrationOf(topic));
	return { frontend, incarnation: 1, seq, view, digest: listOf(topics, seq), topics, dropped: [], ...more };
}
