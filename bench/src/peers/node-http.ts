import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** An HTTP server of Node.js that knows its connections. */
export interface NodeServer {
	readonly server: Server;
	readonly port: number;
	/** Whether the kernel has all bytes that were written to any connection. */
	isDrained(): boolean;
}

/** Starts a server on a free port of loopback. */
export async function startNodeServer(onRequest?: RequestListener): Promise<NodeServer> {
	const sockets = new Set<Socket>();
	const server = createServer(onRequest);
	server.on('connection', (socket) => {
		sockets.add(socket);
		socket.once('close', () => sockets.delete(socket));
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		server,
		port: (server.address() as AddressInfo).port,
		isDrained() {
			for (const socket of sockets) if (socket.writableLength > 0) return false;
			return true;
		},
	};
}
