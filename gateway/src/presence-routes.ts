import { MAX_PRESENCE_USERS, type PresenceAnswer, paths } from '@likewire/protocol';
import type { PresenceLookup } from './cluster/presence-lookup.ts';
import { topicOf } from './delivery/topic.ts';
import { GatewayError } from './errors.ts';
import { json } from './http/answer.ts';
import { authorizeTopics } from './http/caller.ts';
import type { Identify } from './http/identity.ts';
import { asUserId } from './http/ids.ts';
import type { Route } from './http/router.ts';

const NEVER: PresenceAnswer['users'][string] = { online: false, lastSeen: null };

/** Who is there: every node answers, whatever its roles. */
export function presenceRoutes(identify: Identify, lookUp: PresenceLookup): Route[] {
	return [
		{
			method: 'GET',
			path: paths.presence,
			async handle(request) {
				const caller = await identify(request);
				const texts = request.query.getAll('user');
				if (texts.length === 0) {
					throw new GatewayError('invalid_query', `Name 1 to ${MAX_PRESENCE_USERS} people, each as 'user'.`);
				}
				if (texts.length > MAX_PRESENCE_USERS) {
					const detail = `One question is for at most ${MAX_PRESENCE_USERS} people, not ${texts.length}.`;
					throw new GatewayError('too_many_users', detail);
				}
				const users = [...new Set(texts)].map(asUserId);
				authorizeTopics(
					caller,
					users.map((user) => topicOf('user', user)),
				);
				const known = await lookUp(users);
				// As entries: a user may be called as something that every object has.
				const answer: PresenceAnswer = {
					users: Object.fromEntries(users.map((user) => [user, known.get(user) ?? NEVER])),
				};
				return json(200, answer, { 'Cache-Control': 'no-store' });
			},
		},
	];
}
