import type { Problem } from '@likewire/protocol';
import { type Answer, problem } from '../../http/answer.ts';
import type { Request } from '../../http/request.ts';
import type { Route } from '../../http/router.ts';
import { GatewayError } from '../../runtime/errors.ts';

export interface SpareLikesOptions {
	/** Returns whether the store of this node takes writes. */
	readonly storeWorks: () => boolean;
	/** The other Likes nodes, in the order of tries. */
	readonly others: () => readonly string[];
	/** Forwards a request to the first node that answers it. */
	readonly send: (request: Request, body: Uint8Array, nodes: readonly string[]) => Promise<Answer>;
}

/**
 * Returns a route of the role `likes` that forwards to another Likes node while the store of this node
 * is unavailable, or this node stops. A request that this node tried first keeps its id, so it counts
 * once.
 */
export function withSpareLikes(route: Route, { storeWorks, others, send }: SpareLikesOptions): Route {
	if (!('handle' in route)) return route;
	return {
		...route,
		async handle(request, body) {
			const nodes = others();
			if (nodes.length === 0) return route.handle(request, body);
			if (!storeWorks()) return send(request, body, nodes);
			const answer = await answerOf(() => route.handle(request, body));
			if (!isOutOfOrder(answer)) return answer;
			const key = answer.headers['Idempotency-Key'] ?? request.headers['idempotency-key'];
			return send({ ...request, headers: { ...request.headers, 'idempotency-key': key } }, body, nodes);
		},
	};
}

/** Returns the answer of a handler; a thrown 503 becomes an answer, too. */
async function answerOf(handle: () => Answer | Promise<Answer>): Promise<Answer> {
	try {
		return await handle();
	} catch (error) {
		if (error instanceof GatewayError && error.status === 503) return problem(error);
		throw error;
	}
}

/** Returns whether this node cannot serve a request, and another Likes node may. */
function isOutOfOrder({ status, body }: Answer): boolean {
	if (status !== 503) return false;
	const { code } = JSON.parse(String(body)) as Partial<Problem>;
	return code === 'store_unavailable' || code === 'shutting_down';
}
