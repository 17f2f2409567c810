declare class LikewireServerError extends Error {
    readonly name = "LikewireServerError";
    readonly code: ServerErrorCode;
    readonly status: number | undefined;
    readonly retryable: boolean;
    readonly retryAfterMs: number | undefined;
    constructor(code: ServerErrorCode, message: string, details?: Details);
}
declare function createServer(options: ServerOptions): Server;
export type { CommentName, CommentsOptions, Right, Server, ServerErrorCode, ServerEvent, ServerOptions, TokenOptions };
export { Comment, CommentsAnswer, DeleteCommentAnswer, EndAnswer, TopicEventAnswer, Totals, VideoAnswer } from '@likewire/protocol';
export { LikewireServerError, createServer };
import { ErrorCode, Comment, TopicEventAnswer, EndAnswer, DeleteCommentAnswer, VideoAnswer, CommentsAnswer } from '@likewire/protocol';
interface CommentsOptions {
    readonly before?: string | undefined;
    readonly limit?: number | undefined;
}
interface Details {
    readonly status?: number | undefined;
    readonly retryAfterMs?: number | undefined;
    readonly retryable?: boolean;
    readonly cause?: unknown;
}
interface Server {
    token(options: TokenOptions): Promise<string>;
    publish(topic: string, event: ServerEvent): Promise<TopicEventAnswer>;
    end(video: string): Promise<EndAnswer>;
    moderate(video: string, comment: string | CommentName): Promise<DeleteCommentAnswer>;
    video(video: string): Promise<VideoAnswer>;
    comments(video: string, options?: CommentsOptions): AsyncIterable<Comment> & {
        page(): Promise<CommentsAnswer>;
    };
}
interface ServerEvent {
    readonly name: string;
    readonly data?: unknown;
    readonly id?: string | undefined;
    readonly class?: 'log' | 'signal' | undefined;
}
interface ServerOptions {
    readonly url: string | readonly string[];
    readonly apiKey?: string | undefined;
    readonly jwtSecret?: string | undefined;
    readonly timeoutMs?: number | undefined;
    readonly fetch?: typeof fetch | undefined;
}
interface TokenOptions {
    readonly user: string;
    readonly videos?: readonly string[] | undefined;
    readonly topics?: readonly string[] | undefined;
    readonly conversations?: readonly string[] | undefined;
    readonly presence?: readonly string[] | undefined;
    readonly can?: readonly Right[] | undefined;
    readonly expiresInMs?: number | undefined;
}
type CommentName = Pick<Comment, 'id'> & Partial<Pick<Comment, 'user' | 'region'>>;
type Right = 'watch' | 'like' | 'comment' | 'signal' | 'moderate';
type ServerErrorCode = ErrorCode | 'network' | 'timeout' | 'unexpected_answer' | 'invalid_option';
