import { randomUUID } from 'node:crypto';
import { type CounterRows, NO_LIKES, totalsOf } from '../src/state/counters.ts';
import type { Command, LikeCommand, Outcome, Store, TakeBackCommand } from '../src/store/store.ts';
import { TOPIC } from './log-commands.ts';

export const like = (more: Partial<LikeCommand> = {}): LikeCommand => ({
	kind: 'like',
	topic: TOPIC,
	id: randomUUID(),
	user: 'ann',
	type: 'heart',
	once: false,
	at: 1_700_000_000_000,
	...more,
});

export const takeBack = ({ topic, id, user }: LikeCommand, by = user): TakeBackCommand => ({
	kind: 'takeBack',
	topic,
	id,
	user: by,
	at: 1_700_000_000_001,
});

/** Commits each command in a separate transaction, and resolves with the outcomes. */
export async function commitEach(store: Store, ...commands: readonly Command[]): Promise<Outcome['kind'][]> {
	const kinds: Outcome['kind'][] = [];
	for (const command of commands) kinds.push(...(await store.commit([command])).outcomes.map(({ kind }) => kind));
	return kinds;
}

/** Resolves with the rows of one topic. */
export async function rowsOf(store: Store, topic = TOPIC): Promise<CounterRows> {
	return (await store.read([topic])).get(topic) ?? NO_LIKES;
}

/** Resolves with the hearts of one topic. */
export async function heartsOf(store: Store, topic = TOPIC): Promise<number> {
	return totalsOf(await rowsOf(store, topic)).heart ?? 0;
}
