import type { HttpResponse } from 'uWebSockets.js';
import { listen } from '../../../gateway/src/http/listener.ts';
import { runPeer } from './peer-server.ts';

/** Returns a likes event of a stream. */
function eventOf(json: string): Buffer {
	return Buffer.from(`event: likes\ndata: ${json}\n\n`);
}

// The least that a server of Server-Sent Events on uWebSockets.js can do: one buffer, one loop.
await runPeer(async (events) => {
	const viewers = new Set<HttpResponse>();
	const blocked = new Set<HttpResponse>();
	const { port } = await listen('127.0.0.1', 0, (app) => {
		app.get('/', (res) => {
			res.onAborted(() => {
				viewers.delete(res);
				blocked.delete(res);
			});
			res.onWritable(() => {
				blocked.delete(res);
				return true;
			});
			res.cork(() => {
				res.writeHeader('Content-Type', 'text/event-stream');
				res.write(eventOf(events.snapshot()));
			});
			viewers.add(res);
		});
	});
	return {
		port,
		isDrained: () => blocked.size === 0,
		broadcast(json) {
			const bytes = eventOf(json);
			for (const res of viewers) {
				res.cork(() => {
					if (!res.write(bytes)) blocked.add(res);
				});
			}
		},
	};
});
