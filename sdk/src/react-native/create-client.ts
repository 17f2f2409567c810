import { type Client, openClient } from '../client.ts';
import { LikewireError } from '../errors.ts';
import type { ClientOptions } from '../options.ts';
import type { NativeEnvironment } from './environment.ts';
import { createNativePlatform } from './platform.ts';

/** How {@link createClient} finds its gateways, proves its user, and observes its phone. */
export interface NativeClientOptions extends ClientOptions, NativeEnvironment {}

/**
 * Connects an app of React Native to a gateway and stays connected.
 * Events arrive over a WebSocket, or by repeated requests where no WebSocket comes through. The parts of the phone are
 * optional.
 *
 * @throws {LikewireError} `invalid_option`, with the remedy.
 * @example
 * const live = createClient({ url, token: fetchToken, appState: AppState, netInfo: NetInfo, storage: AsyncStorage });
 */
export function createClient(options: NativeClientOptions): Client {
	for (const name of ['appState', 'netInfo'] as const) {
		const given = options?.[name];
		if (given !== undefined && typeof given?.addEventListener !== 'function') {
			throw new LikewireError('invalid_option', `${name}: must have addEventListener; pass the object itself.`);
		}
	}
	return openClient(options, createNativePlatform(options ?? {}));
}
