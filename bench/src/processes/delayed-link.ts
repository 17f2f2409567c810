import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A proxy before a port on loopback that delays every byte in both directions. */
export interface DelayedLink {
	/** The port of the proxy on loopback. */
	readonly port: number;
	/** Bytes sent to the target; the other direction is not counted. */
	readonly bytes: number;
	close(): void;
}

/** Opens a link to `targetPort` with a delay of `delayMs` in each direction. */
export async function openDelayedLink(targetPort: number, delayMs: number): Promise<DelayedLink> {
	let bytes = 0;
	const sockets = new Set<Socket>();

	function forward(from: Socket, to: Socket, count: (length: number) => void): void {
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
		forward(near, far, (length) => {
			bytes += length;
		});
		forward(far, near, () => undefined);
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
