import { randomUUID } from 'node:crypto';
import type { LogEvent } from '../src/state/log.ts';
import type { AppendCommand, DeleteCommand, EndCommand, HistoryEvent, LogOutcome } from '../src/store/log-store.ts';
import type { Store } from '../src/store/store.ts';

/** The topic of tests that need only one. */
export const TOPIC = 'video:v1';

export const comment = (more: Partial<AppendCommand> = {}): AppendCommand => ({
	kind: 'append',
	topic: TOPIC,
	id: randomUUID(),
	user: 'ann',
	event: 'comment',
	data: { text: 'hello' },
	at: 1_700_000_000_000,
	...more,
});

export const answerTo = (parent: string, more: Partial<AppendCommand> = {}) => comment({ parent, ...more });

export const deleteOf = ({ topic, id, user }: AppendCommand, more: Partial<DeleteCommand> = {}): DeleteCommand => ({
	kind: 'delete',
	topic,
	id,
	user,
	moderator: false,
	at: 1_700_000_000_500,
	...more,
});

export const endOf = (topic = TOPIC, at = 1_700_000_001_000): EndCommand => ({ kind: 'end', topic, at });

/** Appends each command in a separate transaction, and resolves with the outcomes. */
export async function appendEach(
	store: Store,
	...commands: readonly (AppendCommand | DeleteCommand | EndCommand)[]
): Promise<LogOutcome['kind'][]> {
	const kinds: LogOutcome['kind'][] = [];
	for (const command of commands) kinds.push(...(await store.append([command])).outcomes.map(({ kind }) => kind));
	return kinds;
}

/** Returns the event of a comment at an offset of a log whose events are all of one millisecond. */
export const published = ({ id, user, at, data }: AppendCommand, offset: number): LogEvent => ({
	offset,
	id,
	kind: 'comment',
	user,
	at,
	order: at * 1_024 + offset - 1,
	data,
});

/** Yields the history of {@link TOPIC}, page by page. */
export async function* pagesOf(store: Store, limit: number): AsyncGenerator<readonly HistoryEvent[]> {
	let before: string | undefined;
	do {
		const { comments, next } = await store.history(TOPIC, before, limit);
		yield comments;
		before = next;
	} while (before !== undefined);
}
