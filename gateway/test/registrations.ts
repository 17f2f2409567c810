import type { Registration, Registrations } from '../src/state/topics/registration.ts';

/** Returns the registration of a topic by a frontend without state. */
export function registrationOf(topic: string, more: Partial<Registration> = {}): Registration {
	return { topic, count: 1, hash: undefined, revision: 0, ...more };
}

/** Returns a digest in one message: the frontend subscribes to these topics only. */
export function digestOf(
	frontend: string,
	view: string,
	seq: number,
	topics: readonly string[] = [],
	more: Partial<Registrations> = {},
): Registrations {
	const registrations = topics.map((topic) => registrationOf(topic));
	return { frontend, incarnation: 1, seq, view, digestSince: seq, topics: registrations, dropped: [], ...more };
}
