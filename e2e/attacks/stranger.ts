import { connect, type Socket } from 'node:net';

/** The length of the kept end of what a client read, in bytes. */
const KEPT_TAIL = 8_192;

export interface StrangerOptions {
	readonly reads?: boolean;
	readonly keeps?: number;
}

/** A hostile client: it writes any bytes, and may read nothing. */
export class Stranger {
	readonly #socket: Socket;
	/** The beginning of the text that the client read. */
	text = '';
	/** The end of the text that the client read. */
	tail = '';
	sentBytes = 0;
	receivedBytes = 0;
	closed = false;

	/** @param keeps the length of the kept beginning of what it reads, in bytes; 4 MiB by default. */
	constructor(port: number, { reads = true, keeps = 4 * 1024 * 1024 }: StrangerOptions = {}) {
		this.#socket = connect({ port, host: '127.0.0.1' });
		this.#socket.on('error', () => undefined);
		this.#socket.on('close', () => {
			this.closed = true;
		});
		if (!reads) {
			this.#socket.pause();
			return;
		}
		this.#socket.on('data', (bytes) => {
			this.receivedBytes += bytes.length;
			const read = bytes.toString('latin1');
			if (this.text.length < keeps) this.text += read;
			this.tail = (this.tail + read).slice(-KEPT_TAIL);
		});
	}

	write(bytes: string): void {
		if (!this.#socket.writable) return;
		this.sentBytes += bytes.length;
		this.#socket.write(bytes, 'latin1');
	}

	/** The status of the first answer; undefined before it arrived. */
	get status(): number | undefined {
		const [, status] = /^HTTP\/1.1 (\d+)/.exec(this.text) ?? [];
		return status === undefined ? undefined : Number(status);
	}

	leave(): void {
		this.#socket.destroy();
	}
}

/** Returns the text of an HTTP/1.1 request. */
export function requestText(line: string, headers: readonly string[] = [], body = '', host = '127.0.0.1'): string {
	return [`${line} HTTP/1.1`, `Host: ${host}`, ...headers, '', body].join('\r\n');
}
