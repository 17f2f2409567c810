import { connect, type Socket } from 'node:net';
import { paths } from '@likewire/protocol';

/** An answer of the gateway; status 0 when the connection broke before it. */
export interface LikeAnswered {
	readonly status: number;
	readonly body: string;
}

/**
 * A keep-alive connection that sends one like at a time. It uses plain sockets, since a request with `fetch` costs more CPU
 * than its answer costs the gateway.
 */
export class LikeConnection {
	readonly #socket: Socket;
	readonly #heads: readonly string[];
	#sent = 0;
	#received = '';
	#done: ((answer: LikeAnswered) => void) | undefined;

	/** @param videos the videos of its likes, in turn. */
	constructor(port: number, ...videos: readonly string[]) {
		this.#heads = videos.map(
			(video) =>
				`POST ${paths.likes(video)} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
				'Content-Type: application/json\r\nX-Likewire-User: bench\r\nContent-Length: ',
		);
		this.#socket = connect({ host: '127.0.0.1', port, noDelay: true });
		this.#socket.setEncoding('latin1');
		this.#socket.on('data', (text: string) => this.#receive(text));
		this.#socket.on('error', () => this.#socket.destroy());
		this.#socket.on('close', () => this.#settle({ status: 0, body: '' }));
	}

	/** Sends a like, and calls `done` once, also when the connection breaks. */
	like(id: string, type: string, done: (answer: LikeAnswered) => void): void {
		this.#done = done;
		const body = `{"id":"${id}","type":"${type}"}`;
		const head = this.#heads[this.#sent++ % this.#heads.length];
		if (this.#socket.destroyed) this.#settle({ status: 0, body: '' });
		else this.#socket.write(`${head}${body.length}\r\n\r\n${body}`, 'latin1');
	}

	close(): void {
		this.#socket.destroy();
	}

	#receive(text: string): void {
		this.#received += text;
		const headEnd = this.#received.indexOf('\r\n\r\n');
		if (headEnd < 0) return;
		const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.#received)?.[1]);
		const end = headEnd + 4 + length;
		if (this.#received.length < end) return;
		const answer = { status: Number(this.#received.slice(9, 12)), body: this.#received.slice(headEnd + 4, end) };
		this.#received = this.#received.slice(end);
		this.#settle(answer);
	}

	#settle(answer: LikeAnswered): void {
		const done = this.#done;
		this.#done = undefined;
		done?.(answer);
	}
}
