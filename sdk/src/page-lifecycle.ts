import type { Unbind } from './emitter.ts';

/**
 * Calls back when what failed before may work now, and what timers should have noticed may be late: the network is
 * back, the page is shown again, or it left the back/forward cache. Never, where there is no page.
 */
export function onResume(callback: () => void): Unbind {
	if (typeof addEventListener !== 'function') return () => {};
	const page = typeof document === 'undefined' ? undefined : document;
	const shown = () => {
		if (page?.visibilityState === 'visible') callback();
	};
	addEventListener('online', callback);
	addEventListener('pageshow', callback);
	page?.addEventListener('visibilitychange', shown);
	return () => {
		removeEventListener('online', callback);
		removeEventListener('pageshow', callback);
		page?.removeEventListener('visibilitychange', shown);
	};
}
