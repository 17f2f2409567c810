import { COMMENT } from './kinds/comment.ts';
import { COMMENT_DELETED } from './kinds/comment-deleted.ts';
import { COMMENT_LIKES } from './kinds/comment-likes.ts';
import { CURSOR } from './kinds/cursor.ts';
import { CUSTOM } from './kinds/custom.ts';
import { ENDED } from './kinds/ended.ts';
import type { EventKind } from './kinds/event-kind.ts';
import { GAP } from './kinds/gap.ts';
import { LIKES } from './kinds/likes.ts';
import { PRESENCE } from './kinds/presence.ts';
import { RECEIPT } from './kinds/receipt.ts';
import { TYPING } from './kinds/typing.ts';
import { VIEWERS } from './kinds/viewers.ts';
import type { TopicEventName } from './topics/topic.ts';

/** What is done with each event of a topic. One more is a file in `kinds/` and a line here. */
export const KINDS: { readonly [Name in TopicEventName]: EventKind<Name> } = {
	likes: LIKES,
	viewers: VIEWERS,
	comment: COMMENT,
	'comment-deleted': COMMENT_DELETED,
	'comment-likes': COMMENT_LIKES,
	presence: PRESENCE,
	typing: TYPING,
	receipt: RECEIPT,
	custom: CUSTOM,
	ended: ENDED,
	cursor: CURSOR,
	gap: GAP,
};
