import { connect, type Socket } from 'node:net';
import { onTestFinished, vi } from 'vitest';

/** An answer as received. */
export interface RawAnswer {
	readonly status: number;
	readonly headers: ReadonlyMap<string, string>;
	readonly body: string;
}

/** A TCP connection on which a test writes bytes that no HTTP client would. */
export class RawConnection {
	readonly #socket: Socket;
	#chunks: Buffer[] = [];
	#bytes = 0;
	#closed = false;

	private constructor(socket: Socket) {
		this.#socket = socket;
		socket.on('data', (chunk) => {
			this.#chunks.push(chunk);
			this.#bytes += chunk.length;
		});
		// A server may end a connection with a reset.
		socket.on('error', () => undefined);
		socket.on('close', () => {
			this.#closed = true;
		});
	}

	static open(port: number): Promise<RawConnection> {
		const socket = connect({ port, host: '127.0.0.1', noDelay: true });
		onTestFinished(() => {
			socket.destroy();
		});
		return new Promise((resolve, reject) => {
			socket.once('error', reject);
			socket.once('connect', () => resolve(new RawConnection(socket)));
		});
	}

	/** All received bytes. */
	get text(): string {
		const received = Buffer.concat(this.#chunks);
		this.#chunks = [received];
		return received.toString('latin1');
	}

	get closed(): boolean {
		return this.#closed;
	}

	write(bytes: string | Uint8Array): void {
		if (this.#socket.writable) this.#socket.write(bytes);
	}

	/** Stops reading: bytes then wait in the kernel. */
	pause(): void {
		this.#socket.pause();
	}

	resume(): void {
		this.#socket.resume();
	}

	/** Sends FIN. */
	endWriting(): void {
		this.#socket.end();
	}

	/** Closes the connection at once. */
	destroy(): void {
		this.#socket.destroy();
	}

	/** Waits for `count` complete answers. Reads them when no more bytes come: a large one is read once. */
	answers(count: number, timeout = 60_000): Promise<RawAnswer[]> {
		let seen = -1;
		return vi.waitFor(
			() => {
				const isReceiving = this.#bytes !== seen;
				seen = this.#bytes;
				if (isReceiving) throw new Error(`still receiving after ${seen} bytes`);
				const answers = parseAnswers(this.text);
				if (answers.length < count) {
					throw new Error(`${answers.length} of ${count} answers: ${this.text.slice(0, 2_000)}`);
				}
				return answers;
			},
			{ timeout, interval: 5 },
		);
	}

	/** Waits until the server closed the connection. */
	async ended(timeout = 60_000): Promise<void> {
		await vi.waitFor(
			() => {
				if (!this.#closed) throw new Error('the connection is still open');
			},
			{ timeout, interval: 5 },
		);
	}
}

function parseAnswers(text: string): RawAnswer[] {
	const answers: RawAnswer[] = [];
	let rest = text;
	for (;;) {
		const end = rest.indexOf('\r\n\r\n');
		if (end < 0) return answers;
		const [statusLine = '', ...lines] = rest.slice(0, end).split('\r\n');
		const headers = new Map<string, string>();
		for (const line of lines) {
			const colon = line.indexOf(':');
			const name = line.slice(0, colon).toLowerCase();
			const before = headers.get(name);
			headers.set(name, `${before === undefined ? '' : `${before}, `}${line.slice(colon + 1).trim()}`);
		}
		const length = Number(headers.get('content-length') ?? 0);
		const body = rest.slice(end + 4, end + 4 + length);
		if (body.length < length) return answers;
		answers.push({ status: Number(statusLine.split(' ')[1]), headers, body });
		rest = rest.slice(end + 4 + length);
	}
}
