import type { Candidates, Forward } from '../cluster/routing/request-forwarding.ts';
import { frontendOf, workerOf } from '../frontend/connections/connection-id.ts';
import type { Request } from '../http/request.ts';
import type { Route } from '../http/router.ts';
import { spreadHash } from '../state/hash.ts';
import { nameOf } from '../workers/worker-names.ts';
import { connectionNotFound, FRONTEND_ROUTES, pollIn } from './stream-routes.ts';

/** How the main process of a node reaches its workers, and, for them, other nodes. */
export interface WorkerForwarding {
	/** Returns the names of the workers that serve. */
	readonly names: () => readonly string[];
	/** Forwards requests that another process has identified to workers. */
	readonly toWorkers: Forward;
	/** Forwards requests that a worker has identified to other nodes. */
	readonly toNodes: Forward;
}

/** The requests for one connection. */
const OF_CONNECTION = [FRONTEND_ROUTES.change, FRONTEND_ROUTES.end, FRONTEND_ROUTES.alive];

/** Returns the routes for requests of other nodes to the viewers of this one: its workers serve them. */
export function routesToWorkers({ names, toWorkers }: WorkerForwarding): Route[] {
	return [
		toWorkers.route(FRONTEND_ROUTES.stream, () => inTurn(names(), Math.random)),
		toWorkers.route(FRONTEND_ROUTES.poll, workersForPoll(names)),
		...OF_CONNECTION.map((name) => toWorkers.route(name, workerNamedBy(names))),
	];
}

export interface FromWorkersOptions extends WorkerForwarding {
	/** The name of this node. */
	readonly node: string;
	/** Returns the frontends for a poll, that of its viewer first. */
	readonly frontendsFor: (poll: string) => readonly string[];
	/** Returns the node of a connection of another frontend. Throws `connection_not_found`. */
	readonly frontendNamedBy: (connection: string) => readonly string[];
}

/** Returns the routes for requests of workers to viewers that are not their own. */
export function routesFromWorkers(options: FromWorkersOptions): Route[] {
	const { node, names, toWorkers, toNodes, frontendsFor, frontendNamedBy } = options;
	const workersOf = workerNamedBy(names);
	const pollWorkers = workersForPoll(names);
	return [
		...OF_CONNECTION.map(
			({ method, path }): Route => ({
				method,
				path,
				async handle(request, body) {
					const connection = request.parameters[0] ?? '';
					if (frontendOf(connection) === node) return toWorkers.send(request, body, workersOf(request));
					return toNodes.send(request, body, frontendNamedBy(connection));
				},
			}),
		),
		{
			method: FRONTEND_ROUTES.poll.method,
			path: FRONTEND_ROUTES.poll.path,
			async handle(request, body) {
				const poll = pollIn(request.query);
				const [home = node] = poll === undefined ? [] : frontendsFor(poll);
				if (home !== node) {
					const answer = await toNodes.send(request, body, [home]);
					if (answer.status !== 503) return answer;
				}
				return toWorkers.send(request, body, pollWorkers(request));
			},
		},
	];
}

/** Returns the choice of the worker of a connection. It throws `connection_not_found`. */
function workerNamedBy(names: WorkerForwarding['names']): Candidates {
	return ({ parameters }: Request) => {
		const worker = workerOf(parameters[0] ?? '');
		const name = worker === undefined ? '' : nameOf(worker);
		if (names().includes(name)) return [name];
		throw connectionNotFound();
	};
}

/** Returns the choice of the worker for a poll: the same one for each poll of a viewer, so that it counts once. */
function workersForPoll(names: WorkerForwarding['names']): Candidates {
	return ({ query }: Request) => {
		const poll = pollIn(query);
		return inTurn(names(), poll === undefined ? Math.random : (name) => spreadHash(`${name} ${poll}`));
	};
}

function inTurn(names: readonly string[], placeOf: (name: string) => number): string[] {
	const placed = names.map((name) => ({ name, place: placeOf(name) }));
	return placed.sort((a, b) => a.place - b.place).map(({ name }) => name);
}
