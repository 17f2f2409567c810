const segment = encodeURIComponent;
const connection = (id: string) => `/v1/connections/${segment(id)}`;
const video = (id: string) => `/v1/videos/${segment(id)}`;
const comment = (of: string, id: string) => `${video(of)}/comments/${segment(id)}`;
const conversation = (id: string) => `/v1/conversations/${segment(id)}`;

/** The paths of the public routes. */
export const paths = {
	/** GET: a stream of Server-Sent Events. */
	stream: '/v1/stream',
	/** GET: the same events over a WebSocket. */
	socket: '/v1/socket',
	/** GET: the same events for a polling client: {@link PollAnswer}. */
	poll: '/v1/poll',
	/** DELETE: ends a connection; its viewer no longer counts. */
	connection,
	/** POST: keeps a signed-in viewer online. */
	alive: (id: string) => `${connection(id)}/alive`,
	/** POST: changes what a connection follows: {@link SubscriptionRequest}. */
	subscriptions: (id: string) => `${connection(id)}/subscriptions`,
	/** GET: totals and viewers of a video: {@link VideoAnswer}. */
	video,
	/** POST: sends one like, or several: {@link BatchLikesRequest}. */
	likes: (id: string) => `${video(id)}/likes`,
	/** DELETE: takes a like back: {@link TakeBackAnswer}. */
	like: (of: string, id: string) => `${video(of)}/likes/${segment(id)}`,
	/** GET: the reactions of a video by time: {@link TimelineAnswer}. */
	timeline: (id: string) => `${video(id)}/timeline`,
	/** GET: the times of a video with the most reactions: {@link HighlightsAnswer}. */
	highlights: (id: string) => `${video(id)}/highlights`,
	/** GET: a page of the history, {@link CommentsAnswer}. POST: writes a comment, {@link CommentAnswer}. */
	comments: (id: string) => `${video(id)}/comments`,
	/** DELETE: deletes a comment: {@link DeleteCommentAnswer}. */
	comment,
	/** POST: likes a comment: {@link LikeAnswer}. */
	commentLikes: (of: string, id: string) => `${comment(of, id)}/likes`,
	/** DELETE: takes back a like of a comment: {@link TakeBackAnswer}. */
	commentLike: (of: string, on: string, id: string) => `${comment(of, on)}/likes/${segment(id)}`,
	/** POST: ends a video, for servers: {@link EndAnswer}. */
	end: (id: string) => `${video(id)}/end`,
	/** POST: the caller started or stopped typing in a conversation. */
	typing: (id: string) => `${conversation(id)}/typing`,
	/** POST: the caller received or read a message of a conversation. */
	receipts: (id: string) => `${conversation(id)}/receipts`,
	/** GET: the presence of users: {@link PresenceAnswer}. */
	presence: '/v1/presence',
	/** POST: publishes an event, for servers: {@link TopicEventAnswer}. */
	topicEvents: (topic: string) => `/v1/topics/${segment(topic)}/events`,
} as const;
