import type { Burst, CanvasSize, RendererSettings } from './renderer.ts';

/** The version of these messages: a page and the worker file that it hosts may be of different releases. */
export const WORKER_VERSION = 1;

/** A message of a page to its hearts worker. */
export type WorkerOrder =
	| { readonly do: 'start'; readonly canvas: OffscreenCanvas; readonly settings: RendererSettings }
	| { readonly do: 'resize'; readonly size: CanvasSize }
	| { readonly do: 'burst'; readonly burst: Burst; readonly calm: boolean }
	| { readonly do: 'image'; readonly type: string; readonly image: ImageBitmap }
	| { readonly do: 'rest' }
	| { readonly do: 'stop' };

/** The first message of the worker: 0 where it cannot draw. */
export interface WorkerGreeting {
	readonly heartsWorker: number;
}
