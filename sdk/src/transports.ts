import { createSseTransport } from './sse-transport.ts';
import type { Transport, TransportChoice, TransportHandlers, TransportName } from './transport.ts';

/** Opens one of the ways that few pages need, once it is loaded. */
function openLater(handlers: TransportHandlers, name: TransportName): Transport {
	let transport: Transport | undefined;
	let closed = false;
	async function load(): Promise<void> {
		try {
			const { openOtherWay } = await import('./other-ways.ts');
			if (!closed) transport = openOtherWay(handlers, name);
		} catch (error) {
			// Without a network, the script cannot load either.
			if (!closed) setTimeout(load, Math.random() * handlers.onDown(error));
		}
	}
	void load();
	return {
		fail: (error) => transport?.fail(error),
		wake: () => transport?.wake?.(),
		close() {
			closed = true;
			transport?.close();
		},
	};
}

/** Returns the transport of a name. */
export function chooseTransport(name: TransportName): TransportChoice {
	const isStream = (blocked = false) => name === 'sse' || (name === 'auto' && !blocked);
	return {
		open: (handlers, blocked) => (isStream(blocked) ? createSseTransport : openLater)(handlers, name),
		missing: () => (isStream() && typeof EventSource !== 'function' ? 'EventSource' : undefined),
	};
}
