import type { Registration, Registrations } from '../src/state/topics/registration.ts';

/** What a frontend without any state says of a topic. */
export function registrationOf(topic: string, more: Partial<Registration> = {}): Registration {
	return { topic, count: 1, hash: undefined, revision: 0, ...more };
}

/** A digest in one message: the frontend follows these topics and no other. */
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
