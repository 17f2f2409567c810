import type { Unbind } from './emitter.ts';

export interface PageCallbacks {
	/**
	 * What failed before may work now, and what timers should have noticed may be late: the network is back, the page is
	 * shown again, or it left the back/forward cache.
	 */
	onResume(): void;
	/** The page is hidden: on a phone it may never run again. */
	onHide(): void;
	/** The page is left. It may be kept, and come back. */
	onLeave(): void;
}

/** Calls back as a page comes and goes. Never, where there is no page. */
export function watchPage({ onResume, onHide, onLeave }: PageCallbacks): Unbind {
	if (typeof addEventListener !== 'function') return () => {};
	const page = typeof document === 'undefined' ? undefined : document;
	const onVisible = () => {
		if (page?.visibilityState === 'visible') onResume();
		else onHide();
	};
	const listeners = { online: onResume, pageshow: onResume, pagehide: onLeave };
	for (const [name, listener] of Object.entries(listeners)) addEventListener(name, listener);
	page?.addEventListener('visibilitychange', onVisible);
	return () => {
		for (const [name, listener] of Object.entries(listeners)) removeEventListener(name, listener);
		page?.removeEventListener('visibilitychange', onVisible);
	};
}
