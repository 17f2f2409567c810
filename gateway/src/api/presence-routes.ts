import { MAX_PRESENCE_USERS, type PresenceAnswer, paths } from '@likewire/protocol';
import type { Identify } from '../auth/authenticate.ts';
import { authorizeTopics } from '../auth/caller.ts';
import type { PresenceLookup } from '../cluster/routing/presence-lookup.ts';
import { json } from '../http/answer.ts';
import { asUserId } from '../http/ids.ts';
import type { Route } from '../http/router.ts';
import { GatewayError } from '../runtime/errors.ts';
import { topicOf } from '../state/topics/topic.ts';

const NEVER: PresenceAnswer['users'][string] = { online: false, lastSeen: null };

/** Returns the route for the presence of users, which every node has, whatever its roles. */
export function presenceRoutes(identify: Identify, lookUp: PresenceLookup): Route[] {
	return [
		{
			method: 'GET',
			path: paths.presence,
			async handle(request) {
				const caller = await identify(request);
				const texts = request.query.getAll('user');
				if (texts.length === 0) {
					throw new GatewayError('invalid_query', `Name 1 to ${MAX_PRESENCE_USERS} users, each in a parameter 'user'.`);
				}
				if (texts.length > MAX_PRESENCE_USERS) {
					const detail = `A request names at most ${MAX_PRESENCE_USERS} users, not ${texts.length}.`;
					throw new GatewayError('too_many_users', detail);
				}
				const users = [...new Set(texts)].map(asUserId);
				authorizeTopics(
					caller,
					users.map((user) => topicOf('user', user)),
				);
				const known = await lookUp(users);
				// From entries, since the name of a user may be one that every object has.
				const answer: PresenceAnswer = {
					users: Object.fromEntries(users.map((user) => [user, known.get(user) ?? NEVER])),
				};
				return json(200, answer, { 'Cache-Control': 'no-store' });
			},
		},
	];
}
