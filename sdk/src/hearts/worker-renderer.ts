import type { Drawings } from './drawings.ts';
import type { Renderer, RendererSettings } from './renderer.ts';
import { WORKER_VERSION, type WorkerGreeting, type WorkerOrder } from './worker-messages.ts';

/** The longest start of a worker. A script that is no hearts worker starts, and never answers. */
const START_TIMEOUT_MS = 10_000;

/** The edge of the images that a page renders for the worker, in pixels: that of the largest particle. */
const IMAGE_EDGE = 124;

/** A flight takes at most 4.5 s. */
const LONGEST_FLIGHT_MS = 5_000;

/**
 * Starts the worker. Resolves when it can draw, and rejects with the reason if it cannot.
 * The canvas goes to it only then: a page never gets a canvas back.
 */
function startWorker(window: Window & typeof globalThis, address: string | URL): Promise<Worker> {
	return new Promise((resolve, reject) => {
		const { href, origin } = new URL(`${address}`, window.document.baseURI);
		// Asking the browser for one of another origin would be a violation.
		if (origin !== window.location.origin) throw new Error(`${href} is of another origin`);
		// A module may import, as the files of a development server do.
		const worker = new window.Worker(address, { type: 'module' });
		const fail = (reason: string) => {
			window.clearTimeout(timer);
			worker.terminate();
			reject(new Error(reason));
		};
		const timer = window.setTimeout(fail, START_TIMEOUT_MS, `${href} did not answer; it may be no hearts worker`);
		worker.onerror = () => fail(`${href} did not start; check its address, its type, and worker-src of the policy`);
		worker.onmessage = ({ data }: MessageEvent<WorkerGreeting | undefined>) => {
			if (data?.heartsWorker !== WORKER_VERSION) return fail(`${href} cannot draw here, or is of another release`);
			window.clearTimeout(timer);
			worker.onerror = null;
			worker.onmessage = null;
			resolve(worker);
		};
	});
}

/**
 * Resolves with a renderer in a worker, which has the canvas for good; undefined if the browser has none. Rejects with the
 * reason when the worker cannot draw.
 */
export async function createWorkerRenderer(
	canvas: HTMLCanvasElement,
	window: Window & typeof globalThis,
	address: string | URL,
	settings: RendererSettings,
	drawings: Drawings,
): Promise<Renderer | undefined> {
	// No error: an older browser is no fault of the page.
	if (!('transferControlToOffscreen' in canvas)) return undefined;
	const worker = await startWorker(window, address);
	let offscreen: OffscreenCanvas;
	try {
		offscreen = canvas.transferControlToOffscreen();
	} catch (error) {
		worker.terminate();
		throw error;
	}
	const post = (order: WorkerOrder, moved: Transferable[] = []) => worker.postMessage(order, moved);
	let lastBurstAt = Number.NEGATIVE_INFINITY;

	function sendImage(type: string) {
		const sheet = new window.OffscreenCanvas(IMAGE_EDGE, IMAGE_EDGE);
		const context = sheet.getContext('2d');
		if (context) drawings.draw(context, type, IMAGE_EDGE);
		const image = sheet.transferToImageBitmap();
		try {
			post({ do: 'image', type, image }, [image]);
		} catch {
			drawings.fail(type, 'painter draws what is of another origin, without CORS');
		}
	}

	post({ do: 'start', canvas: offscreen, settings }, [offscreen]);
	for (const type of drawings.types) sendImage(type);
	return {
		isIdle: () => window.performance.now() - lastBurstAt > LONGEST_FLIGHT_MS,
		resize: (size) => post({ do: 'resize', size }),
		burst(burst, calm) {
			lastBurstAt = window.performance.now();
			post({ do: 'burst', burst, calm });
		},
		redraw: sendImage,
		rest: () => post({ do: 'rest' }),
		stop: () => post({ do: 'stop' }),
	};
}
