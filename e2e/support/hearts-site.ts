import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Hearts, HeartsOptions } from '@likewire/sdk/hearts';

const SDK = new URL('../../sdk/dist/browser/', import.meta.url);

/** A green square, as an image. */
const IMAGE =
	'<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24"><rect width="24" height="24" fill="#0f0"/></svg>';

/** The globals of a page of a {@link HeartsSite}. */
export interface HeartsWindow {
	createHearts(canvas: HTMLCanvasElement, options?: HeartsOptions): Hearts;
	hearts: Hearts;
	/** The directives whose violations the browser reported. */
	violations: string[];
	/** The number of frames that scripts of the page asked for. */
	frames: number;
	/** Returns how many pixels of the canvas have about this colour. Throws for a tainted canvas. */
	pixelsOf(red: number, green: number, blue: number): number;
}

const SCRIPT = `
	window.violations = [];
	document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => violations.push(effectiveDirective));
	window.frames = 0;
	const { requestAnimationFrame } = window;
	window.requestAnimationFrame = (callback) => { frames++; return requestAnimationFrame.call(window, callback); };
	const canvas = document.querySelector('canvas');
	window.pixelsOf = (red, green, blue) => {
		const copy = document.createElement('canvas');
		copy.width = canvas.width;
		copy.height = canvas.height;
		const context = copy.getContext('2d');
		if (copy.width > 0) context.drawImage(canvas, 0, 0);
		const { data } = context.getImageData(0, 0, copy.width || 1, copy.height || 1);
		let pixels = 0;
		for (let at = 0; at < data.length; at += 4) {
			const away = Math.abs(data[at] - red) + Math.abs(data[at + 1] - green) + Math.abs(data[at + 2] - blue);
			if (data[at + 3] > 200 && away < 40) pixels++;
		}
		return pixels;
	};
	window.createHearts = (await import('/hearts.js')).createHearts;
`;

const STYLE = 'body { margin: 0; background: #0a0b14 } canvas { display: block; width: 100vw; height: 100vh }';
const PAGE = `<!doctype html><title>hearts</title><link rel="stylesheet" href="/style.css"><canvas></canvas>
<script type="module" src="/page.js"></script>`;

/** A website with the built hearts, a policy, images and scripts that are no hearts workers. */
export class HeartsSite {
	readonly url: string;
	readonly #server: Server;

	private constructor(server: Server) {
		this.#server = server;
		this.url = `http://localhost:${(server.address() as AddressInfo).port}`;
	}

	/** @param policy the Content-Security-Policy of its pages. */
	static async start(policy = "default-src 'self'"): Promise<HeartsSite> {
		const server = createServer(async (request, response) => {
			const { pathname } = new URL(request.url ?? '', 'http://site');
			const send = (type: string, body: string | Buffer, headers = {}) =>
				response.writeHead(200, { 'Content-Type': type, ...headers }).end(body);
			if (pathname === '/') return send('text/html', PAGE, { 'Content-Security-Policy': policy });
			if (pathname === '/page.js') return send('text/javascript', SCRIPT);
			if (pathname === '/style.css') return send('text/css', STYLE);
			if (pathname === '/image.svg') return send('image/svg+xml', IMAGE);
			if (pathname === '/shared.svg') return send('image/svg+xml', IMAGE, { 'Access-Control-Allow-Origin': '*' });
			if (pathname === '/page.html') return send('text/html', 'no script');
			if (pathname === '/other-worker.js') return send('text/javascript', 'postMessage("hello")');
			const code = await readFile(fileURLToPath(new URL(`.${pathname}`, SDK))).catch(() => undefined);
			if (code) return send('text/javascript', code);
			response.writeHead(404).end();
		});
		await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
		return new HeartsSite(server);
	}

	close(): void {
		this.#server.closeAllConnections();
		this.#server.close();
	}
}
