import { Server } from 'socket.io';
import { startNodeServer } from './node-http.ts';
import { runPeer } from './peer-server.ts';

/** Returns the packets for a connection that has not taken the last one. Its events would cost time for each packet. */
function bufferOf(connection: object): readonly unknown[] {
	return (connection as { readonly writeBuffer: readonly unknown[] }).writeBuffer;
}

await runPeer(async (events) => {
	const { server, port, isDrained } = await startNodeServer();
	const io = new Server(server, { transports: ['websocket'], serveClient: false });
	io.on('connection', (socket) => void socket.emit('likes', JSON.parse(events.snapshot())));
	return {
		port,
		isDrained: () => [...io.sockets.sockets.values()].every(({ conn }) => bufferOf(conn).length === 0) && isDrained(),
		broadcast: (json) => void io.emit('likes', JSON.parse(json)),
	};
});
