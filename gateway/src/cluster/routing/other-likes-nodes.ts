import type { Problem } from '@likewire/protocol';
import { type Answer, problem } from '../../http/answer.ts';
import type { Request } from '../../http/request.ts';
import type { Route } from '../../http/router.ts';
import { GatewayError } from '../../runtime/errors.ts';

export interface SpareLikesOptions {
	/** Whether the store of this node takes writes. */
	readonly storeWorks: () => boolean;
	/** The other Likes nodes that may do the same, in the order in which to try them. */
	readonly others: () => readonly string[];
	/** Hands a request to the first of the nodes that does it. */
	readonly send: (request: Request, body: Uint8Array, nodes: readonly string[]) => Promise<Answer>;
}

/**
 * A route of the role `likes` that goes to another Likes node while the store of this node is away, or this node stops.
 * What was tried here before goes there with the same id, so it counts once.
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

/** A 503 as an answer, which it is for some routes, and not thrown. */
async function answerOf(handle: () => Answer | Promise<Answer>): Promise<Answer> {
	try {
		return await handle();
	} catch (error) {
		if (error instanceof GatewayError && error.status === 503) return problem(error);
		throw error;
	}
}

/** Whether it is this node that cannot do it, and another one may. */
function isOutOfOrder({ status, body }: Answer): boolean {
	if (status !== 503) return false;
	const { code } = JSON.parse(String(body)) as Partial<Problem>;
	return code === 'store_unavailable' || code === 'shutting_down';
}
