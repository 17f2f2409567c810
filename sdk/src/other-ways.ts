import { createFallback } from './fallback.ts';
import { createPollingTransport } from './polling-transport.ts';
import { createSseTransport } from './sse-transport.ts';
import type { OpenTransport, Transport, TransportHandlers, TransportName } from './transport.ts';
import { createWebSocketTransport } from './web-socket-transport.ts';

/**
 * Opens the named way for events to arrive in a page.
 * `auto` tries a WebSocket, Server-Sent Events and repeated requests in turn, until one comes through.
 */
export function openOtherWay(handlers: TransportHandlers, name: TransportName): Transport {
	const ways: OpenTransport[] = [];
	const isThere = (way: TransportName, type: string) => name === way || (name === 'auto' && type in globalThis);
	if (isThere('websocket', 'WebSocket')) ways.push(createWebSocketTransport);
	// Once more before polling: the gateway may only have been down.
	if (isThere('sse', 'EventSource')) ways.push(createSseTransport);
	if (isThere('polling', 'fetch')) ways.push(createPollingTransport);
	return createFallback(handlers, ways);
}
