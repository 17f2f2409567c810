import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { type HelloEvent, type LikesEvent, paths } from '@likewire/protocol';
import { onTestFinished, vi } from 'vitest';
import { Tally } from './tally.ts';

/** A message of a gateway on a WebSocket. */
export interface SocketEvent {
	readonly event: string;
	readonly id?: string;
	// biome-ignore lint/suspicious/noExplicitAny: the data differ by event, and tests read them.
	readonly data: any;
}

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Returns a frame of a client (RFC 6455, 5.2). */
export function clientFrame(opcode: number, payload: Uint8Array | string, isLast = true): Buffer {
	const bytes = Buffer.from(payload);
	const head = [(isLast ? 0x80 : 0) | opcode];
	if (bytes.length < 126) head.push(0x80 | bytes.length);
	else if (bytes.length < 65_536) head.push(0x80 | 126, bytes.length >> 8, bytes.length & 255);
	else {
		const length = Buffer.alloc(8);
		length.writeBigUInt64BE(BigInt(bytes.length));
		head.push(0x80 | 127, ...length);
	}
	const mask = randomBytes(4);
	return Buffer.concat([Buffer.from(head), mask, bytes.map((byte, index) => byte ^ (mask[index % 4] ?? 0))]);
}

/** Returns the head of an upgrade request. */
export function upgradeHead(query: string, headers: Readonly<Record<string, string>> = {}): string {
	const lines = Object.entries({
		Host: 'localhost',
		Upgrade: 'websocket',
		Connection: 'Upgrade',
		'Sec-WebSocket-Version': '13',
		'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
		...headers,
	}).map(([name, value]) => `${name}: ${value}\r\n`);
	return `GET ${paths.socket}${query === '' ? '' : `?${query}`} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** A viewer on a WebSocket that can stop reading, and can send bytes that no browser would. */
export class SocketViewer {
	readonly events: SocketEvent[] = [];
	readonly tally = new Tally();
	/** The head of the answer; empty before it arrives. */
	head = '';
	/** The close code of the gateway; undefined before it closes. */
	closeCode: number | undefined;
	/** Whether the connection is closed. */
	closed = false;
	readonly #socket: Socket;
	#received = Buffer.alloc(0);
	#refs = 0;
	#failure: unknown;
	#alive: NodeJS.Timeout | undefined;

	private constructor(socket: Socket) {
		this.#socket = socket;
		socket.on('data', (chunk: Buffer) => this.#read(chunk));
		socket.on('error', () => undefined);
		socket.on('close', () => {
			this.closed = true;
		});
	}

	/** Connects and requests an upgrade. `status` has the result. */
	static async ask(
		{ url }: { readonly url: string },
		query: string,
		headers: Readonly<Record<string, string>> = {},
	): Promise<SocketViewer> {
		const { port, hostname } = new URL(url);
		const socket = connect({ port: Number(port), host: hostname, noDelay: true });
		onTestFinished(() => void socket.destroy());
		await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
		const viewer = new SocketViewer(socket);
		socket.write(upgradeHead(query, headers));
		await viewer.until(() => viewer.head !== '' || viewer.closed);
		return viewer;
	}

	/** Opens a socket. Rejects if the answer is no upgrade. */
	static async open(
		gateway: { readonly url: string },
		query: string,
		headers?: Readonly<Record<string, string>>,
	): Promise<SocketViewer> {
		const viewer = await SocketViewer.ask(gateway, query, headers);
		if (viewer.status !== 101) throw new Error(`the socket was refused: ${viewer.head}`);
		return viewer;
	}

	get status(): number {
		return Number(this.head.split(' ')[1]);
	}

	/** The body of an answer that is no upgrade. */
	get body(): string {
		return this.#received.toString();
	}

	likes(video: string): LikesEvent[] {
		return this.events.flatMap(({ event, data }) => (event === 'likes' && data.video === video ? [data] : []));
	}

	async until(condition: () => boolean, timeout = 60_000): Promise<void> {
		await vi.waitUntil(
			() => {
				if (this.#failure !== undefined) throw this.#failure;
				return condition();
			},
			{ timeout, interval: 5 },
		);
	}

	/** Resolves with the data of the first event of this name that `matches`. */
	async event(name: string, matches: (data: SocketEvent['data']) => boolean = () => true, timeout?: number) {
		const find = () => this.events.find(({ event, data }) => event === name && matches(data));
		await this.until(() => find() !== undefined, timeout);
		return find()?.data;
	}

	hello(): Promise<HelloEvent> {
		return this.event('hello');
	}

	async holds(video: string, hearts: number, timeout?: number): Promise<void> {
		await this.until(() => {
			const totals = this.tally.of(video);
			return totals !== undefined && (totals.heart ?? 0) === hearts;
		}, timeout);
	}

	/** Sends an operation, and resolves with the data of its ack, without the `ref`. */
	async request(operation: object): Promise<SocketEvent['data']> {
		const ref = ++this.#refs;
		this.send(JSON.stringify({ ...operation, ref }));
		const { ref: _, ...data } = await this.event('ack', (ack) => ack.ref === ref);
		return data;
	}

	send(payload: string | Uint8Array, opcode: number = OPCODE.text, isLast = true): void {
		this.write(clientFrame(opcode, payload, isLast));
	}

	write(bytes: Uint8Array): void {
		if (this.#socket.writable) this.#socket.write(bytes);
	}

	/**
	 * Stops reading, so that bytes wait in the kernel and then in the gateway.
	 *
	 * The viewer still sends pongs.
	 */
	pause(): void {
		this.#socket.pause();
		this.#alive = setInterval(() => this.send('', OPCODE.pong), 1_000);
		onTestFinished(() => clearInterval(this.#alive));
	}

	resume(): void {
		clearInterval(this.#alive);
		this.#socket.resume();
	}

	/** Cuts the connection. */
	close(): void {
		this.#socket.destroy();
	}

	#read(chunk: Buffer): void {
		this.#received = Buffer.concat([this.#received, chunk]);
		if (this.head === '') {
			const end = this.#received.indexOf('\r\n\r\n');
			if (end < 0) return;
			this.head = this.#received.subarray(0, end).toString();
			this.#received = this.#received.subarray(end + 4);
		}
		if (this.status !== 101) return;
		try {
			while (this.#readFrame());
		} catch (error) {
			this.#failure ??= error;
		}
	}

	/** Reads a frame of the gateway, which is never masked or fragmented. Returns whether it was complete. */
	#readFrame(): boolean {
		const bytes = this.#received;
		const short = (bytes[1] ?? 0) & 0x7f;
		const start = short === 127 ? 10 : short === 126 ? 4 : 2;
		if (bytes.length < start) return false;
		const length = short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
		if (bytes.length < start + length) return false;
		const payload = bytes.subarray(start, start + length);
		this.#received = bytes.subarray(start + length);
		this.#take((bytes[0] ?? 0) & 0x0f, payload);
		return true;
	}

	#take(opcode: number, payload: Buffer): void {
		if (opcode === OPCODE.ping) this.send(payload, OPCODE.pong);
		if (opcode === OPCODE.close) this.closeCode = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
		if (opcode !== OPCODE.text) return;
		const event = JSON.parse(payload.toString()) as SocketEvent;
		this.events.push(event);
		if (event.event === 'likes') this.tally.apply(event.data);
	}
}
