/** Every code an error can have, with its HTTP status. Codes are stable: branch on them, never on a text. */
export const ERROR_STATUS = {
	/** The id of a video is not 1 to 128 characters of `A-Z a-z 0-9 _ - . ~ :`. */
	invalid_video_id: 400,
	/** The id of a user is not 1 to 128 characters of `A-Z a-z 0-9 _ - . ~ :`. */
	invalid_user_id: 400,
	/** The id of a like is not a UUID. */
	invalid_like_id: 400,
	/** The id of a comment is not a UUID. */
	invalid_comment_id: 400,
	/** The id of a conversation is not 1 to 128 characters of `A-Z a-z 0-9 _ - . ~ :`. */
	invalid_conversation_id: 400,
	/** The name is not one of a topic that servers publish on. */
	invalid_topic: 400,
	/** The id of a published event is not 1 to 128 characters of `A-Z a-z 0-9 _ - . ~ :`. */
	invalid_event_id: 400,
	/** The body, or the message of a WebSocket, is not JSON in UTF-8. */
	invalid_json: 400,
	/** The body is JSON, and a field is absent, unknown or of another type. */
	invalid_body: 400,
	/** A parameter of the query is unknown, repeated or out of its bounds. */
	invalid_query: 400,
	/** The gateway has no reaction of this type. */
	unknown_reaction: 400,
	/** Empty, longer than 500 characters, or no well-formed Unicode. */
	invalid_text: 400,
	/** The position in a log that a client gave cannot be read. */
	invalid_cursor: 400,
	/** A comment answers one that is an answer itself: threads have one level. */
	invalid_parent: 400,
	/** A write names a region of its first try that this one does not know. */
	unknown_region: 400,
	/** One connection follows at most `MAX_TOPICS_PER_CONNECTION` topics. */
	too_many_topics: 400,
	/** More people than one question may ask after. */
	too_many_users: 400,
	/** A server writes in nobody's name. */
	user_required: 400,
	/** No proof of who asks, or one that does not hold. */
	unauthorized: 401,
	/** The token was good once; a new one will do. */
	token_expired: 401,
	/** The token, or the development mode, does not allow this request. */
	forbidden: 403,
	/** The `Host` is a name that any page may have: DNS rebinding. */
	host_forbidden: 403,
	/** A page of this origin may not use a gateway in development mode. */
	origin_forbidden: 403,
	/** A proxy publishes a gateway in development mode. */
	proxy_forbidden: 403,
	/** The gateway has no such path. */
	not_found: 404,
	/** The gateway has no like of this id. */
	like_not_found: 404,
	/** The gateway has no comment of this id, or it was deleted. */
	comment_not_found: 404,
	/** The comment that another one should answer. */
	parent_not_found: 404,
	/** The message of a receipt, in a conversation whose messages the gateway knows. */
	message_not_found: 404,
	/** The caller has no connection of this id: it ended, or another caller opened it. */
	connection_not_found: 404,
	/** The path exists, and takes another method. */
	method_not_allowed: 405,
	/** The body did not arrive in time. */
	request_timeout: 408,
	/** The id belongs to something else that was written before. */
	id_conflict: 409,
	/** A moderator deletes a comment whose id fits those of several users, and names no author. */
	ambiguous_comment: 409,
	/** The video is over: nothing more is written about it. */
	video_ended: 409,
	/** What one node says does not go with what another one knows. */
	peer_conflict: 409,
	/** A request with a body names its length in one `Content-Length`, and has no `Transfer-Encoding`. */
	length_required: 411,
	/** The body has more bytes than `MAX_BODY_BYTES`. */
	body_too_large: 413,
	/** The data of an event. */
	data_too_large: 413,
	/** The body is not `application/json`, or has a `Content-Encoding`. */
	unsupported_media_type: 415,
	/** The path is that of a WebSocket. */
	upgrade_required: 426,
	/** More than one client may have under way. */
	too_many_requests: 429,
	/** The gateway failed; its log has the cause. */
	internal_error: 500,
	/** The node has as much work, or as many connections, as it can take: try again later. */
	overloaded: 503,
	/** The store does not answer: try again later. */
	store_unavailable: 503,
	/** The node is shutting down: another one, or a later attempt, answers. */
	shutting_down: 503,
	/** No node with the role that it takes answers. */
	node_unavailable: 503,
} as const satisfies Record<string, number>;

/** Every code an error of the gateway can have: a key of {@link ERROR_STATUS}. */
export type ErrorCode = keyof typeof ERROR_STATUS;

/** The body of an error answer, `application/problem+json` (RFC 9457). */
export interface Problem {
	/** Always `about:blank`: `code` names the kind of the problem. */
	readonly type: 'about:blank';
	/** The name of the HTTP status, in English. */
	readonly title: string;
	/** The HTTP status of the answer. */
	readonly status: number;
	/** What happened, for programs. */
	readonly code: ErrorCode;
	/** What happened, for people. */
	readonly detail: string;
}
