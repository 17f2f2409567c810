import type { PlatformCallbacks } from './platform.ts';

/** Calls back as a page comes and goes; never outside a page. */
export function watchPage({ resume, flush, suspend }: PlatformCallbacks, signal: AbortSignal): void {
	if (typeof addEventListener !== 'function') return;
	const listeners = {
		online: resume,
		pageshow: resume,
		pagehide: suspend,
		visibilitychange: () => (document.visibilityState === 'visible' ? resume : flush)(),
	};
	for (const [name, listener] of Object.entries(listeners)) addEventListener(name, listener, { signal });
}
