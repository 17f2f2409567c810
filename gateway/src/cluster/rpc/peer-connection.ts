import { connect, type Socket } from 'node:net';
import { AnswerParser, type PeerResponse } from './response-parser.ts';

/** An idle connection closes after this long, in milliseconds: before the other side closes it. */
const KEEP_ALIVE_MS = 4_000;

/** The longest body in one write with its head, in bytes: a longer copy costs more than a write. */
const COPIED_BYTES = 16 * 1024;

/** Receives the result of a request. */
export interface Asker {
	/** Takes the whole answer. */
	answered(response: PeerResponse): void;
	/** Takes the reason of a missing answer. */
	failed(cause: Error): void;
}

/** A connection to another node: one request at a time. */
export class PeerConnection {
	readonly #socket: Socket;
	readonly #onFree: (connection: PeerConnection) => void;
	readonly #onClosed: (connection: PeerConnection) => void;
	readonly #parser = new AnswerParser();
	#asker: Asker | undefined;
	#closed = false;

	/** Calls `onFree` when it takes the next request, and `onClosed` once when it takes none any more. */
	constructor(
		{ hostname, port }: URL,
		onFree: (connection: PeerConnection) => void,
		onClosed: (connection: PeerConnection) => void,
	) {
		this.#onFree = onFree;
		this.#onClosed = onClosed;
		this.#socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || 80, noDelay: true });
		this.#socket.setTimeout(KEEP_ALIVE_MS, () => {
			if (this.#asker === undefined) this.close(new Error('idle'));
		});
		this.#socket.on('data', (bytes: Buffer) => this.#read(bytes));
		this.#socket.on('error', (error) => this.close(error));
		this.#socket.on('close', () => this.close(new Error('the connection was closed')));
		this.#socket.on('end', () => this.close(new Error('the connection was closed')));
	}

	send(head: string, body: Uint8Array, asker: Asker): void {
		this.#asker = asker;
		if (body.length <= COPIED_BYTES) {
			const whole = Buffer.allocUnsafe(head.length + body.length);
			whole.write(head, 'latin1');
			whole.set(body, head.length);
			this.#socket.write(whole);
			return;
		}
		this.#socket.cork();
		this.#socket.write(head, 'latin1');
		this.#socket.write(body);
		this.#socket.uncork();
	}

	/** Closes the connection, and fails its request. */
	close(cause: Error): void {
		if (this.#closed) return;
		this.#closed = true;
		this.#socket.destroy();
		this.#onClosed(this);
		this.#asker?.failed(cause);
	}

	#read(bytes: Buffer): void {
		let response: PeerResponse | undefined;
		try {
			if (this.#asker === undefined) throw new Error('an answer arrived without a request');
			response = this.#parser.read(bytes);
			if (response !== undefined && !this.#parser.isEmpty) throw new Error('bytes arrived after the answer');
		} catch (error) {
			this.close(error as Error);
		}
		const asker = this.#asker;
		if (response === undefined || asker === undefined || this.#closed) return;
		this.#asker = undefined;
		if (response.headers.connection?.toLowerCase() === 'close')
			this.close(new Error('the other side closes the connection'));
		else this.#onFree(this);
		asker.answered(response);
	}
}
