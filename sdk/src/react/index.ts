export type { CommentEntry, CommentsOptions, CommentsState } from '../comments/comment-list.ts';
export { LikewireProvider, type LikewireProviderProps } from './provider.ts';
export { type Comments, useComments } from './use-comments.ts';
export { type Typing, usePresence, useTyping } from './use-presence.ts';
export {
	type LiveVideo,
	type Reactions,
	useConnectionState,
	useLiveVideo,
	useReactions,
	useVideoEvent,
	useViewers,
} from './use-video.ts';
