import { COMMENT } from './kinds/comment.ts';
import { COMMENT_DELETED } from './kinds/comment-deleted.ts';
import { ENDED } from './kinds/ended.ts';
import { LIKES } from './kinds/likes.ts';
import { PRESENCE } from './kinds/presence.ts';
import { TYPING } from './kinds/typing.ts';
import { VIEWERS } from './kinds/viewers.ts';
import type { EventKind } from './topics/event-kind.ts';
import type { TopicEventName } from './topics/topic.ts';

/** What is done with each event of a topic. One more is a line here and, where listeners need more than the event, a file in `kinds/`. */
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
	// Where a log begins: its id is where to come back to, and listeners have no use for it.
	cursor: () => {},
	gap: undefined,
};
