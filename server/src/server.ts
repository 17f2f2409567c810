import {
	type Comment,
	type CommentsAnswer,
	type DeleteCommentAnswer,
	type EndAnswer,
	isId,
	isTopicName,
	parseUuid,
	paths,
	type TopicEventAnswer,
	uuid,
	type VideoAnswer,
} from '@likewire/protocol';
import { type CommentsOptions, readComments, readHistory } from './comments.ts';
import { invalidOption, LikewireServerError, type ServerErrorCode } from './errors.ts';
import { parseOptions, type ServerOptions } from './options.ts';
import { createRequests } from './requests.ts';
import { signToken, type TokenOptions } from './token.ts';

/** A custom event. */
export interface ServerEvent {
	/** 1 to 128 characters, no control characters. */
	readonly name: string;
	/** JSON of at most 8 KiB. Default: null. */
	readonly data?: unknown;
	/** A UUID. The gateway stores events of one id once. Default: a new one. */
	readonly id?: string | undefined;
	/**
	 * - `log`: stored, and delivered to each follower once and in order, also after an interruption;
	 * - `signal`: not stored; followers receive the newest of each name.
	 *
	 * Default `log`.
	 */
	readonly class?: 'log' | 'signal' | undefined;
}

/** The name of a comment to delete: a comment of a history, or of an event. */
export type CommentName = Pick<Comment, 'id'> & Partial<Pick<Comment, 'user' | 'region'>>;

/**
 * The calls of a server to a gateway, created by {@link createServer}. Each call is repeated until it is answered or its time is
 * over, and counts once. Each call rejects with a {@link LikewireServerError}.
 */
export interface Server {
	/**
	 * Signs a token for a viewer, without a request.
	 *
	 * @throws {LikewireServerError} `invalid_user_id`; `invalid_option`, also without a `jwtSecret`.
	 */
	token(options: TokenOptions): Promise<string>;
	/**
	 * Publishes an event on a custom topic (`scores`), or on a video or a conversation (`video:v1`).
	 *
	 * @throws {LikewireServerError} `invalid_topic`, `invalid_event_id`, `data_too_large`, `video_ended` and others.
	 */
	publish(topic: string, event: ServerEvent): Promise<TopicEventAnswer>;
	/** Ends a video: viewers receive `ended`, and the gateway refuses further likes and comments. A second call is a duplicate. */
	end(video: string): Promise<EndAnswer>;
	/**
	 * Deletes a comment of any author.
	 *
	 * @param comment its id; or its name with author and region, when two comments have one id.
	 * @throws {LikewireServerError} `comment_not_found`; `ambiguous_comment` when two comments have the id and `comment` names no author.
	 */
	moderate(video: string, comment: string | CommentName): Promise<DeleteCommentAnswer>;
	/** Reads the totals of a video, and the number of connections that follow it. */
	video(video: string): Promise<VideoAnswer>;
	/**
	 * Reads the comments of a video, newest first.
	 *
	 * @example
	 * for await (const comment of server.comments('v1')) console.log(comment.text);
	 * const { comments, next } = await server.comments('v1', { limit: 20 }).page();
	 */
	comments(video: string, options?: CommentsOptions): AsyncIterable<Comment> & { page(): Promise<CommentsAnswer> };
}

function check(isRight: boolean, code: ServerErrorCode, value: unknown, what: string): void {
	if (!isRight) throw new LikewireServerError(code, `${JSON.stringify(value)} is not a valid ${what}.`);
}

function checkVideo(video: string): void {
	check(typeof video === 'string' && isId(video), 'invalid_video_id', video, 'id of a video');
}

/**
 * Connects a server to a gateway. It keeps no connection open, so it has no `close`. It requires `fetch` and WebCrypto: Node, Bun,
 * Deno and edge runtimes have them. Never give its keys to a page.
 *
 * @throws {LikewireServerError} `invalid_option`, with the wrong option and a remedy.
 * @example
 * const server = createServer({ url: 'https://live.example.com', apiKey, jwtSecret });
 * const token = await server.token({ user: 'ann', videos: ['v1'] });
 * await server.publish('video:v1', { name: 'goal', data: { minute: 12 } });
 */
export function createServer(options: ServerOptions): Server {
	const checked = parseOptions(options);
	const send = createRequests(checked);

	return {
		async token(claims) {
			if (checked.jwtSecret !== undefined) return signToken(checked.jwtSecret, claims ?? {});
			throw invalidOption('token() requires the option jwtSecret; set it to the jwtSecret of the gateway.');
		},
		async publish(topic, event) {
			check(typeof topic === 'string' && isTopicName(topic), 'invalid_topic', topic, 'name of a topic');
			const { id = uuid(), ...rest } = event ?? {};
			check(parseUuid(id) !== undefined, 'invalid_event_id', id, 'UUID');
			return (await send({
				method: 'POST',
				path: paths.topicEvents(topic),
				body: { ...rest, id },
			})) as TopicEventAnswer;
		},
		async end(video) {
			checkVideo(video);
			return (await send({ method: 'POST', path: paths.end(video), body: {} })) as EndAnswer;
		},
		async moderate(video, comment) {
			checkVideo(video);
			const { id, user, region }: CommentName = typeof comment === 'object' && comment ? comment : { id: comment };
			check(typeof id === 'string' && parseUuid(id) !== undefined, 'invalid_comment_id', id, 'UUID of a comment');
			const query = new URLSearchParams({
				...(user !== undefined && { user }),
				...(region !== undefined && { region }),
			});
			return (await send({
				method: 'DELETE',
				path: `${paths.comment(video, id)}?${query}`,
			})) as DeleteCommentAnswer;
		},
		async video(video) {
			checkVideo(video);
			return (await send({ method: 'GET', path: paths.video(video) })) as VideoAnswer;
		},
		comments(video, options = {}) {
			checkVideo(video);
			return {
				page: () => readComments(send, video, options),
				[Symbol.asyncIterator]: () => readHistory(send, video, options),
			};
		},
	};
}
