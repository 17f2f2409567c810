import type { Identify } from './identity.ts';
import type { Request } from './request.ts';

/** Identifies the caller of a request once: before its body is read, and for its handler. */
export function oncePerRequest(identify: Identify): Identify {
	const callers = new WeakMap<Request, ReturnType<Identify>>();
	return (request, tokenIn) => {
		const known = callers.get(request);
		if (known !== undefined) return known;
		const caller = identify(request, tokenIn);
		callers.set(request, caller);
		return caller;
	};
}
