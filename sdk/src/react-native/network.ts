import type { PlatformCallbacks } from '../platform.ts';
import type { NetworkState } from './environment.ts';

/**
 * Returns a listener of NetInfo that reconnects at once when the phone gets a network.
 * The network may be the first after none, or another one.
 */
export function createNetworkListener({ suspend, resume }: PlatformCallbacks): (state: NetworkState) => void {
	let before: NetworkState | undefined;
	return (state) => {
		const { isConnected, type } = before ?? state;
		before = state;
		if (!state.isConnected || (isConnected && type === state.type)) return;
		// The sockets of the network before are dead, and no event reports it.
		suspend();
		resume();
	};
}
