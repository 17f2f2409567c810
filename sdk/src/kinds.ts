import { COMMENT } from './kinds/comment.ts';
import { COMMENT_DELETED } from './kinds/comment-deleted.ts';
import { ENDED } from './kinds/ended.ts';
import { LIKES } from './kinds/likes.ts';
import { PRESENCE } from './kinds/presence.ts';
import { TYPING } from './kinds/typing.ts';
import { VIEWERS } from './kinds/viewers.ts';
import type { EventKind } from './topics/event-kind.ts';
import type { TopicEventName } from './topics/topic.ts';

/**
 * How the client handles each event of a topic.
 * A new event is a line, and a file in `kinds/` if listeners need more.
 */
export const KINDS: { readonly [Name in TopicEventName]: EventKind<Name> } = {
	likes: LIKES,
	viewers: VIEWERS,
	comment: COMMENT,
	'comment-deleted': COMMENT_DELETED,
	'comment-likes': undefined,
	presence: PRESENCE,
	typing: TYPING,
	receipt: undefined,
	custom: undefined,
	ended: ENDED,
	// The event's id is the position at which the log begins, to resume from; listeners do not need it.
	cursor: () => {},
	gap: undefined,
};
