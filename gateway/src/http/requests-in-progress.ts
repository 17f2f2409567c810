import { createIdleWait } from '../runtime/idle-wait.ts';
import type { Route } from './router.ts';

/** Requests that are being answered. */
export interface UnderWay {
	/** The same routes, of which every request counts from its handler's call to the answer. Streams do not count. */
	count(routes: readonly Route[]): Route[];
	/** Settles when all are answered, or after so many milliseconds. */
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
							// The answer is written in the turns that follow this one.
							setImmediate(none.look);
						}
					},
				};
			}),
		idle: none.wait,
	};
}
