/** Every error code with its HTTP status. Codes are stable: branch on them, never on a text. */
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
	/** Servers cannot publish on a topic of this name. */
	invalid_topic: 400,
	/** The id of a published event is not 1 to 128 characters of `A-Z a-z 0-9 _ - . ~ :`. */
	invalid_event_id: 400,
	/** The body, or the message of a WebSocket, is not JSON in UTF-8. */
	invalid_json: 400,
	/** The body is JSON with a missing or unknown field, or a field of another type. */
	invalid_body: 400,
	/** A parameter of the query is unknown, repeated or out of its bounds. */
	invalid_query: 400,
	/** The gateway has no reaction of this type. */
	unknown_reaction: 400,
	/** The text is empty, longer than 500 characters, or not well-formed Unicode. */
	invalid_text: 400,
	/** The gateway cannot read the cursor. */
	invalid_cursor: 400,
	/** The parent of the comment is an answer itself: threads have one level. */
	invalid_parent: 400,
	/** A write names a region of its first attempt that the gateway does not know. */
	unknown_region: 400,
	/** The connection would follow more than `MAX_TOPICS_PER_CONNECTION` topics. */
	too_many_topics: 400,
	/** The request names more than `MAX_PRESENCE_USERS` users. */
	too_many_users: 400,
	/** The position of a like is no whole number, after the time of the like, or more than `MAX_POSITION_AGE_MS` before it. */
	invalid_position: 400,
	/** The step of a timeline is not `Ns`, `Nm` or `Nh` from 1 s to 1 h. */
	invalid_step: 400,
	/** The range of a timeline is empty, or its ends are no Unix milliseconds. */
	invalid_range: 400,
	/** The number of highlights is not from 1 to `MAX_HIGHLIGHTS`. */
	invalid_count: 400,
	/** A write of a server names no user. */
	user_required: 400,
	/** The request has no token or key, or an invalid one. */
	unauthorized: 401,
	/** The token has expired; send a new one. */
	token_expired: 401,
	/** The token, or the development mode, does not allow this request. */
	forbidden: 403,
	/** The gateway does not trust this `Host`, which protects it from DNS rebinding. */
	host_forbidden: 403,
	/** A gateway in development mode does not accept pages of this origin. */
	origin_forbidden: 403,
	/** A gateway in development mode does not accept requests through a proxy. */
	proxy_forbidden: 403,
	/** The gateway has no such path. */
	not_found: 404,
	/** The gateway has no like of this id. */
	like_not_found: 404,
	/** The gateway has no comment of this id, or it was deleted. */
	comment_not_found: 404,
	/** The gateway has no comment with the id of the parent. */
	parent_not_found: 404,
	/** The conversation has no message with the id of the receipt. */
	message_not_found: 404,
	/** The caller has no connection of this id: it ended, or another caller opened it. */
	connection_not_found: 404,
	/** The path accepts other methods. */
	method_not_allowed: 405,
	/** The body did not arrive in time. */
	request_timeout: 408,
	/** The id belongs to an earlier write with another content. */
	id_conflict: 409,
	/** Several users have a comment of this id, and the moderator named no author. */
	ambiguous_comment: 409,
	/** The video has ended, and accepts no more writes. */
	video_ended: 409,
	/** The message of a node contradicts the state of its peer. */
	peer_conflict: 409,
	/** A request with a body requires one `Content-Length`, and no `Transfer-Encoding`. */
	length_required: 411,
	/** The body has more bytes than `MAX_BODY_BYTES`. */
	body_too_large: 413,
	/** The data of the event has more bytes than `MAX_EVENT_DATA_BYTES`. */
	data_too_large: 413,
	/** The body is not `application/json`, or has a `Content-Encoding`. */
	unsupported_media_type: 415,
	/** The path requires a WebSocket upgrade. */
	upgrade_required: 426,
	/** The client has too many requests in flight. */
	too_many_requests: 429,
	/** The gateway failed; its log has the cause. */
	internal_error: 500,
	/** The path answers in other formats. */
	unsupported_format: 501,
	/** The node is at its limit of work or connections: try again later. */
	overloaded: 503,
	/** The store does not answer: try again later. */
	store_unavailable: 503,
	/** The node is shutting down: try another one, or try again later. */
	shutting_down: 503,
	/** No node with the required role answers. */
	node_unavailable: 503,
} as const satisfies Record<string, number>;

/** An error code of the gateway: a key of {@link ERROR_STATUS}. */
export type ErrorCode = keyof typeof ERROR_STATUS;

/** The body of an error answer, `application/problem+json` (RFC 9457). */
export interface Problem {
	/** Always `about:blank`: `code` names the kind of the problem. */
	readonly type: 'about:blank';
	/** The name of the HTTP status, in English. */
	readonly title: string;
	/** The HTTP status of the answer. */
	readonly status: number;
	/** The stable code of the error. */
	readonly code: ErrorCode;
	/** A description of the error. */
	readonly detail: string;
}
