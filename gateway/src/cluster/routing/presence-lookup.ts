import { GatewayError } from '../../runtime/errors.ts';
import { PRESENCE, type Presence, presenceIn } from '../../state/kinds/presence.ts';
import type { Registers } from '../../state/kinds/register.ts';
import { topicOf } from '../../state/topics/topic.ts';
import type { Ring } from '../membership/ring.ts';
import type { TopicStore } from '../rpc/topic-store.ts';

export interface PresenceLookupOptions {
	readonly ring: () => Ring;
	/** Asks a dispatcher, which may be this node, for the presence of users that it owns. */
	readonly ask: (dispatcher: string, users: readonly string[]) => Promise<ReadonlyMap<string, Presence>>;
	readonly store: Pick<TopicStore, 'read'>;
}

/** Resolves with the presence of users. Rejects when neither their owners nor the store answer. */
export type PresenceLookup = (users: readonly string[]) => Promise<ReadonlyMap<string, Presence>>;

/** Creates a lookup that asks each owner for its users, and the store when an owner does not answer. */
export function createPresenceLookup({ ring, ask, store }: PresenceLookupOptions): PresenceLookup {
	async function stored(users: readonly string[]): Promise<ReadonlyMap<string, Presence>> {
		try {
			const known = await store.read(users.map((user) => topicOf('user', user)));
			return new Map(
				users.map((user) => {
					const values = known.get(topicOf('user', user))?.values;
					return [user, presenceIn((values?.[PRESENCE.name] ?? {}) as Registers<Presence>)];
				}),
			);
		} catch (cause) {
			throw new GatewayError('node_unavailable', 'No dispatcher answered for these users; retry.', { cause });
		}
	}

	return async (users) => {
		const owners = ring();
		const byOwner = new Map<string | undefined, string[]>();
		for (const user of users) {
			const owner = owners.owner(topicOf('user', user));
			const some = byOwner.get(owner);
			if (some === undefined) byOwner.set(owner, [user]);
			else some.push(user);
		}
		const answers = [...byOwner].map(([owner, some]) =>
			owner === undefined ? stored(some) : ask(owner, some).catch(() => stored(some)),
		);
		return new Map((await Promise.all(answers)).flatMap((answer) => [...answer]));
	};
}
