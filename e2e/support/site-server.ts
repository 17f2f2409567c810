import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Client, Video } from '@likewire/sdk';

const SDK = new URL('../../sdk/dist/browser/', import.meta.url);

/** The globals of a page of a {@link Site}. */
export interface SiteWindow {
	live: Client;
	video: Video;
	/** Whether the page came from the back/forward cache. */
	restored: boolean;
}

/**
 * A page with a client that follows the video `?video=` of the gateway `?gateway=`. With `alone` the page has no locks, so
 * it shares no stream.
 */
const PAGE = `<!doctype html><title>a page</title><button>like</button><script type="module">
	import { createClient } from '/sdk.js';
	const query = new URLSearchParams(location.search);
	if (query.has('alone')) Object.defineProperty(navigator, 'locks', { value: undefined });
	window.restored = false;
	addEventListener('pageshow', ({ persisted }) => { window.restored = persisted; });
	window.live = createClient({ url: query.get('gateway'), user: query.get('user') ?? undefined });
	window.video = window.live.video(query.get('video'));
	document.querySelector('button').onclick = () => window.video.like();
</script>`;

/** A website with the built SDK, on another origin than the gateway. Each path is a page. */
export class Site {
	readonly url: string;
	readonly #server: Server;

	private constructor(server: Server) {
		this.#server = server;
		this.url = `http://localhost:${(server.address() as AddressInfo).port}`;
	}

	/** @param headers the headers of every page. */
	static async start(headers: Readonly<Record<string, string>> = {}): Promise<Site> {
		const server = createServer(async (request, response) => {
			const { pathname } = new URL(request.url ?? '', 'http://site');
			if (!pathname.endsWith('.js')) {
				response.writeHead(200, { 'Content-Type': 'text/html', ...headers }).end(PAGE);
				return;
			}
			const code = await readFile(fileURLToPath(new URL(`.${pathname}`, SDK))).catch(() => undefined);
			response.writeHead(code ? 200 : 404, { 'Content-Type': 'text/javascript' }).end(code);
		});
		await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
		return new Site(server);
	}

	page(gateway: string, video: string, user?: string): string {
		const query = new URLSearchParams({ gateway, video, ...(user !== undefined && { user }) });
		return `${this.url}/${video}?${query}`;
	}

	close(): void {
		this.#server.closeAllConnections();
		this.#server.close();
	}
}
