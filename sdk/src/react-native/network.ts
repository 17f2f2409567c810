import type { PlatformCallbacks } from '../platform.ts';
import type { NetworkState } from './environment.ts';

/** Listens to NetInfo: goes on at once when the phone has a network again, or another one. */
export function createNetworkListener({ suspend, resume }: PlatformCallbacks): (state: NetworkState) => void {
	let before: NetworkState | undefined;
	return (state) => {
		const { isConnected, type } = before ?? state;
		before = state;
		if (!state.isConnected || (isConnected && type === state.type)) return;
		// The sockets of the network before are dead, and nothing says so.
		suspend();
		resume();
	};
}
