import type { StreamEvent } from '@likewire/protocol';
import { type Deletion, deletionOf, type LogEvent, type LogEventKind } from './log.ts';
import { idOf, topicName } from './topics/topic.ts';

/** The sampling of a comment in a flood of comments: viewers receive `shown` of every `of`. */
export interface Thinned {
	readonly shown: number;
	readonly of: number;
}

/** Returns the event for viewers. `region` is that of the log that numbered the event. */
type ToStreamEvent = (topic: string, region: string, event: LogEvent, thinned?: Thinned) => StreamEvent | undefined;

/** Returns the event for viewers of each kind of log event; undefined for none. */
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
