import { Ring } from '../src/cluster/membership/ring.ts';
import type { View } from '../src/cluster/membership/view.ts';

export interface ViewParts {
	readonly dispatchers?: readonly string[];
	readonly frontends?: readonly string[];
	/** The frontends that the node receives nothing from. */
	readonly silent?: readonly string[];
	/** The frontends that missed a ping. */
	readonly suspects?: readonly string[];
	readonly likes?: readonly string[];
	/** The Likes nodes that are gone. */
	readonly goneLikes?: readonly string[];
	/** The incarnations of nodes that restarted. */
	readonly incarnations?: Readonly<Record<string, number>>;
}

/** Returns the view of a node of such a cluster. The incarnation of a node is 1 by default. */
export function viewOf({
	dispatchers = [],
	frontends = [],
	silent = [],
	suspects = [],
	likes = [],
	goneLikes = [],
	incarnations = {},
}: ViewParts): View {
	const incarnationOf = (node: string) => incarnations[node] ?? 1;
	const nodes = [...new Set([...dispatchers, ...frontends, ...likes])];
	return {
		ring: new Ring(dispatchers.map((node) => ({ node, incarnation: incarnationOf(node) }))),
		frontends: new Set(frontends),
		silent: new Set(silent),
		suspects: new Set(suspects),
		likes,
		goneLikes,
		incarnations: new Map(nodes.map((node) => [node, incarnationOf(node)])),
	};
}

/** Returns topics that a dispatcher of the view owns. */
export function topicsOf({ ring }: View, owner: string, count: number): string[] {
	const topics: string[] = [];
	for (let index = 0; topics.length < count; index++) {
		if (ring.owner(`video:v${index}`) === owner) topics.push(`video:v${index}`);
	}
	return topics;
}

/** Returns the first topic of {@link topicsOf}. */
export function topicOf(view: View, owner: string): string {
	return topicsOf(view, owner, 1)[0] as string;
}
