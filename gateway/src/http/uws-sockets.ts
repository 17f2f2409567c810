import type {
	HttpRequest,
	HttpResponse,
	TemplatedApp,
	us_socket_context_t,
	WebSocket,
	WebSocketBehavior,
} from 'uWebSockets.js';
import { GatewayError } from '../runtime/errors.ts';
import { pageRefusal } from './guards.ts';
import type { AllowedOrigins } from './origins.ts';
import type { Rejection } from './rejections.ts';
import { type AcceptSocket, type SocketData, TextSocket } from './text-socket.ts';

/**
 * The most bytes of a message; the server library cuts the socket at a longer one before the gateway
 * can answer.
 */
const MAX_MESSAGE_BYTES = 64 * 1024;

/**
 * A client that sends nothing for this time is gone, in seconds; it answers a ping that leaves 8 s
 * before. Bytes that the gateway sends do not count, since the kernel buffers bytes for a client that
 * vanished without an error.
 */
const IDLE_S = 32;

/** The only version of the protocol (RFC 6455, 4.1). */
const VERSION = '13';

const open = new Set<WebSocket<SocketData>>();

/**
 * Upgrades without a corked `res`. `res.cork` uses its response afterwards; an upgrade that left the
 * socket at its place in memory has put another object there, by which the library may close the
 * socket (uWebSockets, HttpResponse.h, `cork`). While another socket is corked, `res.cork` corks
 * nothing. Without another one the library warns on stderr.
 */
function outsideCork(res: HttpResponse, upgrade: () => void): void {
	const [other] = open;
	if (other === undefined) upgrade();
	else other.cork(() => res.cork(upgrade));
}

/** Returns the error for a request to a socket that is no upgrade to a WebSocket of the known version. */
export function upgradeRequired(): GatewayError {
	return new GatewayError('upgrade_required', `This path takes an upgrade to a WebSocket of version ${VERSION} alone.`);
}

/**
 * Returns a function that completes an upgrade, after its request can no longer be read; or why a page
 * may not have it; or undefined for an unknown version.
 */
export function upgradeOf(
	req: HttpRequest,
	context: us_socket_context_t,
	allowed: AllowedOrigins,
): ((res: HttpResponse, accept: AcceptSocket) => void) | Rejection | undefined {
	if (req.getHeader('sec-websocket-version') !== VERSION) return undefined;
	const refusal = pageRefusal(req, allowed);
	if (refusal !== undefined) return refusal;
	const key = req.getHeader('sec-websocket-key');
	// No subprotocol and no extension: events are small, and compression would keep a window for each socket.
	return (res, accept) => outsideCork(res, () => res.upgrade<SocketData>({ accept }, key, '', '', context));
}

/**
 * Serves WebSockets on a path; `upgrade` answers the request, `onClosed` runs once for each opened
 * socket.
 */
export function serveSockets(
	app: TemplatedApp,
	path: string,
	upgrade: NonNullable<WebSocketBehavior<SocketData>['upgrade']>,
	onClosed: () => void,
): void {
	app.ws<SocketData>(path, {
		maxPayloadLength: MAX_MESSAGE_BYTES,
		idleTimeout: IDLE_S,
		sendPingsAutomatically: true,
		// A blocked viewer gets no more frames, so at most one waits; a dropped one would break the totals.
		maxBackpressure: 0,
		upgrade,
		open(ws) {
			open.add(ws);
			const data = ws.getUserData();
			data.socket = new TextSocket(ws);
			data.events = data.accept.open(data.socket);
		},
		message(ws, message, isBinary) {
			// Copied: the library reuses it.
			ws.getUserData().events?.onMessage(new Uint8Array(message.slice(0)), isBinary);
		},
		drain(ws) {
			ws.getUserData().events?.onDrain();
		},
		close(ws) {
			open.delete(ws);
			const { socket, events } = ws.getUserData();
			socket?.gone();
			onClosed();
			events?.onClose();
		},
	});
}
