import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What a link transferred. */
export interface Traffic {
	/** The number of opened connections. */
	readonly connections: number;
	/** The number of requests by method and path, without ids. */
	readonly requests: ReadonlyMap<string, number>;
	/** Bytes of HTTP from the browser, headers included. */
	readonly up: number;
	/** Bytes of HTTP to the browser. */
	readonly down: number;
}

/** Returns the method and the path of a request, without its query and the ids of videos and connections. */
function nameOf(line: string): string {
	const [method = '', address = ''] = line.split(' ');
	return `${method} ${address.replace(/\?.*/, '').replace(/(videos|connections)\/[^/]+/, '$1/…')}`;
}

/**
 * Creates a function that takes the bytes of one connection, and calls `onRequest` with the first line of each request.
 * Browsers send a `Content-Length` with each body.
 */
function createRequestScanner(onRequest: (line: string) => void): (bytes: Buffer) => void {
	let text = '';
	let bodyLeft = 0;
	return (bytes) => {
		text += bytes.toString('latin1');
		for (;;) {
			const skipped = Math.min(bodyLeft, text.length);
			bodyLeft -= skipped;
			text = text.slice(skipped);
			const end = text.indexOf('\r\n\r\n');
			if (end === -1) return;
			const head = text.slice(0, end);
			text = text.slice(end + 4);
			bodyLeft = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
			onRequest(head.slice(0, head.indexOf('\r\n')));
		}
	};
}

/** A proxy before a gateway on loopback that counts requests and bytes. */
export interface CountingLink {
	readonly url: string;
	/** Returns the traffic since an earlier reading; without one, since the start. */
	read(since?: Traffic): Traffic;
	close(): void;
}

export async function startCountingLink(target: string): Promise<CountingLink> {
	const { hostname, port } = new URL(target);
	const requests = new Map<string, number>();
	const sockets = new Set<Socket>();
	let [connections, up, down] = [0, 0, 0];

	const server = createServer((near) => {
		connections++;
		const far = connect(Number(port), hostname);
		const scan = createRequestScanner((line) => requests.set(nameOf(line), (requests.get(nameOf(line)) ?? 0) + 1));
		near.on('data', (bytes) => {
			up += bytes.length;
			scan(bytes);
			far.write(bytes);
		});
		far.on('data', (bytes) => {
			down += bytes.length;
			near.write(bytes);
		});
		for (const [one, other] of [
			[near, far],
			[far, near],
		] as const) {
			sockets.add(one);
			one.on('error', () => {});
			one.on('close', () => {
				sockets.delete(one);
				other.destroy();
			});
		}
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		read(since) {
			const grown = [...requests].map(([name, count]) => [name, count - (since?.requests.get(name) ?? 0)] as const);
			return {
				connections: connections - (since?.connections ?? 0),
				requests: new Map(grown.filter(([, count]) => count > 0)),
				up: up - (since?.up ?? 0),
				down: down - (since?.down ?? 0),
			};
		},
		close() {
			for (const socket of sockets) socket.destroy();
			server.close();
		},
	};
}
