import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

interface State {
	is: 'open' | 'shut' | 'silent' | 'without answers' | 'slow' | 'stalled';
	target: URL;
}

/** The most bytes that a slow gate passes on at a time, … */
const SLOW_BYTES = 40;
/** … and the time between two such pieces, in milliseconds. */
const SLOW_MS = 5;

/**
 * Stands before a port of loopback; shut, it ends all connections and takes no new ones; silent, it loses every byte; slow, it
 * passes answers on in small pieces; stalled, it holds all bytes.
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

	/** Opens one before an address, for the test that runs. */
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

	/** As a link that is cut somewhere on the way: nobody is told. */
	silence(): void {
		this.#state.is = 'silent';
	}

	/** What is asked arrives; nothing comes back. */
	loseAnswers(): void {
		this.#state.is = 'without answers';
	}

	/** Passes few bytes of answers at a time, and cuts them anywhere. */
	slow(): void {
		this.#state.is = 'slow';
	}

	/** Holds all that is sent, until it is open. */
	stall(): void {
		this.#state.is = 'stalled';
	}

	open(): void {
		// What comes after bytes that were lost would be read as something else.
		if (/^(shut|silent|without answers)$/.test(this.#state.is)) this.#endAll();
		this.#state.is = 'open';
	}

	/** Leads to another address from now on. */
	leadTo(target: string): void {
		this.#state.target = new URL(target);
	}

	#endAll(): void {
		for (const socket of this.#sockets) socket.destroy();
	}
}
