import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A message of an embed, as its parent page receives it. */
export interface EmbedEvent {
	readonly event: string;
	readonly detail: Readonly<Record<string, unknown>>;
}

/** Collects the events of the first frame, and lets tests send it commands. */
const SCRIPT = `
	const frame = document.querySelector('iframe');
	const gateway = new URL(frame.src).origin;
	window.events = [];
	addEventListener('message', ({ origin, source, data }) => {
		if (origin === gateway && source === frame.contentWindow && data.likewire === 1) window.events.push(data);
	});
	window.command = (command) => frame.contentWindow.postMessage({ likewire: 1, ...command }, gateway);
`;

/** Another frame of the page, which sends commands to the embed, too. */
const SIBLING = `<!doctype html><title>a sibling</title><script src="/sibling.js"></script>`;
const SIBLING_SCRIPT = `
	window.command = (command) => parent.frames[0].postMessage({ likewire: 1, ...command }, '*');
`;

/** A website that frames an embed, under the least policy for it, at the two origins \`localhost\` and \`127.0.0.1\`. */
export class FramingSite {
	readonly port: number;
	readonly #server: Server;
	#embed = '';

	private constructor(server: Server) {
		this.#server = server;
		this.port = (server.address() as AddressInfo).port;
		server.on('request', (request, response) => {
			const scripts: Readonly<Record<string, string>> = { '/page.js': SCRIPT, '/sibling.js': SIBLING_SCRIPT };
			const script = scripts[request.url ?? ''];
			if (script !== undefined) {
				response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(script);
				return;
			}
			const policy = `default-src 'none'; script-src 'self'; frame-src 'self' ${new URL(this.#embed).origin}`;
			const headers = { 'Content-Type': 'text/html', 'Content-Security-Policy': policy };
			response.writeHead(200, headers).end(request.url === '/sibling' ? SIBLING : this.#page());
		});
	}

	static async start(): Promise<FramingSite> {
		const server = createServer();
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		return new FramingSite(server);
	}

	/** Opens the page at one of the two hosts, with the embed at an address. */
	async open(
		page: { goto(url: string): Promise<unknown> },
		host: 'localhost' | '127.0.0.1',
		embed: string,
	): Promise<void> {
		this.#embed = embed;
		await page.goto(`http://${host}:${this.port}/`);
	}

	close(): void {
		this.#server.closeAllConnections();
		this.#server.close();
	}

	#page(): string {
		const src = this.#embed.replaceAll('&', '&amp;');
		return `<!doctype html><html lang="en"><title>a site</title>
			<iframe src="${src}" width="640" height="412" title="Live video" allow="autoplay; fullscreen"></iframe>
			<iframe src="/sibling" title="Another frame"></iframe>
			<script src="/page.js"></script>`;
	}
}
