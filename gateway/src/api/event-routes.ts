import { type EndAnswer, type TopicEventAnswer, uuid } from '@likewire/protocol';
import { z } from 'zod';
import type { Identify } from '../auth/authenticate.ts';
import { authorizeServer } from '../auth/caller.ts';
import { type Answer, json } from '../http/answer.ts';
import { parseBody } from '../http/body.ts';
import { asEventId, asVideoId } from '../http/ids.ts';
import type { Route, RouteName } from '../http/router.ts';
import type { CommentReads } from '../ingest/comment-reads.ts';
import type { LogService } from '../ingest/log-service.ts';
import type { Signals } from '../ingest/signals.ts';
import type { WriteRouting } from '../regions/write-routing.ts';
import { GatewayError } from '../runtime/errors.ts';
import { isRegisterKey } from '../state/kinds/register.ts';
import { idOf, kindOf, namedTopic, topicName } from '../state/topics/topic.ts';
import { answerWithKey } from './idempotency-key.ts';
import { asEventData } from './validation/event-data.ts';
import { isWellFormed } from './validation/well-formed.ts';

/** The most characters of the name of an event. */
const MAX_NAME_LENGTH = 128;

const name = z
	.string()
	.refine(
		isEventName,
		`should be 1 to ${MAX_NAME_LENGTH} characters, none of them a control character, and not __proto__`,
	);

const eventBody = z.object({
	name,
	data: z.unknown().default(null),
	id: z.string().optional(),
	class: z.enum(['log', 'signal']).default('log'),
	region: z.string().optional(),
});
const endBody = z.object({ region: z.string().optional() });

/** The routes for servers; they require the role `likes`. */
export const EVENT_ROUTES = {
	publish: { method: 'POST', path: '/v1/topics/:topic/events' },
	end: { method: 'POST', path: '/v1/videos/:video/end' },
} as const satisfies Record<string, RouteName>;

export interface EventRoutesOptions {
	readonly log: LogService;
	readonly signals: Signals;
	readonly reads: CommentReads;
	readonly identify: Identify;
	readonly writeRouting: WriteRouting;
}

/** Returns the routes for servers: events of their own, and the end of a video. */
export function eventRoutes({ log, signals, reads, identify, writeRouting }: EventRoutesOptions): Route[] {
	return [
		{
			...EVENT_ROUTES.publish,
			async handle(request, body) {
				const caller = await identify(request);
				const topic = asTopic(request.parameters[0]);
				authorizeServer(caller);
				const event = parseBody(request, body, eventBody);
				const data = asEventData(event.data);
				const { name, region } = event;
				const id = asEventId(event.id ?? (request.headers['idempotency-key'] || uuid()));
				return writeRouting.write({ request, body, caller, region }, () =>
					answerWithKey(id, async () => {
						if (event.class === 'log') return accepted(topic, id, await log.addEvent({ topic, id, name, data }));
						if (kindOf(topic) === 'video' && !signals.isKnown(topic, id)) await reads.checkRunning(idOf(topic));
						return accepted(topic, id, signals.custom({ topic, id, name, data }));
					}),
				);
			},
		},
		{
			...EVENT_ROUTES.end,
			async handle(request, body) {
				const caller = await identify(request);
				const video = asVideoId(request.parameters[0]);
				authorizeServer(caller);
				const { region } = parseBody(request, body, endBody);
				return writeRouting.write({ request, body, caller, region }, async () => {
					const answer: EndAnswer = { video, ...(await log.end(video)) };
					return json(202, answer);
				});
			},
		},
	];
}

/** Returns whether a text can name an event: signals are registers by their names. */
function isEventName(text: string): boolean {
	const length = [...text].length;
	return length >= 1 && length <= MAX_NAME_LENGTH && !/\p{Cc}/u.test(text) && isWellFormed(text) && isRegisterKey(text);
}

function accepted(topic: string, id: string, { duplicate }: { readonly duplicate: boolean }): Answer {
	const answer: TopicEventAnswer = { id, topic: topicName(topic), duplicate };
	return json(202, answer);
}

function asTopic(text: string | undefined): string {
	const topic = text === undefined ? undefined : namedTopic(text);
	if (topic !== undefined) return topic;
	throw new GatewayError('invalid_topic', 'A topic is a name of your own, or video: or conversation: and an id.');
}
