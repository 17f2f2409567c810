import type { Client } from '../../client.ts';
import { createClient } from '../../create-client.ts';
import { createIdentity } from '../../identity.ts';
import type { ClientOptions } from '../../options.ts';
import { claimsOf } from '../../token-source.ts';
import { type Live, openLive, type Viewer } from './live.ts';

/** What an element follows, and as which user. Elements with equal addresses share a client and a video. */
export interface Address {
	/** One address or several, separated by spaces. */
	readonly gateway: string;
	readonly token: ClientOptions['token'];
	readonly user: string | undefined;
	readonly video: string;
}

/** A video in use by elements. */
export interface Lease {
	readonly live: Live;
	/** Ends the use. The last one closes the video, and the client with its last video. Idempotent. */
	release(): void;
}

interface SharedClient {
	readonly address: Address;
	readonly client: Client;
	readonly viewer: Viewer;
	readonly videos: Map<string, { readonly live: Live; readonly close: () => void; uses: number }>;
}

const clients = new Set<SharedClient>();

function isSameClient(a: Address, b: Address): boolean {
	return a.gateway === b.gateway && a.token === b.token && a.user === b.user;
}

/** Returns whether two addresses are equal. */
export function isSameAddress(a: Address | undefined, b: Address | undefined): boolean {
	if (a === undefined || b === undefined) return a === b;
	return isSameClient(a, b) && a.video === b.video;
}

function openClient(address: Address): SharedClient {
	const { gateway, token, user } = address;
	let newest = typeof token === 'string' ? token : undefined;
	// The client alone calls the function, and the elements see what it returned.
	const watched = typeof token === 'function' ? async () => (newest = await token()) : token;
	const client = createClient({ url: gateway.split(/\s+/), token: watched, user });
	const viewer: Viewer = {
		async user() {
			if (token === undefined) return (await createIdentity({ token, user }).credentials()).user;
			const { sub } = claimsOf(newest ?? '');
			return typeof sub === 'string' ? sub : undefined;
		},
		mayModerate() {
			const { can } = claimsOf(newest ?? '');
			return Array.isArray(can) && can.includes('moderate');
		},
	};
	return { address, client, viewer, videos: new Map() };
}

/** Follows the video of an address, with the client of other elements where one has the address. Throws as `createClient` does. */
export function lease(address: Address): Lease {
	const shared = [...clients].find((other) => isSameClient(other.address, address)) ?? openClient(address);
	let opened = shared.videos.get(address.video);
	if (opened === undefined) {
		try {
			opened = { ...openLive(shared.client, address.video, shared.viewer), uses: 0 };
		} catch (error) {
			if (shared.videos.size === 0) shared.client.close();
			throw error;
		}
		shared.videos.set(address.video, opened);
		clients.add(shared);
	}
	const taken = opened;
	taken.uses++;
	let isReleased = false;
	return {
		live: taken.live,
		release() {
			if (isReleased) return;
			isReleased = true;
			if (--taken.uses > 0) return;
			taken.close();
			shared.videos.delete(address.video);
			if (shared.videos.size > 0) return;
			clients.delete(shared);
			shared.client.close();
		},
	};
}
