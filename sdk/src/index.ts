export type {
	Comment,
	CommentAnswer,
	CommentDeletedEvent,
	CommentEvent,
	CommentLikesEvent,
	CustomEvent,
	DeleteCommentAnswer,
	EndedEvent,
	GapEvent,
	GapReason,
	Highlight,
	LikeAnswer,
	LikesEvent,
	PresenceEvent,
	ReceiptEvent,
	ReceiptState,
	RecentLike,
	Totals,
	TypingEvent,
	ViewersEvent,
} from '@likewire/protocol';
export { uuid } from '@likewire/protocol';
export type { Client, ClientEvents } from './client.ts';
export type { ConnectionState } from './connection-options.ts';
export type { Conversation, ConversationEvents } from './conversation.ts';
export { createClient } from './create-client.ts';
export type { Unbind } from './emitter.ts';
export { LikewireError, type LikewireErrorCode } from './errors.ts';
export type { HistoryOptions } from './kinds/comment-history.ts';
export type { CommentOptions, CommentToLike, DeleteCommentOptions } from './kinds/comment-writes.ts';
export type { LikeOptions } from './kinds/likes.ts';
export type { UserPresence } from './kinds/presence.ts';
export type {
	Highlights,
	HighlightsOptions,
	Timeline,
	TimelineOptions,
	TimelineStep,
} from './kinds/timeline.ts';
export type { ClientOptions } from './options.ts';
export type { Presence, PresenceEvents } from './presence.ts';
export type { PublishedTopic, PublishedTopicEvents } from './published-topic.ts';
export type { LikesUpdate } from './topics/likes-update.ts';
export type { Video, VideoEvents } from './video.ts';
export type { KeyValueStorage } from './writes/kept-taps.ts';
