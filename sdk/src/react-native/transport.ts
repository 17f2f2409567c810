import { createFallback } from '../fallback.ts';
import { createPollingTransport } from '../polling-transport.ts';
import type { TransportChoice, TransportName } from '../transport.ts';
import { createWebSocketTransport } from '../web-socket-transport.ts';

/**
 * Returns the transport of a name in React Native: a WebSocket, and polling where none comes through.
 * React Native has no EventSource, and its fetch does not stream.
 */
export function chooseNativeTransport(name: TransportName): TransportChoice {
	return {
		open(handlers, blocked) {
			if (name === 'polling') return createPollingTransport(handlers);
			if (name === 'websocket' || !blocked) return createWebSocketTransport(handlers);
			return createFallback(handlers, [createWebSocketTransport, createPollingTransport]);
		},
		missing() {
			if (name === 'sse') return 'EventSource';
			// React Native calls its globals `window`. Node has none: it renders the app for the web, and opens no stream.
			return typeof window === 'object' && typeof WebSocket === 'function' ? undefined : 'WebSocket';
		},
	};
}
