import { useCallback, useMemo, useSyncExternalStore } from 'react';
import type { Client } from '../index.ts';
import { useClientScope } from './provider.ts';

interface Handle {
	close(): void;
}

/** What a hook follows while its component is mounted. */
export interface Followed<H> {
	/** Undefined before the component mounts, and while a server renders the page. */
	handle: H | undefined;
}

/**
 * Opens a handle while the component is mounted, and renders again when the result of `read` changes.
 *
 * @param key Names what to follow: another key is another handle.
 * @param open Opens the handle and calls `changed` when `read` may have a new result. Must depend on `key` alone.
 * @param read Must return the same object for the same state.
 */
export function useHandle<H extends Handle, Snapshot>(
	key: string,
	open: (client: Client, changed: () => void) => H,
	read: (handle: H | undefined) => Snapshot,
): [Snapshot, Followed<H>] {
	const scope = useClientScope();
	const followed = useMemo<Followed<H>>(() => ({ handle: undefined }), [scope, key]);
	const subscribe = useCallback(
		(changed: () => void) => {
			const client = scope.acquire();
			let handle: H;
			try {
				handle = open(client, changed);
			} catch (error) {
				scope.release();
				throw error;
			}
			followed.handle = handle;
			return () => {
				followed.handle = undefined;
				handle.close();
				scope.release();
			};
		},
		[scope, followed],
	);
	const snapshot = useSyncExternalStore(
		subscribe,
		() => read(followed.handle),
		() => read(undefined),
	);
	return [snapshot, followed];
}
