import { Agent, request } from 'node:http';
import { runPeer } from './peer-server.ts';

// The publisher of Nchan: nginx with this port has the viewers.
await runPeer(async (events) => {
	const port = Number(process.argv[2]);
	const agent = new Agent({ keepAlive: true, maxSockets: 1 });
	let waiting = 0;

	function publish(json: string): Promise<void> {
		waiting++;
		return new Promise((resolve, reject) => {
			const options = { host: '127.0.0.1', port, path: '/publish', method: 'POST', agent };
			const posted = request(options, (response) => {
				const { statusCode = 0 } = response;
				response.resume().once('end', () => {
					waiting--;
					if (statusCode === 201 || statusCode === 202) resolve();
					else reject(new Error(`Nchan answered ${statusCode}`));
				});
			});
			posted.once('error', reject);
			posted.end(json);
		});
	}

	// New viewers begin with the last message.
	await publish(events.snapshot());
	return { port, isDrained: () => waiting === 0, broadcast: (json) => void publish(json) };
});
