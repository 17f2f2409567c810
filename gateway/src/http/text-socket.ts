import type { WebSocket } from 'uWebSockets.js';

/** What a WebSocket reports. Nothing comes after `onClose`. */
export interface TextSocketEvents {
	onMessage(bytes: Uint8Array, isBinary: boolean): void;
	/** Bytes that waited left. */
	onDrain(): void;
	onClose(): void;
}

/** Opens a socket that an upgrade was answered with; `abandon` when the client left before. */
export interface AcceptSocket {
	open(socket: TextSocket): TextSocketEvents;
	abandon?(): void;
}

/** What the server library keeps with a WebSocket. */
export interface SocketData {
	readonly accept: AcceptSocket;
	socket?: TextSocket;
	events?: TextSocketEvents;
}

let corked: WebSocket<SocketData>;
let pending: readonly Uint8Array[];
function sendAll(): void {
	for (const message of pending) corked.send(message, false);
}

/** The sending half of a WebSocket. All of it may be called after the socket closed, and does nothing then. */
export class TextSocket {
	#ws: WebSocket<SocketData> | undefined;

	constructor(ws: WebSocket<SocketData>) {
		this.#ws = ws;
	}

	/** Whether bytes wait for the client to read, and more would wait with them. */
	get isBlocked(): boolean {
		return this.#ws !== undefined && this.#ws.getBufferedAmount() > 0;
	}

	/** Sends text messages, in one packet when they are short. False when bytes wait in memory. */
	send(messages: readonly Uint8Array[]): boolean {
		if (this.#ws === undefined) return false;
		if (messages.length > 0) {
			corked = this.#ws;
			pending = messages;
			this.#ws.cork(sendAll);
		}
		return !this.isBlocked;
	}

	/** Ends the socket after what was sent. */
	end(code: number, reason: string): void {
		const ws = this.#ws;
		this.#ws = undefined;
		ws?.end(code, reason);
	}

	/** Cuts the socket at once. */
	close(): void {
		const ws = this.#ws;
		this.#ws = undefined;
		ws?.close();
	}

	/** The client is gone. */
	gone(): void {
		this.#ws = undefined;
	}
}
