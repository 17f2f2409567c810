import type { Request } from '../http/request.ts';
import type { Identify } from './authenticate.ts';
import type { Caller } from './caller.ts';

/** Identifies the caller of a request once. */
export interface IdentifyOnce {
	readonly identify: Identify;
	/** Sets the caller of a request that was identified before. */
	know(request: Request, caller: Caller): void;
}

/**
 * Identifies the caller of a request once: before the gateway reads the body, and again for the
 * handler.
 */
export function oncePerRequest(identify: Identify): IdentifyOnce {
	const callers = new WeakMap<Request, ReturnType<Identify>>();
	return {
		identify(request, tokenIn) {
			const known = callers.get(request);
			if (known !== undefined) return known;
			const caller = identify(request, tokenIn);
			callers.set(request, caller);
			return caller;
		},
		know: (request, caller) => void callers.set(request, Promise.resolve(caller)),
	};
}
