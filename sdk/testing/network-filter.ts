import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { paths } from '@likewire/protocol';
import { onTestFinished } from 'vitest';

/**
 * What a network does with streams: `pass` lets them through.
 * `block` answers with a page of its own, as filters do. `hold` keeps their events back until they end, as virus
 * scanners do.
 */
type StreamRule = 'pass' | 'block' | 'hold';

const kindOf = ({ url }: IncomingMessage) => (url as string).split('?')[0]?.replace('/v1/', '') as string;

/** A proxy as in some networks: short requests always pass. */
export class NetworkFilter {
	url = '';
	streams: StreamRule = 'pass';
	sockets: 'pass' | 'block' = 'pass';
	/** Called when an EventSource opens a stream that is held. */
	onHold = () => {};
	/** The number of requests for streams, sockets and polls. */
	readonly asked = { stream: 0, socket: 0, poll: 0 };
	/** The number of open sockets through it. */
	openSockets = 0;
	readonly #target: URL;

	private constructor(target: string) {
		this.#target = new URL(target);
	}

	/** Opens a filter before an address, for the current test. */
	static async before(target: string): Promise<NetworkFilter> {
		const filter = new NetworkFilter(target);
		const server = createServer((request, response) => filter.#pass(request, response));
		server.on('upgrade', (request, near, head) => filter.#upgrade(request, near, head));
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		filter.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		onTestFinished(() => {
			server.closeAllConnections();
			server.close();
		});
		return filter;
	}

	#count(request: IncomingMessage): void {
		const kind = kindOf(request);
		if (kind in this.asked) this.asked[kind as keyof typeof this.asked]++;
	}

	#pass(request: IncomingMessage, response: ServerResponse): void {
		this.#count(request);
		const isStream = request.url?.startsWith(paths.stream) === true;
		if ((isStream && this.streams === 'block') || request.url?.startsWith(paths.socket)) {
			response.writeHead(200, { 'Content-Type': 'text/html' }).end('<p>Blocked</p>');
			return;
		}
		const { method, url, headers } = request;
		const isHeld = isStream && this.streams === 'hold';
		const upstream = httpRequest(new URL(url as string, this.#target), { method, headers }, (answer) => {
			response.writeHead(answer.statusCode ?? 502, answer.headers);
			if (!isHeld) answer.pipe(response);
			else response.flushHeaders();
		});
		upstream.on('error', () => response.destroy());
		response.on('close', () => upstream.destroy());
		request.pipe(upstream);
		if (isHeld && headers.accept === 'text/event-stream') this.onHold();
	}

	#upgrade(request: IncomingMessage, near: NodeJS.ReadWriteStream & { destroy(): void }, head: Buffer): void {
		this.#count(request);
		if (this.sockets === 'block') {
			near.destroy();
			return;
		}
		const far = connect(Number(this.#target.port), this.#target.hostname);
		const { method, url, rawHeaders } = request;
		let text = `${method} ${url} HTTP/1.1\r\n`;
		for (let at = 0; at < rawHeaders.length; at += 2) text += `${rawHeaders[at]}: ${rawHeaders[at + 1]}\r\n`;
		far.write(`${text}\r\n`);
		far.write(head);
		this.openSockets++;
		far.on('error', () => near.destroy()).pipe(near);
		near.on('error', () => far.destroy()).pipe(far);
		near.on('close', () => {
			this.openSockets--;
			far.destroy();
		});
	}
}
