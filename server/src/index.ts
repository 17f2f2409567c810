export type {
	Comment,
	CommentsAnswer,
	DeleteCommentAnswer,
	EndAnswer,
	TopicEventAnswer,
	Totals,
	VideoAnswer,
} from '@likewire/protocol';
export type { CommentsOptions } from './comments.ts';
export { LikewireServerError, type ServerErrorCode } from './errors.ts';
export type { ServerOptions } from './options.ts';
export { type CommentName, createServer, type Server, type ServerEvent } from './server.ts';
export type { Right, TokenOptions } from './token.ts';
