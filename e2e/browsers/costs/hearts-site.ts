import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The renderer of this repository. */
export const SOURCE = fileURLToPath(new URL('../../../sdk/src/hearts', import.meta.url));

/** The globals of a page of a {@link HeartsSite}. */
export interface HeartsWindow {
	startedAt: number;
	/** Resolves with the mean number of particles in the next thirty frames. */
	countDrawn(): Promise<number>;
}

/**
 * A page that fills the window with hearts. It bursts each 50 ms, five types in turn, and counts by the time that passed: a
 * slow page gets as many likes as a fast one.
 */
const PAGE = `<!doctype html><title>hearts</title>
<style>body { margin: 0; background: #0a0b14 } canvas { display: block; width: 100vw; height: 100vh }</style>
<canvas></canvas><script type="module">
	const query = new URLSearchParams(location.search);
	const { createHearts } = await import('/' + query.get('source') + '.js');
	const worker = query.has('worker') ? { worker: '/worker.js' } : {};
	const hearts = createHearts(document.querySelector('canvas'), { maxParticles: 500, ...worker });
	const types = ['heart', 'like', 'clap', 'laugh', 'wow'];
	let last = performance.now();
	window.startedAt = last;
	setInterval(() => {
		const now = performance.now();
		const count = Math.round((now - last) / 1000 * query.get('rate') / types.length);
		last = now;
		for (const type of types) hearts.burst({ type, count });
	}, 50);
	window.countDrawn = async () => {
		const { prototype } = CanvasRenderingContext2D;
		const { drawImage } = prototype;
		let [drawn, frames] = [0, 0];
		prototype.drawImage = function (...args) {
			if (this.canvas.isConnected) drawn++;
			return drawImage.apply(this, args);
		};
		await new Promise((resolve) => {
			requestAnimationFrame(function next() {
				if (++frames <= 30) requestAnimationFrame(next);
				else resolve();
			});
		});
		prototype.drawImage = drawImage;
		return drawn / 30;
	};
</script>`;

/** A website with the renderer of each of some folders, bundled. */
export class HeartsSite {
	readonly #server: Server;
	readonly #sources: readonly string[];

	private constructor(server: Server, sources: readonly string[]) {
		this.#server = server;
		this.#sources = sources;
	}

	static async start(sources: readonly string[]): Promise<HeartsSite> {
		const scripts = new Map<string, string | undefined>();
		for (const [name, file] of [
			...sources.map((source, index) => [index, `${source}/index.ts`] as const),
			['worker', `${SOURCE}/worker.ts`] as const,
		]) {
			const { outputFiles } = await build({
				entryPoints: [file],
				bundle: true,
				minify: true,
				format: 'esm',
				write: false,
			});
			scripts.set(`/${name}.js`, outputFiles[0]?.text);
		}
		const server = createServer(({ url = '' }, response) => {
			const script = scripts.get(url);
			const type = script === undefined ? 'text/html' : 'text/javascript';
			response.writeHead(200, { 'Content-Type': type }).end(script ?? PAGE);
		});
		await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
		return new HeartsSite(server, sources);
	}

	pageOf(source: string, perSecond: number, inWorker: boolean): string {
		const { port } = this.#server.address() as AddressInfo;
		const worker = inWorker ? '&worker' : '';
		return `http://localhost:${port}/?source=${this.#sources.indexOf(source)}&rate=${perSecond}${worker}`;
	}

	close(): void {
		this.#server.closeAllConnections();
		this.#server.close();
	}
}
