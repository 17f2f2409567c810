import type { StreamEvent } from '@likewire/protocol';
import { type Deletion, deletionOf, type LogEvent, type LogEventKind } from './log.ts';
import { idOf, topicName } from './topics/topic.ts';

/** Where floods of comments are thinned, in each of them: of `of` that came, `shown` are pushed. */
export interface Thinned {
	readonly shown: number;
	readonly of: number;
}

/** `region`: that of the log that numbered the event. */
type ToStreamEvent = (topic: string, region: string, event: LogEvent, thinned?: Thinned) => StreamEvent | undefined;

/** What viewers are told of each kind of event of a log; undefined for nothing. One more kind is one more entry. */
export const LOG_KINDS: Readonly<Record<LogEventKind, ToStreamEvent>> = {
	comment: (topic, region, { id, user, at, data }, thinned) => {
		const { text, parent } = data as { readonly text: string; readonly parent?: string };
		const answers = typeof parent === 'string' && { parent };
		return { event: 'comment', data: { video: idOf(topic), id, user, text, at, region, ...answers, ...thinned } };
	},
	'comment-deleted': (topic, _, event) => {
		const { comment: id, user, region } = deletionOf(event) as Deletion;
		return { event: 'comment-deleted', data: { video: idOf(topic), id, user, region } };
	},
	custom: (topic, _, { at, data }) => {
		const { name, data: content } = data as { readonly name: string; readonly data: unknown };
		return { event: 'custom', data: { topic: topicName(topic), name, data: content, at } };
	},
	erased: () => undefined,
};
