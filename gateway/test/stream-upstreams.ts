import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** Returns a heartbeat as a frontend writes it. */
export const heartbeat = (at: number | string) => `event: heartbeat\ndata: {"at":${at}}\n\n`;

/** Nodes that serve streams, for a proxy that asks them in the order in which they started. They end with the test. */
export class StreamUpstreams {
	/** The addresses of the nodes. */
	readonly origins: string[] = [];

	/** Starts a node. */
	async serve(onRequest: RequestListener): Promise<void> {
		const server = createServer(onRequest);
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		this.origins.push(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
		onTestFinished(() => {
			server.closeAllConnections();
			server.close();
		});
	}

	/**
	 * Starts a node that begins a stream for each request, and leaves it open.
	 *
	 * @param begin writes the head and the first events.
	 * @returns the streams, and a function that returns how many of them ended.
	 */
	async stream(begin: (response: ServerResponse) => void) {
		const responses: ServerResponse[] = [];
		let closed = 0;
		await this.serve((_, response) => {
			responses.push(response);
			response.on('close', () => closed++);
			begin(response);
		});
		return { responses, closed: () => closed };
	}
}
