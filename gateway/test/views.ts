import { Ring } from '../src/cluster/membership/ring.ts';
import type { View } from '../src/cluster/membership/view.ts';

export interface ViewParts {
	readonly dispatchers?: readonly string[];
	readonly frontends?: readonly string[];
	/** Those of them that nothing is heard of. */
	readonly unheard?: readonly string[];
	/** Those of them that missed a ping. */
	readonly suspects?: readonly string[];
	readonly likes?: readonly string[];
	/** Those of them that are gone. */
	readonly goneLikes?: readonly string[];
	/** Of nodes that are not in their first life. */
	readonly incarnations?: Readonly<Record<string, number>>;
}

/** What a node goes by while the cluster is so; nodes are in their first life unless it says otherwise. */
export function viewOf({
	dispatchers = [],
	frontends = [],
	unheard = [],
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
		unheard: new Set(unheard),
		suspects: new Set(suspects),
		likes,
		goneLikes,
		incarnations: new Map(nodes.map((node) => [node, incarnationOf(node)])),
	};
}

/** Topics that a dispatcher of the view owns. */
export function topicsOf({ ring }: View, owner: string, count: number): string[] {
	const topics: string[] = [];
	for (let index = 0; topics.length < count; index++) {
		if (ring.owner(`video:v${index}`) === owner) topics.push(`video:v${index}`);
	}
	return topics;
}

/** The one that {@link topicsOf} finds first. */
export function topicOf(view: View, owner: string): string {
	return topicsOf(view, owner, 1)[0] as string;
}
