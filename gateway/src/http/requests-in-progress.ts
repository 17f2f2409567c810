import { createIdleWait } from '../runtime/idle-wait.ts';
import type { Route } from './router.ts';

/** The requests that the gateway is answering. */
export interface UnderWay {
	/**
	 * Returns the same routes, which count each request from the call of its handler to the answer.
	 * Streams do not count.
	 */
	count(routes: readonly Route[]): Route[];
	/** Settles when all are answered, or after `timeoutMs` milliseconds. */
	idle(timeoutMs: number): Promise<void>;
}

export function createUnderWay(): UnderWay {
	let requests = 0;
	const none = createIdleWait(() => requests === 0);
	return {
		count: (routes) =>
			routes.map((route) => {
				if (!('handle' in route)) return route;
				return {
					...route,
					async handle(request, body) {
						requests++;
						try {
							return await route.handle(request, body);
						} finally {
							requests--;
							// The answer is written in the following turns.
							setImmediate(none.look);
						}
					},
				};
			}),
		idle: none.wait,
	};
}
