import type { TimelineAnswer } from '@likewire/protocol';
import type { Identify } from '../auth/authenticate.ts';
import { authorize, type Caller } from '../auth/caller.ts';
import { json } from '../http/answer.ts';
import { asVideoId } from '../http/ids.ts';
import type { Request } from '../http/request.ts';
import type { Route, RouteName } from '../http/router.ts';
import type { Timelines } from '../ingest/timelines.ts';
import { cachedBriefly } from './cache-control.ts';
import { formatStep, parseCount, parseTimelineQuery } from './validation/timeline-query.ts';

/** The routes for reactions by time; they require the role `likes`. */
export const TIMELINE_ROUTES = {
	read: { method: 'GET', path: '/v1/videos/:video/timeline' },
	highlights: { method: 'GET', path: '/v1/videos/:video/highlights' },
} as const satisfies Record<string, RouteName>;

export interface TimelineRoutesOptions {
	readonly timelines: Timelines;
	readonly identify: Identify;
}

/** Returns the routes for reactions by time. */
export function timelineRoutes({ timelines, identify }: TimelineRoutesOptions): Route[] {
	async function admit(request: Request): Promise<{ readonly caller: Caller; readonly video: string }> {
		const caller = await identify(request);
		const video = asVideoId(request.parameters[0]);
		authorize(caller, 'watch', [video]);
		return { caller, video };
	}

	return [
		{
			...TIMELINE_ROUTES.read,
			async handle(request) {
				const { caller, video } = await admit(request);
				const query = parseTimelineQuery(request.query);
				const page = await timelines.page(video, query);
				const answer: TimelineAnswer = { ...page, step: formatStep(query.step) };
				return json(200, answer, cachedBriefly(caller));
			},
		},
		{
			...TIMELINE_ROUTES.highlights,
			async handle(request) {
				const { caller, video } = await admit(request);
				const answer = await timelines.highlights(video, parseCount(request.query));
				return json(200, answer, cachedBriefly(caller));
			},
		},
	];
}
