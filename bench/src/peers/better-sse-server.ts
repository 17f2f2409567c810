import { createChannel, createSession } from 'better-sse';
import { startNodeServer } from './node-http.ts';
import { runPeer } from './peer-server.ts';

await runPeer(async (events) => {
	const channel = createChannel();
	const { port, isDrained } = await startNodeServer(async (request, response) => {
		// By default it would serialize an event for each viewer.
		const session = await createSession(request, response, { serializer: String, keepAlive: null });
		session.push(events.snapshot(), 'likes');
		channel.register(session);
	});
	return { port, isDrained, broadcast: (json) => void channel.broadcast(json, 'likes') };
});
