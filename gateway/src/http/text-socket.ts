import type { WebSocket } from 'uWebSockets.js';

/** The events of a WebSocket. `onClose` is the last one. */
export interface TextSocketEvents {
	onMessage(bytes: Uint8Array, isBinary: boolean): void;
	/** Bytes that waited have left. */
	onDrain(): void;
	onClose(): void;
}

/** Opens the socket of an accepted upgrade; `abandon` runs when the client left before. */
export interface AcceptSocket {
	open(socket: TextSocket): TextSocketEvents;
	abandon?(): void;
}

/** The data that the server library keeps with a WebSocket. */
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

/** The sending half of a WebSocket. After the socket closed its methods do nothing. */
export class TextSocket {
	#ws: WebSocket<SocketData> | undefined;

	constructor(ws: WebSocket<SocketData>) {
		this.#ws = ws;
	}

	/** Whether bytes wait for the client to read, and more would wait with them. */
	get isBlocked(): boolean {
		return this.#ws !== undefined && this.#ws.getBufferedAmount() > 0;
	}

	/** Sends text messages, in one packet when they are short. Returns false when bytes wait in memory. */
	send(messages: readonly Uint8Array[]): boolean {
		if (this.#ws === undefined) return false;
		if (messages.length > 0) {
			corked = this.#ws;
			pending = messages;
			this.#ws.cork(sendAll);
		}
		return !this.isBlocked;
	}

	/** Ends the socket after the sent messages. */
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
