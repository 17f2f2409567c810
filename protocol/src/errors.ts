/** Every code an error can have, with its HTTP status. Codes are stable: branch on them, never on a text. */
export const ERROR_STATUS = {
	invalid_video_id: 400,
	invalid_user_id: 400,
	invalid_like_id: 400,
	invalid_comment_id: 400,
	invalid_conversation_id: 400,
	invalid_topic: 400,
	invalid_event_id: 400,
	invalid_json: 400,
	invalid_body: 400,
	invalid_query: 400,
	unknown_reaction: 400,
	/** Empty, longer than 500 characters, or no well-formed Unicode. */
	invalid_text: 400,
	/** The position in a log that a client gave cannot be read. */
	invalid_cursor: 400,
	/** A comment answers one that is an answer itself: threads have one level. */
	invalid_parent: 400,
	/** A write names a region of its first try that this one does not know. */
	unknown_region: 400,
	too_many_topics: 400,
	/** More people than one question may ask after. */
	too_many_users: 400,
	/** A server writes in nobody's name. */
	user_required: 400,
	/** No proof of who asks, or one that does not hold. */
	unauthorized: 401,
	/** The token was good once; a new one will do. */
	token_expired: 401,
	forbidden: 403,
	/** The `Host` is a name that any page may have: DNS rebinding. */
	host_forbidden: 403,
	/** A page of this origin may not use a gateway in development mode. */
	origin_forbidden: 403,
	/** A proxy publishes a gateway in development mode. */
	proxy_forbidden: 403,
	not_found: 404,
	like_not_found: 404,
	comment_not_found: 404,
	/** The comment that another one should answer. */
	parent_not_found: 404,
	/** The message of a receipt, in a conversation whose messages the gateway knows. */
	message_not_found: 404,
	connection_not_found: 404,
	method_not_allowed: 405,
	request_timeout: 408,
	id_conflict: 409,
	/** A moderator deletes a comment whose id fits those of several users, and names no author. */
	ambiguous_comment: 409,
	/** The video is over: nothing more is written about it. */
	video_ended: 409,
	/** What one node says does not go with what another one knows. */
	peer_conflict: 409,
	/** A request with a body names its length in one `Content-Length`, and has no `Transfer-Encoding`. */
	length_required: 411,
	body_too_large: 413,
	/** The data of an event. */
	data_too_large: 413,
	unsupported_media_type: 415,
	/** The path is that of a WebSocket. */
	upgrade_required: 426,
	/** More than one client may have under way. */
	too_many_requests: 429,
	internal_error: 500,
	overloaded: 503,
	store_unavailable: 503,
	shutting_down: 503,
	/** No node with the role that it takes answers. */
	node_unavailable: 503,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** The body of an error answer, `application/problem+json` (RFC 9457). */
export interface Problem {
	readonly type: 'about:blank';
	readonly title: string;
	readonly status: number;
	readonly code: ErrorCode;
	/** What happened, for people. */
	readonly detail: string;
}
