const segment = encodeURIComponent;

/** The public routes, as paths below the gateway's address. */
export const paths = {
	stream: '/v1/stream',
	subscriptions: (connection: string) => `/v1/connections/${segment(connection)}/subscriptions`,
	video: (video: string) => `/v1/videos/${segment(video)}`,
	likes: (video: string) => `/v1/videos/${segment(video)}/likes`,
	like: (video: string, id: string) => `/v1/videos/${segment(video)}/likes/${segment(id)}`,
} as const;
