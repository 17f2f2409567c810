import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

interface State {
	open: boolean;
	target: URL;
}

/** Stands before a port of loopback; shut, it ends all connections and takes no new ones. */
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
		const state: State = { open: true, target: new URL(target) };
		const server = createServer((near) => {
			if (!state.open) {
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
				one.pipe(other);
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
		this.#state.open = false;
		for (const socket of this.#sockets) socket.destroy();
	}

	open(): void {
		this.#state.open = true;
	}

	/** Leads to another address from now on. */
	leadTo(target: string): void {
		this.#state.target = new URL(target);
	}
}
