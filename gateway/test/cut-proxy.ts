import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A proxy in front of a server on loopback that can lose an answer. */
export interface CutProxy {
	readonly port: number;
	/** Makes the proxy cut the connection of the next answer; requests still arrive. */
	cutNextAnswer(): void;
	close(): Promise<void>;
}

/** Starts a proxy in front of a port. */
export async function startCutProxy(target: number): Promise<CutProxy> {
	const sockets = new Set<Socket>();
	let cuts = false;
	const server = createServer((client) => {
		const upstream = connect(target, '127.0.0.1');
		for (const socket of [client, upstream]) {
			sockets.add(socket);
			socket.on('error', () => undefined);
			socket.on('close', () => {
				sockets.delete(socket);
				client.destroy();
				upstream.destroy();
			});
		}
		client.pipe(upstream);
		upstream.on('data', (answer) => {
			if (!cuts) client.write(answer);
			else {
				cuts = false;
				client.destroy();
			}
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		port: (server.address() as AddressInfo).port,
		cutNextAnswer() {
			cuts = true;
		},
		async close() {
			for (const socket of sockets) socket.destroy();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
