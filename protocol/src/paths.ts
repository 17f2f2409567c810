const segment = encodeURIComponent;

/** The public routes, as paths below the gateway's address. */
export const paths = {
	stream: '/v1/stream',
	socket: '/v1/socket',
	poll: '/v1/poll',
	connection: (connection: string) => `/v1/connections/${segment(connection)}`,
	alive: (connection: string) => `/v1/connections/${segment(connection)}/alive`,
	subscriptions: (connection: string) => `/v1/connections/${segment(connection)}/subscriptions`,
	video: (video: string) => `/v1/videos/${segment(video)}`,
	likes: (video: string) => `/v1/videos/${segment(video)}/likes`,
	like: (video: string, id: string) => `/v1/videos/${segment(video)}/likes/${segment(id)}`,
	comments: (video: string) => `/v1/videos/${segment(video)}/comments`,
	comment: (video: string, id: string) => `/v1/videos/${segment(video)}/comments/${segment(id)}`,
	commentLikes: (video: string, id: string) => `/v1/videos/${segment(video)}/comments/${segment(id)}/likes`,
	commentLike: (video: string, comment: string, id: string) =>
		`/v1/videos/${segment(video)}/comments/${segment(comment)}/likes/${segment(id)}`,
	end: (video: string) => `/v1/videos/${segment(video)}/end`,
	typing: (conversation: string) => `/v1/conversations/${segment(conversation)}/typing`,
	receipts: (conversation: string) => `/v1/conversations/${segment(conversation)}/receipts`,
	presence: '/v1/presence',
	topicEvents: (topic: string) => `/v1/topics/${segment(topic)}/events`,
} as const;
