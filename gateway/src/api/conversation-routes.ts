import { z } from 'zod';
import type { Identify } from '../auth/authenticate.ts';
import { authorizeTopics, type Caller, userOf } from '../auth/caller.ts';
import { type Answer, json } from '../http/answer.ts';
import { parseBody } from '../http/body.ts';
import { asConversationId, asEventId } from '../http/ids.ts';
import type { Request } from '../http/request.ts';
import type { Route, RouteName } from '../http/router.ts';
import type { Signals } from '../ingest/signals.ts';
import { GatewayError } from '../runtime/errors.ts';
import { isRegisterKey } from '../state/kinds/register.ts';
import { topicOf } from '../state/topics/topic.ts';

const typingBody = z.object({ typing: z.boolean() });
const receiptBody = z.object({ message: z.string(), state: z.enum(['delivered', 'read']) });

/** The routes for signals of users in conversations; they require the role `likes`. */
export const CONVERSATION_ROUTES = {
	typing: { method: 'POST', path: '/v1/conversations/:conversation/typing' },
	receipt: { method: 'POST', path: '/v1/conversations/:conversation/receipts' },
} as const satisfies Record<string, RouteName>;

export interface ConversationRoutesOptions {
	readonly signals: Signals;
	readonly identify: Identify;
}

export function conversationRoutes({ signals, identify }: ConversationRoutesOptions): Route[] {
	/** Returns the conversation of a request, and the caller that signals in it. */
	async function admit(request: Request): Promise<{ readonly conversation: string; readonly caller: Caller }> {
		const caller = await identify(request);
		const conversation = asConversationId(request.parameters[0]);
		authorizeTopics(caller, [topicOf('conversation', conversation)], 'signal');
		return { conversation, caller };
	}

	return [
		{
			...CONVERSATION_ROUTES.typing,
			async handle(request, body) {
				const { conversation, caller } = await admit(request);
				const { typing } = parseBody(request, body, typingBody);
				const user = userOf(caller);
				if (!isRegisterKey(user))
					throw new GatewayError('invalid_user_id', `The user id ${user} is reserved; use another id.`);
				signals.typing(conversation, user, typing);
				return accepted();
			},
		},
		{
			...CONVERSATION_ROUTES.receipt,
			async handle(request, body) {
				const { conversation, caller } = await admit(request);
				const { message, state } = parseBody(request, body, receiptBody);
				await signals.receipt({ conversation, user: userOf(caller), message: asEventId(message), state });
				return accepted();
			},
		},
	];
}

function accepted(): Answer {
	return json(202, {});
}
