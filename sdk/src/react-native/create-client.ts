import { type Client, openClient } from '../client.ts';
import { LikewireError } from '../errors.ts';
import type { ClientOptions } from '../options.ts';
import type { NativeEnvironment } from './environment.ts';
import { createNativePlatform } from './platform.ts';

/** How {@link createClient} finds its gateways, says who it is, and knows its phone. */
export interface NativeClientOptions extends ClientOptions, NativeEnvironment {}

/**
 * Connects an app of React Native to a gateway and stays connected: over a WebSocket, or by requests that repeat where no
 * WebSocket comes through. What the app gives it of the phone is optional.
 *
 * @throws {LikewireError} `invalid_option`, with what to mend.
 * @example
 * const live = createClient({ url, token: fetchToken, appState: AppState, netInfo: NetInfo, storage: AsyncStorage });
 */
export function createClient(options: NativeClientOptions): Client {
	for (const name of ['appState', 'netInfo'] as const) {
		const given = options?.[name];
		if (given !== undefined && typeof given?.addEventListener !== 'function') {
			throw new LikewireError('invalid_option', `${name}: has to have addEventListener; give the object itself.`);
		}
	}
	return openClient(options, createNativePlatform(options ?? {}));
}
