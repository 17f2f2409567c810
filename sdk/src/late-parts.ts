import { closedError } from './errors.ts';
import type { Gateway, GatewayOptions } from './gateway-access.ts';
import { MAX_WAITING, queueFullError } from './writes/write.ts';

type Parts = typeof import('./parts.ts');

/**
 * Runs a call with the parts, at once or as soon as they are loaded.
 * Throws `closed`; throws `queue_full` when 1,000 calls wait for the parts.
 */
export type UseParts = <Result>(call: (parts: Parts, gateway: Gateway) => Promise<Result>) => Promise<Result>;

/** The part of a client that loads later: all requests to a gateway, except the stream. */
export interface LateParts {
	readonly gateway: Omit<Gateway, 'read' | 'signal'>;
	readonly use: UseParts;
}

/**
 * Loads the parts at once in a page, otherwise with the first call or once a stream is open.
 * Calls wait for them.
 */
export function createLateParts(options: GatewayOptions): LateParts {
	const { closing } = options;
	let loaded: [Parts, Gateway] | undefined;
	let isLoading = false;
	let heldCalls = 0;
	let open = (_: [Parts, Gateway]) => {};
	const opened = new Promise<[Parts, Gateway]>((resolve, reject) => {
		open = resolve;
		closing.addEventListener('abort', () => reject(closedError()));
	});
	// Without waiting calls, a close would be an unhandled rejection.
	opened.catch(() => {});

	async function load(): Promise<void> {
		if (isLoading || closing.aborted) return;
		isLoading = true;
		try {
			const parts = await import('./parts.ts');
			if (closing.aborted) return;
			loaded = [parts, parts.openGateway(options)];
			open(loaded);
		} catch {
			// Without a network, the next stream or call tries again.
			isLoading = false;
		}
	}

	const use: UseParts = (call) => {
		if (loaded !== undefined) return call(...loaded);
		if (closing.aborted) throw closedError();
		if (heldCalls++ >= MAX_WAITING) throw queueFullError();
		void load();
		return opened.then(([parts, gateway]) => call(parts, gateway));
	};

	// The user may leave the page right after the first tap, and calls that wait for the parts are lost with it.
	if (typeof document === 'object') void load();

	return {
		use,
		gateway: {
			write: (write) => use((_, gateway) => gateway.write(write)),
			locate(...place) {
				void load();
				if (loaded !== undefined) loaded[1].locate(...place);
				else
					opened.then(
						([, gateway]) => gateway.locate(...place),
						() => {},
					);
			},
			resume: () => loaded?.[1].resume(),
			flush: () => loaded?.[1].flush(),
		},
	};
}
