import { type AnyContext, contextOf } from './canvases.ts';
import { painterOf, paintReaction } from './reactions.ts';
import { createRenderer, type FrameSource, type Renderer } from './renderer.ts';
import { WORKER_VERSION, type WorkerGreeting, type WorkerOrder } from './worker-messages.ts';

/** The part of `DedicatedWorkerGlobalScope` that this file uses. */
interface WorkerScope extends FrameSource {
	postMessage(message: WorkerGreeting): void;
	addEventListener(type: 'message', listener: (event: MessageEvent<WorkerOrder>) => void): void;
	close(): void;
}

const scope = globalThis as unknown as WorkerScope;
const createCanvas = (edge: number) => new OffscreenCanvas(edge, edge);

/** The drawings of the page, which renders its painters, emoji and images. */
const images = new Map<string, ImageBitmap>();
let renderer: Renderer | undefined;

function draw(context: AnyContext, type: string, edge: number): void {
	const image = images.get(type);
	if (image) {
		context.imageSmoothingQuality = 'high';
		context.drawImage(image, 0, 0, edge, edge);
	} else paintReaction(context as CanvasRenderingContext2D, type, edge, painterOf(type));
}

function obey(order: WorkerOrder): void {
	if (order.do === 'start') {
		const { canvas, settings } = order;
		const context = contextOf(canvas);
		if (!context) return;
		renderer = createRenderer(settings, { canvas, context, frames: scope, createCanvas, draw, random: Math.random });
	} else if (order.do === 'resize') renderer?.resize(order.size);
	else if (order.do === 'burst') renderer?.burst(order.burst, order.calm);
	else if (order.do === 'image') {
		images.set(order.type, order.image);
		renderer?.redraw(order.type);
	} else {
		renderer?.rest();
		if (order.do === 'stop') end();
	}
}

/** Ends the worker once the screen shows the cleared canvas. A hidden page shows none. */
function end(): void {
	scope.requestAnimationFrame(() => scope.requestAnimationFrame(() => scope.close()));
	setTimeout(() => scope.close(), 1_000);
}

/** Returns whether this worker can draw: Safari before 16.4 has neither. */
function canDraw(): boolean {
	return 'requestAnimationFrame' in scope && typeof OffscreenCanvas === 'function' && !!contextOf(createCanvas(1));
}

scope.addEventListener('message', ({ data }) => obey(data));
scope.postMessage({ heartsWorker: canDraw() ? WORKER_VERSION : 0 });
