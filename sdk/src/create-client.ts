import { type Client, openClient } from './client.ts';
import type { ClientOptions } from './options.ts';
import { watchPage } from './page-lifecycle.ts';
import type { Platform } from './platform.ts';
import { createSharedConnection } from './shared-connection.ts';
import { chooseTransport } from './transports.ts';

/** A page of a browser, or a program that has no page. */
const BROWSER: Platform = { watch: watchPage, connect: createSharedConnection, chooseTransport };

/**
 * Connects to a gateway and stays connected: one stream for all that is followed, in a browser by all tabs of the user. It
 * asks at once for what is followed in the same turn.
 *
 * @throws {LikewireError} `invalid_option`, with what to mend.
 * @example
 * const live = createClient({ url: 'http://127.0.0.1:8080' });
 * const video = live.video('v1');
 * video.on('totals', ({ heart = 0 }) => { counter.textContent = heart; });
 * button.onclick = () => video.like();
 */
export function createClient(options: ClientOptions): Client {
	return openClient(options, BROWSER);
}
