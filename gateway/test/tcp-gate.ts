import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

interface State {
	is: 'open' | 'shut' | 'silent' | 'without answers' | 'slow' | 'stalled';
	target: URL;
}

/** The most bytes that a slow gate passes on at a time. */
const SLOW_BYTES = 40;
/** The time between two pieces of a slow gate, in milliseconds. */
const SLOW_MS = 5;

/**
 * A gate in front of a port of loopback.
 *
 * A shut gate ends all connections and takes no new ones. A silent gate loses all bytes. A slow gate passes answers on in
 * small pieces. A stalled gate holds all bytes.
 */
export class TcpGate {
	readonly url: string;
	readonly #sockets: Set<Socket>;
	readonly #state: State;

	private constructor(url: string, sockets: Set<Socket>, state: State) {
		this.url = url;
		this.#sockets = sockets;
		this.#state = state;
	}

	/** Opens a gate in front of an address, until the end of the test. */
	static async before(target: string): Promise<TcpGate> {
		const sockets = new Set<Socket>();
		const state: State = { is: 'open', target: new URL(target) };
		const server = createServer((near) => {
			if (state.is === 'shut') {
				near.destroy();
				return;
			}
			const far = connect(Number(state.target.port), state.target.hostname);
			for (const [one, other] of [
				[near, far],
				[far, near],
			] as const) {
				sockets.add(one);
				one.on('error', () => other.destroy()).on('close', () => sockets.delete(one));
				one.on('end', () => other.end());
				let held = Buffer.alloc(0);
				const pass = (bytes: number) => {
					if (held.length > 0) other.write(held.subarray(0, bytes));
					held = held.subarray(bytes);
				};
				const timer = setInterval(() => {
					if (state.is === 'slow') pass(SLOW_BYTES);
					if (state.is === 'open') pass(held.length);
				}, SLOW_MS);
				one.on('close', () => clearInterval(timer));
				one.on('data', (bytes: Buffer) => {
					if (state.is === 'silent' || (state.is === 'without answers' && one === far)) return;
					held = Buffer.concat([held, bytes]);
					// Requests stay whole: uWebSockets.js answers 505 to a line that is cut before its end.
					if (/^(open|without answers)$/.test(state.is) || (state.is === 'slow' && one === near)) pass(held.length);
				});
			}
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const gate = new TcpGate(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets, state);
		onTestFinished(() => {
			gate.shut();
			server.close();
		});
		return gate;
	}

	shut(): void {
		this.#state.is = 'shut';
		this.#endAll();
	}

	/** Loses all bytes, as a cut link does, without the end of a connection. */
	silence(): void {
		this.#state.is = 'silent';
	}

	/** Passes requests on, and loses the answers. */
	loseAnswers(): void {
		this.#state.is = 'without answers';
	}

	/** Passes answers on in small pieces. */
	slow(): void {
		this.#state.is = 'slow';
	}

	/** Holds all bytes until `open`. */
	stall(): void {
		this.#state.is = 'stalled';
	}

	open(): void {
		// Bytes after lost bytes would have another meaning, so these connections end.
		if (/^(shut|silent|without answers)$/.test(this.#state.is)) this.#endAll();
		this.#state.is = 'open';
	}

	/** Leads new connections to another address. */
	leadTo(target: string): void {
		this.#state.target = new URL(target);
	}

	#endAll(): void {
		for (const socket of this.#sockets) socket.destroy();
	}
}
