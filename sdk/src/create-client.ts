import { type Client, openClient } from './client.ts';
import type { ClientOptions } from './options.ts';
import { watchPage } from './page-lifecycle.ts';
import type { Platform } from './platform.ts';
import { createSharedConnection } from './shared-connection.ts';
import { chooseTransport } from './transports.ts';

/** A page of a browser, or a program without a page. */
const BROWSER: Platform = { watch: watchPage, connect: createSharedConnection, chooseTransport };

/**
 * Connects to a gateway and stays connected over one stream.
 * In a browser, all tabs of the user share the stream. The first request names all topics followed in this turn.
 *
 * @throws {LikewireError} `invalid_option`, with the remedy.
 * @example
 * const live = createClient({ url: 'http://127.0.0.1:8080' });
 * const video = live.video('v1');
 * video.on('totals', ({ heart = 0 }) => { counter.textContent = heart; });
 * button.onclick = () => video.like();
 */
export function createClient(options: ClientOptions): Client {
	return openClient(options, BROWSER);
}
