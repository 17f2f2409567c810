import { connect, type Socket } from 'node:net';

/** A client without manners: it writes bytes, and reads them only when it is asked to. */
export class Stranger {
	readonly #socket: Socket;
	/** The beginning of what it read. */
	text = '';
	sentBytes = 0;
	receivedBytes = 0;
	closed = false;

	constructor(port: number, { reads = true }: { readonly reads?: boolean } = {}) {
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
			if (this.text.length < 4_194_304) this.text += bytes.toString('latin1');
		});
	}

	write(bytes: string): void {
		if (!this.#socket.writable) return;
		this.sentBytes += bytes.length;
		this.#socket.write(bytes, 'latin1');
	}

	/** The status of the first answer; undefined before it came. */
	get status(): number | undefined {
		const [, status] = /^HTTP\/1.1 (\d+)/.exec(this.text) ?? [];
		return status === undefined ? undefined : Number(status);
	}

	leave(): void {
		this.#socket.destroy();
	}
}

/** A request as it goes over the wire. */
export function requestText(line: string, headers: readonly string[] = [], body = ''): string {
	return [`${line} HTTP/1.1`, 'Host: 127.0.0.1', ...headers, '', body].join('\r\n');
}
