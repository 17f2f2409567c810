import { topicOf } from '../../src/state/topics/topic.ts';
import type { People } from '../workload/users.ts';
import type { Watchers } from '../workload/watchers.ts';

/** Who is shown otherwise than they are; undefined when nobody is. */
export function presenceNotTrue(people: People, watchers: Watchers): string | undefined {
	for (const { name, node, user, event } of watchers.told()) {
		if (node === undefined) return `${name} finds no frontend`;
		const isThere = people.isThere(user);
		if ((event?.online ?? false) !== isThere)
			return `${name}: ${user} is ${isThere ? '' : 'not '}there, and shown otherwise`;
	}
	return undefined;
}

/** Who is shown to be there though nobody said so for too long; undefined when nobody is. */
export function staleAfter(
	people: People,
	watchers: Watchers,
	{ now, doubtAt, boundMs }: { readonly now: number; readonly doubtAt: number; readonly boundMs: number },
): string | undefined {
	for (const { name, node, user, event } of watchers.told()) {
		if (!event?.online || !node?.process.runs || node.leaving) continue;
		const since = Math.max(people.lastSaidAt(user) ?? 0, doubtAt, node.process.runsSince);
		if (now - since > boundMs) return `${name}: nobody said for ${Math.round(now - since)} ms that ${user} is there`;
	}
	return undefined;
}

/** Who is there and was heard of for a while, and is not shown; undefined when nobody is. */
export function unshown(
	people: People,
	watchers: Watchers,
	{ since, mostMs }: { readonly since: number; readonly mostMs: number },
): string | undefined {
	for (const { name, node, since: satAt, user, event } of watchers.told()) {
		if (event?.online || !node?.process.runs || node.leaving || !people.isThere(user)) continue;
		// Nothing is shown of a topic before the store was read.
		if (node.frontend?.hub.topics.registration(topicOf('user', user))?.hash === undefined) continue;
		if (Math.max(satAt, node.process.runsSince, people.heardSince(user, mostMs)) > since) continue;
		return `${name}: ${user} is there, was heard of, and is not shown`;
	}
	return undefined;
}
