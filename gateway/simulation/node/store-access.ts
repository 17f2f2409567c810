import { READ_DEADLINE_MS } from '../../src/cluster/rpc/peer-calls.ts';
import { MAX_UPDATE_EVENTS } from '../../src/state/log.ts';
import type { LogPage } from '../../src/store/log-store.ts';
import type { Process } from '../engine/process.ts';
import type { SimulatedStore } from '../store/simulated-store.ts';
import { call } from './calls.ts';
import type { World } from './environment.ts';
import type { Node } from './node.ts';

/** How long each way to the database and back takes at the most, in milliseconds. */
export const DATABASE_MS = 10;

/** Asks the store of a region for something. */
export type Ask<Answer> = (store: SimulatedStore) => Answer;

/** Asks the store from a node that has it; the answer is undefined when that failed. */
function askHere<Answer>(
	{ random, store, readFaults }: World,
	process: Process,
	ask: Ask<Answer>,
	done: (answer: Answer | undefined) => void,
): void {
	process.after(random.next() * DATABASE_MS, () => {
		const answer = random.chance(readFaults) || !store.isOpen ? undefined : ask(store);
		process.after(random.next() * DATABASE_MS, () => done(answer));
	});
}

/** Asks the store of a node's region, as `topic-store.ts` does: its own, or that of the first Likes node which answers. */
export function askStore<Answer>(
	world: World,
	node: Node,
	ask: Ask<Answer>,
	done: (answer: Answer | undefined) => void,
): void {
	if (node.likes !== undefined) askHere(world, node.process, ask, done);
	else askInTurn(world, node, [...node.router.view.likes], ask, done);
}

export interface EventsWanted {
	readonly topic: string;
	readonly region: string;
	readonly after: number;
	readonly limit: number;
}

/** Asks for events of a log; of another node's store, no more than fit into its answer. */
export function askForEvents(
	world: World,
	node: Node,
	{ topic, region, after, limit }: EventsWanted,
	done: (part: LogPage | undefined) => void,
): void {
	const most = node.likes === undefined ? Math.min(limit, MAX_UPDATE_EVENTS) : limit;
	askStore(world, node, (store) => store.events(topic, region, after, most), done);
}

function askInTurn<Answer>(
	world: World,
	from: Node,
	nodes: readonly string[],
	ask: Ask<Answer>,
	done: (answer: Answer | undefined) => void,
): void {
	const [to, ...others] = nodes;
	if (to === undefined) {
		from.process.after(0, () => done(undefined));
		return;
	}
	call<Answer>(world, {
		from,
		to,
		deadlineMs: READ_DEADLINE_MS,
		handle: (node, _, reply) => askHere(world, node.process, ask, reply),
		done(answer) {
			if (answer === undefined && others.length > 0) askInTurn(world, from, others, ask, done);
			else done(answer);
		},
	});
}
