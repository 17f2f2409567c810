import { z } from 'zod';
import { GatewayError } from '../errors.ts';
import { json } from '../http/answer.ts';
import { parseBody } from '../http/body.ts';
import { identify } from '../http/identity.ts';
import { asVideoId } from '../http/ids.ts';
import type { Route } from '../http/router.ts';
import type { Frontend } from './frontend.ts';
import { UwsStreamSocket } from './uws-stream-socket.ts';

const topics = z.object({ videos: z.array(z.string()).default([]) }).default({ videos: [] });
const subscriptionBody = z.object({ add: topics, remove: topics });

/** The routes of a Frontend. */
export function frontendRoutes(frontend: Frontend): Route[] {
	return [
		{
			method: 'GET',
			path: '/v1/stream',
			stream(request, res, headers) {
				const videos = asVideoIds(request.query.getAll('video'));
				identify(request);
				frontend.connect(videos, (handlers) => new UwsStreamSocket(res, headers, handlers));
			},
		},
		{
			method: 'POST',
			path: '/v1/connections/:connection/subscriptions',
			handle(request, body) {
				const { add, remove } = parseBody(request, body, subscriptionBody);
				const change = { add: asVideoIds(add.videos), remove: asVideoIds(remove.videos) };
				const videos = frontend.change(request.parameters[0] ?? '', change);
				if (videos === undefined) {
					throw new GatewayError('connection_not_found', 'There is no such connection; open a new stream.');
				}
				return json(200, { videos });
			},
		},
	];
}

/** Checked, and each once. */
function asVideoIds(texts: readonly string[]): string[] {
	return [...new Set(texts)].map(asVideoId);
}
