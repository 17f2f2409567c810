import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What went over a link so far. */
export interface Traffic {
	/** Connections that were opened. */
	readonly connections: number;
	/** By method and path, ids left out. */
	readonly requests: ReadonlyMap<string, number>;
	/** Bytes of HTTP from the browser, headers included. */
	readonly up: number;
	/** Bytes of HTTP to the browser. */
	readonly down: number;
}

/** The method and the path of a request, without its query and what names a video or a connection. */
function nameOf(line: string): string {
	const [method = '', address = ''] = line.split(' ');
	return `${method} ${address.replace(/\?.*/, '').replace(/(videos|connections)\/[^/]+/, '$1/…')}`;
}

/** Calls with the first line of each request of one connection. Browsers send a body with its length. */
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

/** Stands before a gateway of loopback, and counts what passes. */
export interface CountingLink {
	readonly url: string;
	/** What passed since a reading; since the beginning when there is none. */
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
