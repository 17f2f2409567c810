/** Every code an error can have, with its HTTP status. Codes are stable: branch on them, never on a text. */
export const ERROR_STATUS = {
	invalid_video_id: 400,
	invalid_user_id: 400,
	invalid_like_id: 400,
	invalid_json: 400,
	invalid_body: 400,
	invalid_query: 400,
	unknown_reaction: 400,
	/** A like says that it was first tried in a region that this one does not know. */
	unknown_region: 400,
	too_many_topics: 400,
	/** A server writes in nobody's name. */
	user_required: 400,
	/** No proof of who asks, or one that does not hold. */
	unauthorized: 401,
	/** The token was good once; a new one will do. */
	token_expired: 401,
	forbidden: 403,
	not_found: 404,
	like_not_found: 404,
	connection_not_found: 404,
	method_not_allowed: 405,
	request_timeout: 408,
	id_conflict: 409,
	/** What one node says does not go with what another one knows. */
	peer_conflict: 409,
	body_too_large: 413,
	unsupported_media_type: 415,
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
