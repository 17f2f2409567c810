import { readFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Page } from '@playwright/test';

/** A page of a website, on another origin than the gateway, with the tags of `@likewire/sdk/element`. */
export interface ElementPage {
	/** The content of its body. */
	readonly body: string;
	/** Whether the script comes before the tags or after them. Default: before. */
	readonly script?: 'before' | 'after' | 'none';
	/** Attributes of the root element. Default: `lang="en"`. */
	readonly html?: string;
	/** The styles of the page, which are a file of its own. */
	readonly css?: string;
	/** The folder of the files below `/media/`. */
	readonly media?: string;
	/** More sources of `connect-src`. */
	readonly connect?: string;
	/** Directives added to the Content-Security-Policy. */
	readonly policy?: string;
}

const RESET = 'body { margin: 0; padding: 16px; font: 16px system-ui; } main { display: grid; gap: 16px; }';
const DARK = '@media (prefers-color-scheme: dark) { body { background: #0d0e15; color: #f1f2f7; } }';

const TYPES: Readonly<Record<string, string>> = {
	'.m3u8': 'application/vnd.apple.mpegurl',
	'.ts': 'video/mp2t',
	'.vtt': 'text/vtt',
	'.webm': 'video/webm',
	'.webp': 'image/webp',
};

/** Sends a file, or the range of it without which no browser seeks. */
async function sendFile(folder: string, file: string, range: string | undefined, response: ServerResponse) {
	const bytes = await readFile(join(folder, file)).catch(() => undefined);
	const headers = { 'Content-Type': TYPES[extname(file)] ?? 'text/plain', 'Accept-Ranges': 'bytes' };
	const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
	if (bytes === undefined || from === undefined) {
		response.writeHead(bytes ? 200 : 404, headers).end(bytes);
		return;
	}
	const end = Math.min(bytes.length, to ? Number(to) + 1 : bytes.length);
	const part = { 'Content-Range': `bytes ${from}-${end - 1}/${bytes.length}` };
	response.writeHead(206, { ...headers, ...part }).end(bytes.subarray(Number(from), end));
}

/** A website under a Content-Security-Policy that allows the gateway, and nothing else. */
export class ElementSite {
	readonly url: string;
	#page: ElementPage = { body: '' };
	#gateway = '';
	#media = '';
	readonly #server: Server;

	private constructor(server: Server) {
		this.#server = server;
		this.url = `http://localhost:${(server.address() as AddressInfo).port}`;
		server.on('request', (request, response) => {
			if (request.url?.startsWith('/style.css')) {
				response.writeHead(200, { 'Content-Type': 'text/css' }).end(RESET + DARK + (this.#page.css ?? ''));
				return;
			}
			const [, file] = /^\/media\/([\w.-]+)/.exec(request.url ?? '') ?? [];
			if (file !== undefined) {
				void sendFile(this.#media, file, request.headers.range, response);
				return;
			}
			const policy = `default-src 'none'; script-src ${this.#gateway}; connect-src ${this.#gateway} ${this.#page.connect ?? ''}; style-src 'self'`;
			response
				.writeHead(200, {
					'Content-Type': 'text/html; charset=utf-8',
					'Content-Security-Policy': `${policy}; ${this.#page.policy ?? ''}`,
				})
				.end(this.#html());
		});
	}

	static async start(): Promise<ElementSite> {
		const server = createServer();
		await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
		return new ElementSite(server);
	}

	/** Serves a page from now on, and returns its address. */
	serve(gateway: string, content: ElementPage): string {
		this.#page = content;
		this.#gateway = gateway;
		this.#media = content.media ?? '';
		return this.url;
	}

	/** Opens a page of the site. Resolves with the violations of its policy and the errors that it did not catch, so far. */
	async open(page: Page, gateway: string, content: ElementPage): Promise<readonly string[]> {
		const url = this.serve(gateway, content);
		const faults: string[] = [];
		page.on('pageerror', ({ message }) => faults.push(message));
		page.on('console', (message) => {
			if (/Content.Security.Policy/i.test(message.text())) faults.push(message.text());
		});
		await page.goto(url);
		return faults;
	}

	close(): void {
		this.#server.closeAllConnections();
		this.#server.close();
	}

	#html(): string {
		const { body, script = 'before', html = 'lang="en"' } = this.#page;
		// `async` runs it as soon as it is there: before the tags, if the page is slow.
		const tag = `<script type="module" async src="${this.#gateway}/element.js"></script>`;
		return `<!doctype html><html ${html}><head><meta charset="utf-8"><title>A show</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><link rel="stylesheet" href="/style.css">${script === 'before' ? tag : ''}</head>
<body><main>${body}</main>${script === 'after' ? tag : ''}</body></html>`;
	}
}
