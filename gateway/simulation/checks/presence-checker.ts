import { topicOf } from '../../src/state/topics/topic.ts';
import type { Node } from '../node/node.ts';
import type { Users } from '../workload/users.ts';
import type { Watchers } from '../workload/watchers.ts';

/** Returns which user a watcher sees in the wrong state; undefined when none. */
export function wrongPresence(users: Users, watchers: Watchers): string | undefined {
	for (const { name, node, user, event } of watchers.shown()) {
		if (node === undefined) return `${name} finds no frontend`;
		const isOnline = users.isOnline(user);
		if ((event?.online ?? false) !== isOnline)
			return `${name}: ${user} is ${isOnline ? '' : 'not '}online, and shown otherwise`;
	}
	return undefined;
}

/**
 * Returns which user a watcher sees online though heartbeats stopped too long ago; undefined when
 * none.
 */
export function staleAfter(
	users: Users,
	watchers: Watchers,
	{ now, unsettledAt, boundMs }: { readonly now: number; readonly unsettledAt: number; readonly boundMs: number },
): string | undefined {
	for (const { name, node, user, event } of watchers.shown()) {
		if (!event?.online || !node?.process.runs || node.leaving) continue;
		const since = Math.max(users.lastSentAt(user) ?? 0, unsettledAt, node.process.runsSince);
		if (now - since > boundMs)
			return `${name}: no heartbeat for ${Math.round(now - since)} ms, and ${user} is shown online`;
	}
	return undefined;
}

/**
 * The users whose state each frontend has had since the look before. A frontend shows nothing of a user before a
 * dispatcher has read the store, and then its viewers receive the state within its window.
 */
export class KnownUsers {
	#before: ReadonlySet<string> = new Set();
	#now: ReadonlySet<string> = new Set();

	look(nodes: Iterable<Node>, users: readonly string[]): void {
		this.#before = this.#now;
		const now = new Set<string>();
		for (const node of nodes) {
			for (const user of users) {
				const registration = node.frontend?.hub.topics.registration(topicOf('user', user));
				if (registration?.hash !== undefined) now.add(keyOf(node, user));
			}
		}
		this.#now = now;
	}

	has(node: Node, user: string): boolean {
		return this.#before.has(keyOf(node, user)) && this.#now.has(keyOf(node, user));
	}
}

function keyOf({ name, incarnation }: Node, user: string): string {
	return `${name} ${incarnation} ${user}`;
}

/**
 * Returns which user a watcher does not see online though an owner receives heartbeats; undefined when
 * none.
 */
export function notShown(
	users: Users,
	watchers: Watchers,
	{ since, maxMs, known }: { readonly since: number; readonly maxMs: number; readonly known: KnownUsers },
): string | undefined {
	for (const { name, node, since: connectedAt, user, event } of watchers.shown()) {
		if (event?.online || !node?.process.runs || node.leaving || !users.isOnline(user)) continue;
		if (!known.has(node, user)) continue;
		if (Math.max(connectedAt, node.process.runsSince, users.receivedSince(user, maxMs)) > since) continue;
		return `${name}: ${user} sends heartbeats, and is not shown online`;
	}
	return undefined;
}
