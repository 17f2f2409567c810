import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A proxy before a port on loopback that delays every byte in both directions. */
export class SlowLink {
	readonly url: string;
	/** The open connections of clients. */
	readonly sockets: ReadonlySet<Socket>;
	readonly #kept: WeakSet<Socket>;
	readonly #close: () => void;

	private constructor(url: string, sockets: ReadonlySet<Socket>, kept: WeakSet<Socket>, close: () => void) {
		this.url = url;
		this.sockets = sockets;
		this.#kept = kept;
		this.#close = close;
	}

	static async before(target: string, delayMs: number): Promise<SlowLink> {
		const { hostname, port } = new URL(target);
		const sockets = new Set<Socket>();
		const kept = new WeakSet<Socket>();
		const server = createServer((near) => {
			const far = connect(Number(port), hostname);
			sockets.add(near);
			near.on('close', () => sockets.delete(near));
			for (const [one, other] of [
				[near, far],
				[far, near],
			] as const) {
				// Timers of one delay fire in the order of their creation, so bytes stay in order.
				one.on('data', (bytes) => setTimeout(() => other.write(bytes), delayMs));
				one.on('error', () => {});
				one.on('end', () => kept.has(one) || setTimeout(() => other.end(), delayMs));
				one.on('close', () => kept.has(one) || setTimeout(() => other.destroy(), delayMs));
			}
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const { port: own } = server.address() as AddressInfo;
		return new SlowLink(`http://127.0.0.1:${own}`, sockets, kept, () => {
			for (const socket of sockets) socket.destroy();
			server.close();
		});
	}

	/** The target does not see when a client closes a connection that is open now, as behind some proxies. */
	keepOpen(): void {
		for (const socket of this.sockets) this.#kept.add(socket);
	}

	close(): void {
		this.#close();
	}
}
