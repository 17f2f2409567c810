import { GatewayError } from '../../runtime/errors.ts';
import { PRESENCE, type Presence, presenceIn } from '../../state/kinds/presence.ts';
import type { Registers } from '../../state/kinds/register.ts';
import { topicOf } from '../../state/topics/topic.ts';
import type { Ring } from '../membership/ring.ts';
import type { TopicStore } from '../rpc/topic-store.ts';

export interface PresenceLookupOptions {
	readonly ring: () => Ring;
	/** Asks a dispatcher, which may be this node, of people that it owns. */
	readonly ask: (dispatcher: string, users: readonly string[]) => Promise<ReadonlyMap<string, Presence>>;
	readonly store: Pick<TopicStore, 'read'>;
}

/** Whether people are there. Rejects with `node_unavailable` when neither their dispatchers nor the store can tell. */
export type PresenceLookup = (users: readonly string[]) => Promise<ReadonlyMap<string, Presence>>;

/** Asks each dispatcher for those that it owns; of one that does not answer, the store for what was told last. */
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
			throw new GatewayError('node_unavailable', 'No node that knows who is there has answered.', { cause });
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
