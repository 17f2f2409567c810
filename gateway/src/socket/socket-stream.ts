import { MAX_BODY_BYTES } from '@likewire/protocol';
import type { Caller } from '../auth/caller.ts';
import type { TextSocket, TextSocketEvents } from '../http/text-socket.ts';
import { socketFrameOf } from './socket-frames.ts';
import { type Operation, type Operations, parseOperation } from './socket-operations.ts';

/** The most operations of a socket in progress; the gateway refuses further ones. */
const MAX_UNDER_WAY = 64;

/** The most answers that wait for a client that does not read; beyond it the gateway cuts the socket. */
const MAX_WAITING_ACKS = 64;

/** Close codes (RFC 6455, 7.4.1; 1013 of the IANA registry), by the reason of the end. */
const CLOSE = { shutdown: 1001, lifetime: 1000, closed: 1000, full: 1013 } as const;
const UNSUPPORTED_DATA = 1003;
const POLICY_VIOLATION = 1008;
const TOO_BIG = 1009;

const encoder = new TextEncoder();

/** What a socket reports to its stream. */
export interface SocketStreamHandlers {
	/** The client went away, or the gateway cut it off for what it sent. */
	onGone(): void;
	/** The client has read what was waiting. */
	onDrained(): void;
}

export interface SocketStreamOptions {
	readonly socket: TextSocket;
	readonly caller: Caller;
	readonly operations: Operations;
	readonly handlers: SocketStreamHandlers;
}

/** A stream on a WebSocket: sends the frames of a stream, and performs the operations of its client. */
export class SocketStream implements TextSocketEvents {
	readonly #options: SocketStreamOptions;
	/** The id of the connection; empty until its `hello` was sent. */
	#connection = '';
	#closeCode: number = CLOSE.closed;
	#isOpen = true;
	#underWay = 0;
	/** Changes of what the connection follows run one after another. */
	#changes: Promise<void> = Promise.resolve();
	#acks: Uint8Array[] = [];

	constructor(options: SocketStreamOptions) {
		this.#options = options;
	}

	/** Sends a frame of whole events; returns false when bytes wait in memory. */
	write(frame: Uint8Array): boolean {
		if (!this.#isOpen) return false;
		const { messages, connection, bye } = socketFrameOf(frame);
		if (connection !== undefined) this.#connection = connection;
		if (bye !== undefined) this.#closeCode = CLOSE[bye];
		return this.#options.socket.send(messages);
	}

	end(): void {
		this.#end(this.#closeCode, '');
	}

	close(): void {
		this.#isOpen = false;
		this.#options.socket.close();
	}

	onMessage(bytes: Uint8Array, isBinary: boolean): void {
		if (!this.#isOpen) return;
		if (isBinary) this.#cut(UNSUPPORTED_DATA, 'messages are text');
		else if (bytes.length > MAX_BODY_BYTES) this.#cut(TOO_BIG, `a message has at most ${MAX_BODY_BYTES} bytes`);
		else this.#take(bytes);
	}

	onDrain(): void {
		if (!this.#isOpen || this.#options.socket.isBlocked) return;
		const acks = this.#acks;
		this.#acks = [];
		if (this.#options.socket.send(acks)) this.#options.handlers.onDrained();
	}

	onClose(): void {
		if (!this.#isOpen) return;
		this.#isOpen = false;
		this.#options.handlers.onGone();
	}

	#take(bytes: Uint8Array): void {
		const operation = parseOperation(bytes);
		const { ref } = operation;
		if (operation.op === undefined) this.#ack({ ref, code: operation.code, detail: operation.detail });
		else if (operation.op === 'ping') this.#ack({ ref, at: Date.now() });
		else if (this.#underWay >= MAX_UNDER_WAY) {
			const detail = `${MAX_UNDER_WAY} operations of this socket are under way; wait for their acks.`;
			this.#ack({ ref, code: 'too_many_requests', detail });
		} else {
			this.#underWay++;
			if (operation.op === 'like') void this.#carryOut(operation);
			else this.#changes = this.#changes.then(() => this.#carryOut(operation));
		}
	}

	async #carryOut(operation: Operation): Promise<void> {
		const { operations, caller } = this.#options;
		const data = this.#isOpen ? await operations.carryOut(operation, caller, this.#connection) : {};
		this.#underWay--;
		this.#ack({ ref: operation.ref, ...data });
	}

	#ack(data: object): void {
		if (!this.#isOpen) return;
		const { socket } = this.#options;
		const message = encoder.encode(JSON.stringify({ event: 'ack', data }));
		if (!socket.isBlocked) socket.send([message]);
		else if (this.#acks.push(message) > MAX_WAITING_ACKS) this.#cut(POLICY_VIOLATION, 'acks are not read');
	}

	/** Ends the socket for what its client did. */
	#cut(code: number, reason: string): void {
		this.#end(code, reason);
		this.#options.handlers.onGone();
	}

	#end(code: number, reason: string): void {
		if (!this.#isOpen) return;
		this.#isOpen = false;
		this.#options.socket.end(code, reason);
	}
}

/** Sends the close frame on a new socket and ends it, as `rejectStream` does for a stream. */
export function rejectSocket(socket: TextSocket, closeFrame: Uint8Array): TextSocketEvents {
	const { messages, bye } = socketFrameOf(closeFrame);
	socket.send(messages);
	socket.end(CLOSE[bye ?? 'closed'], '');
	return { onMessage: () => undefined, onDrain: () => undefined, onClose: () => undefined };
}
