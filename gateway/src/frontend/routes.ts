import { z } from 'zod';
import { GatewayError } from '../errors.ts';
import { json } from '../http/answer.ts';
import { parseBody } from '../http/body.ts';
import { authorize } from '../http/caller.ts';
import type { Identify } from '../http/identity.ts';
import { asVideoId } from '../http/ids.ts';
import type { Route } from '../http/router.ts';
import type { Frontend } from './frontend.ts';
import { UwsStreamSocket } from './uws-stream-socket.ts';

const topics = z.object({ videos: z.array(z.string()).default([]) }).default({ videos: [] });
const subscriptionBody = z.object({ add: topics, remove: topics });

export interface FrontendRoutesOptions {
	readonly frontend: Frontend;
	readonly identify: Identify;
}

/** The routes of a Frontend. */
export function frontendRoutes({ frontend, identify }: FrontendRoutesOptions): Route[] {
	return [
		{
			method: 'GET',
			path: '/v1/stream',
			async stream(request) {
				const caller = await identify(request);
				const videos = asVideoIds(request.query.getAll('video'));
				authorize(caller, 'watch', videos);
				const leftMs = caller.expiresAt - Date.now();
				return (res, headers) =>
					frontend.connect(videos, leftMs, (handlers) => new UwsStreamSocket(res, headers, handlers));
			},
		},
		{
			method: 'POST',
			path: '/v1/connections/:connection/subscriptions',
			async handle(request, body) {
				const caller = await identify(request);
				const { add, remove } = parseBody(request, body, subscriptionBody);
				const change = { add: asVideoIds(add.videos), remove: asVideoIds(remove.videos) };
				authorize(caller, 'watch', change.add);
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
