import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A long way to a port of this machine: every byte takes so long, each way. */
export interface DelayedLink {
	/** Where the way begins, on loopback. */
	readonly port: number;
	/** Bytes that went there so far; those that came back are not counted. */
	readonly bytes: number;
	close(): void;
}

/** Opens a way to `targetPort` that takes `delayMs` in each direction. */
export async function openDelayedLink(targetPort: number, delayMs: number): Promise<DelayedLink> {
	let bytes = 0;
	const sockets = new Set<Socket>();

	function carry(from: Socket, to: Socket, count: (length: number) => void): void {
		sockets.add(from);
		from.on('data', (chunk) => {
			count(chunk.length);
			setTimeout(() => to.write(chunk), delayMs);
		});
		from.on('end', () => setTimeout(() => to.end(), delayMs));
		from.on('error', () => to.destroy());
		from.on('close', () => sockets.delete(from));
	}

	const server = createServer((near) => {
		const far = connect({ host: '127.0.0.1', port: targetPort, noDelay: true });
		near.setNoDelay(true);
		carry(near, far, (length) => {
			bytes += length;
		});
		carry(far, near, () => undefined);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		port: (server.address() as AddressInfo).port,
		get bytes() {
			return bytes;
		},
		close() {
			server.close();
			for (const socket of sockets) socket.destroy();
		},
	};
}
