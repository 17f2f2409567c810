import { closedError, type LikewireError } from './errors.ts';
import type { Gateway, GatewayOptions } from './gateway-access.ts';
import { MAX_WAITING, queueFullError } from './writes/write.ts';

type Parts = typeof import('./parts.ts');

/**
 * Calls with the parts: at once when they are loaded, else once they are. Throws `closed`, and `queue_full` when 1,000 calls
 * are held.
 */
export type UseParts = <Result>(call: (parts: Parts, gateway: Gateway) => Promise<Result>) => Promise<Result>;

/** What of a client is loaded later: all that asks a gateway, but for the stream. */
export interface LateParts {
	readonly gateway: Omit<Gateway, 'read' | 'signal'>;
	readonly use: UseParts;
}

export interface LatePartsOptions extends GatewayOptions {
	/** What the platform lacks for any stream, without which no write learns its region. */
	readonly missing: () => LikewireError | undefined;
}

/** Loads the parts at once in a page, and elsewhere with the first call or once a stream is open. Until then calls are held. */
export function createLateParts({ missing, ...options }: LatePartsOptions): LateParts {
	const { closing } = options;
	let loaded: [Parts, Gateway] | undefined;
	let isLoading = false;
	let place: Parameters<Gateway['locate']> | undefined;
	let heldCalls = 0;
	let open = (_: [Parts, Gateway]) => {};
	const opened = new Promise<[Parts, Gateway]>((resolve, reject) => {
		open = resolve;
		closing.addEventListener('abort', () => reject(closedError()));
	});
	// No call may be held when the client is closed.
	opened.catch(() => {});

	async function load(): Promise<void> {
		if (isLoading || closing.aborted) return;
		isLoading = true;
		try {
			const parts = await import('./parts.ts');
			if (closing.aborted) return;
			loaded = [parts, parts.openGateway(options)];
			if (place !== undefined) loaded[1].locate(...place);
			open(loaded);
		} catch {
			// Without a network: the next stream, or the next call, tries again.
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

	// A page may be left right after the first tap, and what is held here is lost with it.
	if (typeof document === 'object') void load();

	return {
		use,
		gateway: {
			write(write) {
				const error = missing();
				if (error !== undefined) throw error;
				return use((_, gateway) => gateway.write(write));
			},
			locate(...located) {
				// A region that a stream named stands when a later one cannot name any.
				if (located[0] !== undefined || place === undefined) place = located;
				if (loaded === undefined) void load();
				else loaded[1].locate(...located);
			},
			resume: () => loaded?.[1].resume(),
			flush: () => loaded?.[1].flush(),
		},
	};
}
