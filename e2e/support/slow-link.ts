import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands before a port of loopback, and holds every byte up for a while, both ways. */
export class SlowLink {
	readonly url: string;
	/** Connections that were opened through it and are open. */
	readonly sockets: ReadonlySet<Socket>;
	readonly #close: () => void;

	private constructor(url: string, sockets: ReadonlySet<Socket>, close: () => void) {
		this.url = url;
		this.sockets = sockets;
		this.#close = close;
	}

	/** @param holdsClosed what a client closes stays open before the target, as behind some proxies. */
	static async before(target: string, delayMs: number, { holdsClosed = false } = {}): Promise<SlowLink> {
		const { hostname, port } = new URL(target);
		const sockets = new Set<Socket>();
		const held = new Set<Socket>();
		const server = createServer((near) => {
			const far = connect(Number(port), hostname);
			sockets.add(near);
			held.add(far);
			far.on('close', () => held.delete(far));
			near.on('close', () => sockets.delete(near));
			for (const [one, other] of [
				[near, far],
				[far, near],
			] as const) {
				// Timers of one length fire in the order in which they were set, so bytes keep theirs.
				one.on('data', (bytes) => setTimeout(() => other.write(bytes), delayMs));
				one.on('error', () => {});
				if (holdsClosed && one === near) continue;
				one.on('end', () => setTimeout(() => other.end(), delayMs));
				one.on('close', () => setTimeout(() => other.destroy(), delayMs));
			}
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const { port: own } = server.address() as AddressInfo;
		return new SlowLink(`http://127.0.0.1:${own}`, sockets, () => {
			for (const socket of [...sockets, ...held]) socket.destroy();
			server.close();
		});
	}

	close(): void {
		this.#close();
	}
}
