import type { StreamEvent } from '@likewire/protocol';
import type { LogEvent, LogEventKind } from './log.ts';
import { idOf, topicName } from './topic.ts';

/** Where floods of comments are thinned, in each of them: of `of` that came, `shown` are pushed. */
export interface Thinned {
	readonly shown: number;
	readonly of: number;
}

type Told = (topic: string, event: LogEvent, thinned?: Thinned) => StreamEvent | undefined;

/** What viewers are told of each kind of event of a log; undefined for nothing. One more kind is one more entry. */
export const LOG_KINDS: Readonly<Record<LogEventKind, Told>> = {
	comment: (topic, { id, user, at, data }, thinned) => {
		const { text, parent } = data as { readonly text: string; readonly parent?: string };
		const answers = typeof parent === 'string' && { parent };
		return { event: 'comment', data: { video: idOf(topic), id, user, text, at, ...answers, ...thinned } };
	},
	'comment-deleted': (topic, { id }) => ({ event: 'comment-deleted', data: { video: idOf(topic), id } }),
	custom: (topic, { at, data }) => {
		const { name, data: content } = data as { readonly name: string; readonly data: unknown };
		return { event: 'custom', data: { topic: topicName(topic), name, data: content, at } };
	},
	erased: () => undefined,
};
