import type { Route, RouteName } from '../http/router.ts';
import { COMMENT_LIKE_ROUTES, type CommentLikeRoutesOptions, commentLikeRoutes } from './comment-like-routes.ts';
import { COMMENT_ROUTES, type CommentRoutesOptions, commentRoutes } from './comment-routes.ts';
import { CONVERSATION_ROUTES, type ConversationRoutesOptions, conversationRoutes } from './conversation-routes.ts';
import { EVENT_ROUTES, type EventRoutesOptions, eventRoutes } from './event-routes.ts';
import { LIKES_ROUTES, type LikesRoutesOptions, likesRoutes } from './likes-routes.ts';
import { TIMELINE_ROUTES, type TimelineRoutesOptions, timelineRoutes } from './timeline-routes.ts';

/** The routes that require the role `likes`. */
export const WRITER_ROUTES: readonly RouteName[] = [
	LIKES_ROUTES,
	COMMENT_ROUTES,
	COMMENT_LIKE_ROUTES,
	CONVERSATION_ROUTES,
	EVENT_ROUTES,
	TIMELINE_ROUTES,
].flatMap((routes): RouteName[] => Object.values(routes));

/**
 * The routes for writes that belong to the region of their first try, or to the home region of their
 * user.
 */
export const FROM_REGIONS: readonly RouteName[] = [
	LIKES_ROUTES.give,
	LIKES_ROUTES.takeBack,
	COMMENT_ROUTES.write,
	COMMENT_ROUTES.remove,
	COMMENT_LIKE_ROUTES.give,
	COMMENT_LIKE_ROUTES.takeBack,
	EVENT_ROUTES.publish,
	EVENT_ROUTES.end,
];

/** Returns whether a route is one of {@link FROM_REGIONS}. */
export function isFromRegions({ method, path }: RouteName): boolean {
	return FROM_REGIONS.some((name) => name.method === method && name.path === path);
}

export type WriterRoutesOptions = LikesRoutesOptions &
	CommentRoutesOptions &
	CommentLikeRoutesOptions &
	ConversationRoutesOptions &
	EventRoutesOptions &
	TimelineRoutesOptions;

/** Returns all routes of a node with the role `likes`. */
export function writerRoutes(options: WriterRoutesOptions): Route[] {
	return [
		...likesRoutes(options),
		...commentRoutes(options),
		...commentLikeRoutes(options),
		...conversationRoutes(options),
		...eventRoutes(options),
		...timelineRoutes(options),
	];
}
