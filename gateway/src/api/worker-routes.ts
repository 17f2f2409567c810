import type { Identify } from '../auth/authenticate.ts';
import type { PresenceLookup } from '../cluster/routing/presence-lookup.ts';
import type { Forward } from '../cluster/routing/request-forwarding.ts';
import { frontendOf, workerOf } from '../frontend/connections/connection-id.ts';
import type { Frontend } from '../frontend/frontend.ts';
import type { Rejections } from '../http/rejections.ts';
import type { Route } from '../http/router.ts';
import type { Operations } from '../socket/socket-operations.ts';
import { MAIN } from '../workers/worker-names.ts';
import { presenceRoutes } from './presence-routes.ts';
import { connectionNotFound, frontendRoutes } from './stream-routes.ts';
import { WRITER_ROUTES } from './write-routes.ts';

export interface WorkerRoutesOptions {
	/** The name of the node, and the number of this worker. */
	readonly node: string;
	readonly worker: number;
	readonly frontend: Frontend;
	/** Forwards requests to the main process. */
	readonly forward: Forward;
	readonly identify: Identify;
	/** Returns the caller of a request that the main process forwarded. */
	readonly identifyForwarded: Identify;
	readonly presenceLookup: PresenceLookup;
	readonly operations: Operations;
	readonly rejections: Rejections;
	readonly streamGzip: boolean;
}

/** The routes of a worker. */
export interface WorkerRoutes {
	/** For viewers: the worker serves its own, and forwards the rest to the main process. */
	readonly all: readonly Route[];
	/** For requests that the main process forwards: those of viewers of this worker. */
	readonly forwarded: readonly Route[];
}

/** Returns the routes of a worker of a node. */
export function createWorkerRoutes(options: WorkerRoutesOptions): WorkerRoutes {
	const { node, worker, forward, identify, identifyForwarded, presenceLookup, operations } = options;
	const toMain = () => [MAIN];

	function isOwn(connection: string): boolean {
		const home = frontendOf(connection);
		return home === '' || (home === node && workerOf(connection) === worker);
	}

	const own = frontendRoutes({
		...options,
		isOwn,
		forwarded: false,
		forward: (request, body) => forward.send(request, body, toMain()),
		async forwardPoll(request) {
			const answer = await forward.send(request, new Uint8Array(), toMain());
			return answer.status === 503 ? undefined : answer;
		},
	});
	const writes = WRITER_ROUTES.map((name) => forward.route(name, toMain));
	const all = [...own, ...writes, ...presenceRoutes(identify, presenceLookup)];
	operations.use(all);
	const forwarded = frontendRoutes({
		...options,
		isOwn,
		identify: identifyForwarded,
		forwarded: true,
		async forward() {
			throw connectionNotFound();
		},
		forwardPoll: async () => undefined,
	});
	return { all, forwarded };
}
