import { WebSocketServer } from 'ws';
import { startNodeServer } from './node-http.ts';
import { runPeer } from './peer-server.ts';

await runPeer(async (events) => {
	const { server, port, isDrained } = await startNodeServer();
	const sockets = new WebSocketServer({ server });
	sockets.on('connection', (socket) => {
		socket.on('error', () => socket.terminate());
		socket.send(events.snapshot());
	});
	return {
		port,
		isDrained,
		broadcast(json) {
			// Encoded once; a text would be encoded for each socket.
			const bytes = Buffer.from(json);
			for (const socket of sockets.clients) socket.send(bytes, { binary: false });
		},
	};
});
