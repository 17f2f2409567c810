const segment = encodeURIComponent;
const connection = (id: string) => `/v1/connections/${segment(id)}`;
const video = (id: string) => `/v1/videos/${segment(id)}`;
const comment = (of: string, id: string) => `${video(of)}/comments/${segment(id)}`;
const conversation = (id: string) => `/v1/conversations/${segment(id)}`;

/** The public routes, as paths below the gateway's address. */
export const paths = {
	stream: '/v1/stream',
	socket: '/v1/socket',
	poll: '/v1/poll',
	connection,
	alive: (id: string) => `${connection(id)}/alive`,
	subscriptions: (id: string) => `${connection(id)}/subscriptions`,
	video,
	likes: (id: string) => `${video(id)}/likes`,
	like: (of: string, id: string) => `${video(of)}/likes/${segment(id)}`,
	comments: (id: string) => `${video(id)}/comments`,
	comment,
	commentLikes: (of: string, id: string) => `${comment(of, id)}/likes`,
	commentLike: (of: string, on: string, id: string) => `${comment(of, on)}/likes/${segment(id)}`,
	end: (id: string) => `${video(id)}/end`,
	typing: (id: string) => `${conversation(id)}/typing`,
	receipts: (id: string) => `${conversation(id)}/receipts`,
	presence: '/v1/presence',
	topicEvents: (topic: string) => `/v1/topics/${segment(topic)}/events`,
} as const;
