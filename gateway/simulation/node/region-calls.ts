import { REGION_DEADLINE_MS } from '../../src/regions/region-calls.ts';
import type { Reply } from './calls.ts';
import type { Abroad, World } from './environment.ts';
import type { Node } from './node.ts';

/** What a region said may come once more so late, in milliseconds. */
const REPLAY_MS = 20_000;

export interface RegionCall<Answer> {
	readonly from: Node;
	/** A region. */
	readonly to: string;
	/** Its dispatchers; who does not answer goes to the end. */
	readonly dispatchers: string[];
	/** What the dispatcher that is asked does. */
	handle(node: Node, reply: Reply<Answer>): void;
	/** Once: with the answer, or without one when it was refused, lost or late. */
	done(answer?: Answer): void;
}

/** A request to another region, as `RegionCalls` makes it and `regionRoutes` takes it. */
export function callRegion<Answer>(world: World, { worlds, ways, replays }: Abroad, request: RegionCall<Answer>): void {
	const { from, to, dispatchers, handle, done } = request;
	const { timeline, random, counts, region } = world;
	const there = worlds.get(to);
	const name = dispatchers[0];
	if (there === undefined || name === undefined) throw new Error(`there is nobody in ${to}`);
	let settled = false;

	function settle(answer?: Answer): void {
		if (settled) return;
		settled = true;
		if (answer === undefined && dispatchers[0] === name) dispatchers.push(...dispatchers.splice(0, 1));
		done(answer);
	}

	function answerTo(answer: Answer | undefined): void {
		ways.carry(to, region, () => from.process.run(() => settle(answer)));
	}

	function arrive(): void {
		const node = there?.nodes.get(name as string);
		if (node === undefined || node.process.isDead) {
			if (!there?.silent.has(name as string)) answerTo(undefined);
			return;
		}
		node.process.run(() => handle(node, answerTo));
	}

	from.process.after(REGION_DEADLINE_MS, () => settle());
	ways.carry(region, to, arrive);
	if (!random.chance(replays)) return;
	counts.add('words of other regions that came again, late');
	timeline.after(random.next() * REPLAY_MS, () => ways.carry(region, to, arrive));
}
