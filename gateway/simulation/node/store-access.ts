import { READ_DEADLINE_MS } from '../../src/cluster/rpc/peer-calls.ts';
import { MAX_UPDATE_EVENTS } from '../../src/state/log.ts';
import type { LogPage } from '../../src/store/log-store.ts';
import type { Process } from '../engine/process.ts';
import { call } from './calls.ts';
import type { Environment } from './environment.ts';
import type { Ask, EventsBehind, NodeContext } from './peer-port.ts';

/** The longest time to the database, and the longest time back, in milliseconds. */
export const DATABASE_MS = 10;

/** Asks the store from a node that has it; the answer is undefined when that failed. */
export function askLocally<Answer>(
	{ random, store, readFaults }: Environment,
	process: Process,
	ask: Ask<Answer>,
	done: (answer: Answer | undefined) => void,
): void {
	process.after(random.next() * DATABASE_MS, () => {
		const answer = random.chance(readFaults) || !store.isOpen ? undefined : ask(store);
		process.after(random.next() * DATABASE_MS, () => done(answer));
	});
}

/**
 * Asks the store of a node's region, as `topic-store.ts` does: its own, or that of the first Likes
 * node that answers.
 */
export function askStore<Answer>(
	environment: Environment,
	node: NodeContext,
	ask: Ask<Answer>,
	done: (answer: Answer | undefined) => void,
): void {
	if (node.hasStore) askLocally(environment, node.process, ask, done);
	else askInTurn(environment, node, [...node.router.view.likes], ask, done);
}

export interface EventsWanted extends EventsBehind {
	readonly region: string;
}

/** Asks for events of a log; another node's store answers with at most as many as fit into its answer. */
export function askForEvents(
	environment: Environment,
	node: NodeContext,
	{ topic, region, after, limit }: EventsWanted,
	done: (part: LogPage | undefined) => void,
): void {
	const max = node.hasStore ? limit : Math.min(limit, MAX_UPDATE_EVENTS);
	askStore(environment, node, (store) => store.events(topic, region, after, max), done);
}

function askInTurn<Answer>(
	environment: Environment,
	from: NodeContext,
	nodes: readonly string[],
	ask: Ask<Answer>,
	done: (answer: Answer | undefined) => void,
): void {
	const [to, ...others] = nodes;
	if (to === undefined) {
		from.process.after(0, () => done(undefined));
		return;
	}
	call<Answer>(environment, {
		from,
		to,
		deadlineMs: READ_DEADLINE_MS,
		handle: (port, _, reply) => port.read(ask, reply),
		done(answer) {
			if (answer === undefined && others.length > 0) askInTurn(environment, from, others, ask, done);
			else done(answer);
		},
	});
}
